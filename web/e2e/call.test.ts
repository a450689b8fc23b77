/** Two real browsers in a call, over Chromium's own fake camera and microphone; and one that has neither. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

import { launch, type Visitor, visitor } from "../testing/browser.js";
import { stepByStep } from "../testing/steps.js";
import { inRoom, meetByLink, signUp } from "./room.js";

stepByStep(() => [ada, bob]);
const origin = inject("origin");
let browser: Browser;
let deaf: Browser;
let ada: Visitor;
let bob: Visitor;

beforeAll(async () => {
  [browser, deaf] = await Promise.all([launch(), launch(["--use-fake-device-for-media-stream"])]);
  ada = await visitor(browser, origin, { permissions: ["camera", "microphone"] });
  bob = await visitor(browser, origin, { permissions: ["camera", "microphone"] });
  await Promise.all([signUp(ada, origin, "Ada"), signUp(bob, origin, "Bob")]);
  await meetByLink(ada, bob, origin);
});

afterAll(async () => {
  await browser?.close();
  await deaf?.close();
});

const status = (page: Page, word: string): Promise<void> => page.locator(`.call[data-status="${word}"]`).waitFor();

/** Pictures of the partner really arrive: frames are decoded. */
async function seesPictures(page: Page): Promise<void> {
  const video = page.getByLabel(/'s picture$/);
  await video.waitFor();
  await expect.poll(() => video.evaluate((element) => (element as HTMLVideoElement).videoWidth > 0 && (element as HTMLVideoElement).currentTime > 0), { timeout: 60_000 }).toBe(true);
}

test("one calls, the other is asked and joins, and both see and hear each other", async () => {
  await ada.page.getByRole("button", { name: "Start a call" }).click();
  await ada.page.getByText("Bob has to join, too.").waitFor();
  await bob.page.getByRole("button", { name: "Ada is calling: join" }).click();
  await Promise.all([status(ada.page, "connected"), status(bob.page, "connected")]);
  await Promise.all([seesPictures(ada.page), seesPictures(bob.page)]);
});

test("mute and camera are told to the other", async () => {
  await ada.page.getByRole("button", { name: "Microphone on" }).click();
  await bob.page.getByText("Ada is muted.").waitFor();
  await ada.page.getByRole("button", { name: "Microphone off" }).click();
  await bob.page.getByText("Connected.").waitFor();
  await ada.page.getByRole("button", { name: "Camera on" }).click();
  await bob.page.getByText("Ada shows no picture").waitFor();
  await ada.page.getByText("Your camera is off").waitFor();
  await ada.page.getByRole("button", { name: "Camera off" }).click();
  await seesPictures(bob.page);
});

test("after a reload the call is joined again, whoever gives way", async () => {
  for (const [one, other] of [[ada, bob], [bob, ada]] as const) {
    await one.page.reload();
    await inRoom(one.page);
    await status(other.page, "waiting");
    await one.page.locator('.call[data-status="away"] button').click();
    await Promise.all([status(one.page, "connected"), status(other.page, "connected")]);
    await Promise.all([seesPictures(one.page), seesPictures(other.page)]);
  }
});

test("both call at the same moment, and one line comes of it", async () => {
  for (const { page } of [ada, bob]) await page.getByRole("button", { name: "Leave the call" }).click();
  for (const { page } of [ada, bob]) await page.getByRole("button", { name: "Start a call" }).waitFor();
  await Promise.all([ada, bob].map(({ page }) => page.getByRole("button", { name: "Start a call" }).click()));
  await Promise.all([status(ada.page, "connected"), status(bob.page, "connected")]);
  await Promise.all([seesPictures(ada.page), seesPictures(bob.page)]);
});

test("without camera and microphone one joins all the same, sees the other, and is told what is missing", async () => {
  const [eve, dan] = [await visitor(deaf, origin), await visitor(browser, origin, { permissions: ["camera", "microphone"] })];
  await Promise.all([signUp(eve, origin, "Eve"), signUp(dan, origin, "Dan")]);
  await meetByLink(eve, dan, origin);
  await eve.page.getByRole("button", { name: "Start a call" }).click();
  await eve.page.getByText("No microphone was found.").waitFor();
  await eve.page.getByRole("status").getByText("No camera was found.").waitFor();
  await dan.page.getByRole("button", { name: "Eve is calling: join" }).click();
  await Promise.all([status(eve.page, "connected"), status(dan.page, "connected")]);
  await seesPictures(eve.page);
  await dan.page.getByText("Eve shows no picture").waitFor();
  expect([...eve.errors, ...dan.errors, ...ada.errors, ...bob.errors]).toEqual([]);
});
