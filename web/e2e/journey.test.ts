/** Two browsers go from sign-up to feedback against the real system; one loses its network, one reloads. */
import AxeBuilderSource from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { launch, picture, type Visitor, visitor } from "../testing/browser.js";
import { type RunningSystem, startSystem } from "../testing/system.js";

let system: RunningSystem;
let browser: Browser;
let ada: Visitor;
let bob: Visitor;

beforeAll(async () => {
  system = await startSystem();
  browser = await launch();
  ada = await visitor(browser, system.url, { colorScheme: "light" });
  bob = await visitor(browser, system.url, { colorScheme: "dark", viewport: { width: 1280, height: 800 } });
  ada.page.on("dialog", (dialog) => void dialog.accept());
});

afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

/** What axe found on any page, told together at the end. */
const findings = new Set<string>();

async function lookClosely(page: Page): Promise<void> {
  await page.evaluate(AxeBuilderSource.source);
  const result = (await page.evaluate("axe.run()")) as { violations: { id: string; nodes: { target: string[] }[] }[] };
  for (const { id, nodes } of result.violations) {
    for (const { target } of nodes) findings.add(`${new URL(page.url()).hash} ${id}: ${target.join(" ")}`);
  }
}

async function signUp({ page }: Visitor, name: string): Promise<void> {
  await page.goto(`${system.url}/practice`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(`${name}.${Date.now()}@example.org`.toLowerCase());
  await page.getByLabel("Password").fill(`a long password of ${name}`);
  await page.getByLabel("Your level").selectOption("INTERMEDIATE");
  await page.getByRole("button", { name: "Create my account" }).click();
  await page.getByRole("heading", { name: "Questions" }).waitFor();
}

/** The whole code in the editor, as CodeMirror shows it. */
async function code({ page }: Visitor): Promise<string> {
  const lines = await page.locator(".cm-line").evaluateAll((all) =>
    all.map((line) => {
      const copy = line.cloneNode(true) as Element;
      copy.querySelectorAll(".cm-ySelectionCaret").forEach((cursor) => cursor.remove());
      return copy.textContent;
    }),
  );
  return lines.join("\n");
}

async function append({ page }: Visitor, text: string): Promise<void> {
  const editor = page.locator(".cm-content");
  await editor.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Home");
  // A comment: the editor closes no brackets in it.
  await page.keyboard.type(text, { delay: 12 });
}

async function saved({ page }: Visitor): Promise<void> {
  await page.locator('.saved[data-unsaved="0"].good').waitFor({ timeout: 30_000 });
}

test("the first page is there within a second and bears a look by keyboard and screen reader", async () => {
  const { page } = ada;
  const began = Date.now();
  await page.goto(`${system.url}/practice`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  // The machine of a test run may be busy; alone it takes a tenth of this.
  expect(Date.now() - began).toBeLessThan(5_000);
  await lookClosely(page);
  await picture(page, "enter-light");
  await bob.page.goto(`${system.url}/practice`);
  await bob.page.getByRole("heading", { level: 1 }).waitFor();
  await picture(bob.page, "enter-dark");
  await lookClosely(bob.page);
});

test("signs up, and finds a question by words", async () => {
  await Promise.all([signUp(ada, "Ada"), signUp(bob, "Bob")]);
  const { page } = ada;
  await page.locator(".list .row").first().waitFor();
  await lookClosely(page);
  await picture(page, "questions-light");
  await bob.page.locator(".list .row").first().waitFor();
  await picture(bob.page, "questions-dark");
  await lookClosely(bob.page);
  await page.getByLabel("Search questions").fill("binary search");
  await page.waitForTimeout(800);
  await page.locator(".list .row").first().click();
  await page.getByText("Sample 1").waitFor();
  await lookClosely(page);
  await picture(page, "question-light");
  await page.getByRole("link", { name: "All questions" }).click();
  await page.getByLabel("Search questions").fill("zzzzqqqq");
  await page.getByText("No question fits").waitFor();
});

test("waits in the queue, sees why, and comes to one room with the other", async () => {
  await ada.page.goto(`${system.url}/practice#/match`);
  await ada.page.getByRole("button", { name: "Find a partner" }).click();
  await ada.page.getByRole("heading", { name: "Looking for a partner" }).waitFor();
  await ada.page.getByText("1 of 1").waitFor();
  await lookClosely(ada.page);
  await picture(ada.page, "queue-light");
  await bob.page.goto(`${system.url}/practice#/match`);
  await bob.page.getByRole("button", { name: "Find a partner" }).waitFor();
  await bob.page.waitForTimeout(500);
  await picture(bob.page, "ask-dark");
  await bob.page.getByRole("button", { name: "Find a partner" }).click();
  for (const { page } of [ada, bob]) {
    await page.waitForURL(/#\/rooms\//, { timeout: 30_000 });
    await page.locator(".cm-content").waitFor({ timeout: 30_000 });
  }
  expect(new URL(ada.page.url()).hash).toBe(new URL(bob.page.url()).hash);
});

test("writes together, with cursors and names, and talks", async () => {
  await append(ada, "# ada was here");
  await bob.page.getByText("# ada was here").waitFor();
  await append(bob, "# so was bob");
  await ada.page.getByText("# so was bob").waitFor();
  await ada.page.locator(".cm-ySelectionInfo", { hasText: "Bob" }).waitFor();
  await ada.page.getByLabel("Message").fill("Shall we sort first?");
  await ada.page.getByRole("button", { name: "Send" }).click();
  await bob.page.getByText("Shall we sort first?").waitFor();
  await bob.page.getByLabel("Message").fill("Yes, then two pointers.");
  await bob.page.getByLabel("Message").press("Enter");
  await ada.page.getByText("Yes, then two pointers.").waitFor();
  await lookClosely(ada.page);
  await lookClosely(bob.page);
});

test("one writes without a network for ten seconds, the other goes on, and both have everything in the end", async () => {
  await ada.context.setOffline(true);
  await ada.page.getByText("You are offline").waitFor();
  await append(ada, "# written offline by ada");
  await append(bob, "# written meanwhile by bob");
  await ada.page.waitForTimeout(10_000);
  expect(await ada.page.locator(".saved").innerText()).toMatch(/Reconnecting/);
  await picture(ada.page, "offline-light");
  await ada.context.setOffline(false);
  await Promise.all([saved(ada), saved(bob)]);
  await bob.page.getByText("# written offline by ada").waitFor();
  await ada.page.getByText("# written meanwhile by bob").waitFor();
  await expect.poll(async () => (await code(ada)) === (await code(bob)), { timeout: 10_000 }).toBe(true);
});

test("one reloads in the middle and finds everything as it was", async () => {
  const before = await code(ada);
  await bob.page.reload();
  await bob.page.locator(".cm-content").waitFor();
  await expect.poll(() => code(bob), { timeout: 10_000 }).toBe(before);
  await bob.page.getByText("Shall we sort first?").waitFor();
});

test("runs the code, and both see what comes out", async () => {
  await picture(ada.page, "room-light-before");
  await ada.page.getByRole("button", { name: "Run", exact: true }).click();
  for (const { page } of [ada, bob]) await page.locator(".runs h2").waitFor({ timeout: 60_000 });
  await bob.page.getByRole("button", { name: "Submit" }).click();
  await expect.poll(() => ada.page.locator(".runs .older li").count(), { timeout: 60_000 }).toBeGreaterThan(0);
  for (const { page } of [ada, bob]) await page.locator(".runs h2").waitFor({ timeout: 60_000 });
  await picture(ada.page, "room-light");
  await picture(bob.page, "room-dark");
});

test("switches the language for both", async () => {
  await bob.page.locator(".actions select").selectOption("JAVASCRIPT");
  await ada.page.getByLabel("Code in JavaScript").waitFor();
  await bob.page.getByLabel("Code in JavaScript").waitFor();
  await expect.poll(async () => (await code(ada)) === (await code(bob))).toBe(true);
});

test("is usable on a phone", async () => {
  await ada.page.setViewportSize({ width: 390, height: 800 });
  try {
    await usedOnPhone();
  } finally {
    await ada.page.setViewportSize({ width: 1280, height: 800 });
  }
});

async function usedOnPhone(): Promise<void> {
  await ada.page.getByRole("tab", { name: "Code" }).click();
  await picture(ada.page, "phone-code-light");
  await ada.page.getByRole("tab", { name: "Question" }).click();
  await ada.page.locator(".question").waitFor();
  await picture(ada.page, "phone-question-light");
  const overflow = await ada.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await lookClosely(ada.page);
}

test("ends for both, and is in the history", async () => {
  await ada.page.getByRole("button", { name: "End", exact: true }).click();
  for (const { page } of [ada, bob]) await page.getByText(/^Ended/).waitFor({ timeout: 15_000 });
  for (const [{ page }, word] of [[ada, "Clear ideas"], [bob, "Patient"]] as const) {
    await page.locator(".stars label").nth(3).click();
    await page.getByLabel("What went well").fill(word);
    await lookClosely(page);
    await page.getByRole("button", { name: "Give feedback" }).click();
    await page.getByText("You said:").waitFor();
  }
  await bob.page.getByText("Ada said:").waitFor();
  await picture(bob.page, "feedback-dark");
  await bob.page.goto(`${system.url}/practice#/history`);
  await bob.page.getByText("with Ada").waitFor();
  await expect.poll(() => bob.page.locator(".list .topics").first().innerText(), { timeout: 15_000 }).toMatch(/ended|completed/);
  await lookClosely(bob.page);
  await picture(bob.page, "history-dark");
});

test("axe finds nothing on any of the pages", () => {
  expect([...findings]).toEqual([]);
});

test("asked no other host for anything, and had no error but the lost network", () => {
  expect([...ada.foreign, ...bob.foreign]).toEqual([]);
  expect(bob.errors).toEqual([]);
  expect(ada.errors.filter((text) => !/ERR_INTERNET_DISCONNECTED/.test(text))).toEqual([]);
});
