/** Every page and state in light and dark, on a desktop and on a phone: no finding of axe, nothing too wide, a picture of each. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

import { launch, type Visitor, visitor } from "../testing/browser.js";
import { lookAt } from "../testing/looks.js";
import { stepByStep } from "../testing/steps.js";
import { append, inRoom, meetByLink, saved, signUp } from "./room.js";

const origin = inject("origin");
stepByStep(() => [ada, bob]);
let browser: Browser;
let ada: Visitor;
let bob: Visitor;
let room: string;

beforeAll(async () => {
  browser = await launch();
  ada = await visitor(browser, origin, { permissions: ["camera", "microphone"] });
  bob = await visitor(browser, origin, { permissions: ["camera", "microphone"] });
});

afterAll(async () => {
  await browser?.close();
});

async function open(page: Page, path: string): Promise<void> {
  await page.goto(`${origin}/practice#/${path}`);
  // The same address with another fragment is no new page to the browser.
  await page.reload();
}

test("entering, and what is said when it fails", async () => {
  const { page } = ada;
  await page.goto(`${origin}/practice`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await lookAt(page, "enter")).toEqual([]);
  await page.getByRole("tab", { name: "Log in" }).click();
  await page.getByLabel("E-mail").fill("nobody@example.org");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Let me in" }).click();
  await page.getByRole("alert").waitFor();
  expect(await lookAt(page, "enter-refused")).toEqual([]);
});

test("questions: the list, nothing found, loading, failed, offline", async () => {
  await Promise.all([signUp(ada, origin, "Ada"), signUp(bob, origin, "Bob")]);
  const { page, context } = ada;
  await page.locator(".list .row").first().waitFor();
  expect(await lookAt(page, "questions")).toEqual([]);
  await page.getByLabel("Search questions").fill("zzzzqqqq");
  await page.getByText("No question fits").waitFor();
  expect(await lookAt(page, "questions-none")).toEqual([]);

  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/graphql", async (route) => (await held, route.abort()));
  await page.reload();
  await page.getByText("Loading questions…").waitFor();
  expect(await lookAt(page, "questions-loading")).toEqual([]);
  release();
  await page.getByText("The server does not answer.").waitFor();
  expect(await lookAt(page, "questions-failed")).toEqual([]);
  await page.unroute("**/graphql");
  await page.getByRole("button", { name: "Try again" }).first().click();
  await page.locator(".list .row").first().waitFor();

  await context.setOffline(true);
  await page.getByText("You are offline.").waitFor();
  expect(await lookAt(page, "questions-offline")).toEqual([]);
  await context.setOffline(false);
  await page.locator(".list .row").first().click();
  await page.getByText("Sample 1").waitFor();
  expect(await lookAt(page, "question")).toEqual([]);
});

test("history and profile with nothing in them, and an address that leads nowhere", async () => {
  const { page } = ada;
  await open(page, "history");
  await page.getByText("Nothing here yet.").waitFor();
  expect(await lookAt(page, "history-empty")).toEqual([]);
  await open(page, "profile");
  await page.getByText("Not measured yet").waitFor();
  expect(await lookAt(page, "profile-new")).toEqual([]);
  await open(page, "join/nothing");
  await page.getByRole("alert").waitFor();
  expect(await lookAt(page, "invitation-gone")).toEqual([]);
});

test("the queue: wishes, waiting, the ready check", async () => {
  const { page } = ada;
  await open(page, "match");
  await page.getByRole("button", { name: "Find a partner" }).waitFor();
  expect(await lookAt(page, "ask")).toEqual([]);
  await page.getByRole("button", { name: "Find a partner" }).click();
  await page.getByText("1 of 1").waitFor();
  expect(await lookAt(page, "queue")).toEqual([]);
  await open(bob.page, "match");
  await bob.page.getByRole("button", { name: "Find a partner" }).click();
  await page.getByRole("heading", { name: "Bob was found. Are you here?" }).waitFor();
  expect(await lookAt(page, "ready")).toEqual([]);
  await bob.page.getByRole("button", { name: "Not now" }).click();
  await page.getByRole("button", { name: "Stop waiting" }).click();
  await page.getByRole("button", { name: "Make a link" }).click();
  await page.getByLabel(/Give this link/).waitFor();
  expect(await lookAt(page, "invitation")).toEqual([]);
});

