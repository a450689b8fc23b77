/** Statements from Markdown, and times and names in words. */
import { renderToStaticMarkup } from "react-dom/server";
import { createElement } from "react";
import { expect, test } from "vitest";

import { Markdown } from "../src/markdown";
import { duration, inWords } from "../src/words";

test("statements become elements, and HTML in them stays text", () => {
  const text = "Return `[1, 2]` of the **best** day.\n\n- one\n- two\n  more\n\n```\na < b\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>";
  const html = renderToStaticMarkup(createElement(Markdown, { text, heading: "h2" }));
  expect(html).toContain("<code>[1, 2]</code>");
  expect(html).toContain("<strong>best</strong>");
  expect(html).toContain("<li>two more</li>");
  expect(html).toContain("<pre>a &lt; b</pre>");
  expect(html).toContain("<td>2</td>");
  expect(html).not.toContain("<script>");
});

test("a line that looks like the start of a block and is none does not hang the page", () => {
  expect(renderToStaticMarkup(createElement(Markdown, { text: "-not a list\n#not a title\n|", heading: "h2" }))).toContain("not a list");
});

test("times and names are told in words", () => {
  expect([duration(5), duration(65), duration(3700), duration(-1)]).toEqual(["5 s", "1 min 5 s", "1 h 1 min", "0 s"]);
  expect(inWords("TIME_LIMIT")).toBe("Time limit");
});
