/** Which operation of a document the explorer runs. */
import { expect, test } from "vitest";

import { chosenOperation } from "../src/chosenOperation.js";

test("of several operations the named one runs", () => {
  expect(chosenOperation("query A { me { id } } subscription B { ticks }", "B")).toEqual({ name: "B", kind: "subscription" });
});

test("the only operation runs, whatever name the document before it had", () => {
  expect(chosenOperation("subscription B { ticks }", "A")).toEqual({ name: "B", kind: "subscription" });
  expect(chosenOperation("{ me { id } }", "A")).toEqual({ name: undefined, kind: "query" });
});

test("a name that fits none of several, and a document that cannot be read, are left to the gateway", () => {
  expect(chosenOperation("query A { me { id } } query B { me { id } }", "C")).toEqual({ name: "C", kind: undefined });
  expect(chosenOperation("query A {", "A")).toEqual({ name: "A", kind: undefined });
  expect(chosenOperation("", null)).toEqual({ name: undefined, kind: undefined });
});