test("the room: code of both, chat, a run, a call, its dialogs, on a phone each of its parts", async () => {
  room = await meetByLink(ada, bob, origin);
  const { page } = ada;
  await append(bob, "# sort by start, then sweep once");
  await page.getByText("# sort by start, then sweep once").waitFor();
  await append(ada, "# O(n log n) is fine for 5000");
  await page.getByLabel("Message", { exact: true }).fill("Shall we sort first?");
  await page.getByRole("button", { name: "Send" }).click();
  await bob.page.getByText("Shall we sort first?").waitFor();
  await bob.page.getByRole("button", { name: "Answer" }).click();
  await bob.page.getByLabel("Message", { exact: true }).fill("Yes, and sweep.");
  await bob.page.getByRole("button", { name: "Send" }).click();
  await page.getByText("Yes, and sweep.").waitFor();
  await page.getByRole("button", { name: /^Start \d+ min/ }).click();
  await page.getByRole("timer").waitFor();
  await page.getByRole("button", { name: "Submit" }).click();
  await page.locator(".runs h2").waitFor();
  await saved(ada);
  expect(await lookAt(page, "room")).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const part of ["Question", "Talk"]) {
    await page.getByRole("tab", { name: part }).click();
    expect(await lookAt(page, `room-${part.toLowerCase()}`)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
  }
  await page.getByRole("tab", { name: "Code" }).click();
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Swap roles" }).click();
  await page.getByLabel("Go on with a second question").check();
  await page.getByLabel("Second question", { exact: true }).waitFor();
  expect(await lookAt(page, "room-swap")).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
});

test("the room in a call, and as an interviewer with hints and notes", async () => {
  const { page } = ada;
  await page.getByRole("button", { name: "Swap roles" }).click();
  await page.getByRole("button", { name: "Swap", exact: true }).click();
  await page.getByText("Only you see this").waitFor();
  await page.getByRole("button", { name: "Start a call" }).click();
  await bob.page.getByRole("button", { name: "Ada is calling: join" }).click();
  await page.locator('.call[data-status="connected"]').waitFor();
  await page.getByLabel("Bob's picture").waitFor();
  await page.getByText(/^My notes/).click();
  expect(await lookAt(page, "room-call")).toEqual([]);
  // Two pictures that are encoded and decoded keep a small machine busy.
  await page.getByRole("button", { name: "Leave the call" }).click();
  await bob.page.getByRole("button", { name: "Leave the call" }).click();
});

test("the room without a network", async () => {
  await ada.context.setOffline(true);
  await ada.page.getByText("You are offline.").waitFor();
  await append(ada, "# written without a network");
  await ada.page.getByText("Reconnecting; your changes are kept").waitFor();
  expect(await lookAt(ada.page, "room-offline")).toEqual([]);
  await ada.context.setOffline(false);
  await saved(ada);
});

test("the end: feedback to give and given, history, playback, profile", async () => {
  const { page } = ada;
  await page.getByRole("button", { name: "End", exact: true }).click();
  expect(await lookAt(page, "room-end")).toEqual([]);
  await page.getByRole("button", { name: "End it" }).click();
  await page.getByRole("button", { name: "Give feedback" }).waitFor();
  expect(await lookAt(page, "feedback")).toEqual([]);
  for (const { page: each } of [ada, bob]) {
    await each.locator(".stars label").nth(3).click();
    await each.getByLabel("What went well").fill("Clear ideas, and patient with mine.");
    await each.getByRole("button", { name: "Give feedback" }).click();
    await each.getByText("You said:").waitFor();
  }
  await page.reload();
  await page.getByText("Bob said:").waitFor();
  expect(await lookAt(page, "feedback-given")).toEqual([]);
  await open(page, "history");
  await page.getByText("with Bob").first().waitFor();
  expect(await lookAt(page, "history")).toEqual([]);
  await open(page, `playback/${room}`);
  await page.getByLabel("Moment", { exact: true }).waitFor();
  expect(await lookAt(page, "playback")).toEqual([]);
  await open(page, "profile");
  await page.getByRole("heading", { name: "Rating", exact: true }).waitFor();
  expect(await lookAt(page, "profile")).toEqual([]);
});

test("a room that one may not see", async () => {
  const eve = await visitor(browser, origin);
  await signUp(eve, origin, "Eve");
  await open(eve.page, `rooms/${room}`);
  await eve.page.getByRole("alert").waitFor();
  expect(await lookAt(eve.page, "room-refused")).toEqual([]);
  await eve.context.close();
});

test("the whole way is open to the keyboard alone", async () => {
  const kim = await visitor(browser, origin);
  const { page } = kim;
  await signUp(kim, origin, "Kim");
  await open(page, "questions");
  await page.locator(".list .row").first().waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement?.textContent")).toBe("Skip to the content");
  await page.keyboard.press("Enter");
  expect(await page.evaluate("document.activeElement?.tagName")).toBe("MAIN");
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement?.getAttribute('aria-label')")).toBe("Search questions");
  for (let stop = 0; stop < 10 && !(await page.evaluate("document.activeElement?.classList.contains('row')")); stop += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Sample 1").waitFor();
  expect(await page.evaluate("document.activeElement?.tagName")).toBe("MAIN");
  await kim.context.close();
});

test("the editor can be left by the keyboard", async () => {
  await meetByLink(ada, bob, origin);
  await inRoom(ada.page);
  await ada.page.locator(".cm-content").focus();
  await ada.page.keyboard.press("Escape");
  await ada.page.keyboard.press("Tab");
  expect(await ada.page.evaluate("document.activeElement?.closest('.cm-editor') === null")).toBe(true);
  expect([...ada.foreign, ...bob.foreign]).toEqual([]);
});
