/** The explorer in Chromium against the real system: log in with one click, run an example, see its plan, follow a stream. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

import { launch, picture, visitor } from "../testing/browser.js";

const origin = inject("origin");
const graphql = `${origin}/graphql`;
let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
});

test.each(["light", "dark"] as const)("runs an operation and draws its plan, asking no other host (%s)", async (colorScheme) => {
  const { page, context, foreign, errors } = await visitor(browser, origin, { colorScheme, viewport: { width: 1440, height: 820 } });
  await page.goto(graphql);
  await page.getByRole("button", { name: "Be somebody new" }).click();
  await page.getByText("Logged in as").waitFor();
  await page.locator(".graphiql-query-editor .view-line").first().waitFor();
  await page.getByLabel("Example operations").selectOption({ label: "Search questions" });
  await page.locator(".graphiql-query-editor").getByText("questionFacets").waitFor();
  await page.getByRole("button", { name: /Execute query/ }).click();
  const plan = page.getByLabel("Query plan");
  await plan.getByText("questions").first().waitFor();
  expect(await plan.locator(".ms").first().innerText()).toMatch(/^[\d.]+ ms$/);
  await page.getByLabel("Example operations").selectOption({ label: "Me: rating and progress" });
  await page.locator(".graphiql-query-editor").getByText("ratingHistory").waitFor();
  await page.getByRole("button", { name: /Execute query/ }).click();
  await plan.getByText("users").first().waitFor();
  await page.waitForTimeout(500);
  await picture(page, `explorer-${colorScheme}`);
  expect(foreign).toEqual([]);
  expect(errors).toEqual([]);
  await context.close();
});

test("follows a subscription", async () => {
  const { page, context } = await visitor(browser, origin);
  await page.goto(graphql);
  await page.getByRole("button", { name: "Be somebody new" }).click();
  await page.getByText("Logged in as").waitFor();
  await page.locator(".graphiql-query-editor .view-line").first().waitFor();
  await page.getByLabel("Example operations").selectOption({ label: "Ask for a partner" });
  await page.locator(".graphiql-query-editor").getByText("AlreadyQueued").first().waitFor();
  await page.getByRole("button", { name: /Execute query/ }).click();
  await page.locator(".result-window").getByText("MatchTicket").waitFor();
  await page.getByLabel("Example operations").selectOption({ label: "Follow my search (subscription)" });
  await page.locator(".graphiql-query-editor").getByText("MatchRelaxed").first().waitFor();
  await page.getByRole("button", { name: /Execute query/ }).click();
  await page.locator(".result-window").getByText(/Match(Queued|Position|Relaxed|Proposed|Made)/).first().waitFor();
  await context.close();
});
