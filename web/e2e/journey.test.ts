/**
 * Two browsers go from sign-up to feedback against the real system. On the way one loses its network for ten seconds while
 * typing, one reloads in the middle, and a gateway is killed under both; in the end both show what is stored.
 */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

import { launch, type Visitor, visitor } from "../testing/browser.js";
import { stepByStep } from "../testing/steps.js";
import { killGateway } from "../testing/system.js";
import { type Account, append, code, expectOneText, inRoom, logIn, prepend, roomOf, saved, signUp } from "./room.js";

stepByStep(() => [ada, bob]);
const origin = inject("origin");
const OFFLINE = 10_000; // milliseconds without a network
let browser: Browser;
let ada: Visitor;
let bob: Visitor;
let accountOfBob: Account;

beforeAll(async () => {
  browser = await launch();
  ada = await visitor(browser, origin);
  bob = await visitor(browser, origin, { colorScheme: "dark" });
});

afterAll(async () => {
  await browser?.close();
});

async function paste({ page }: Visitor, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    document.querySelector(".cm-content")?.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

test("signs up, and finds a question by words", async () => {
  [, accountOfBob] = await Promise.all([signUp(ada, origin, "Ada"), signUp(bob, origin, "Bob")]);
  const { page } = ada;
  await page.locator(".list .row").first().waitFor();
  await page.getByLabel("Search questions").fill("binary search");
  await page.locator(".list .row").first().click();
  await page.getByText("Sample 1").waitFor();
  await page.getByRole("link", { name: "All questions" }).click();
  await page.getByLabel("Search questions").fill("zzzzqqqq");
  await page.getByText("No question fits").waitFor();
});

test("waits in the queue and sees why, is there when asked, and comes to one room with the other", async () => {
  await ada.page.goto(`${origin}/practice#/match`);
  await ada.page.getByLabel("My part").selectOption("INTERVIEWER");
  await ada.page.getByRole("button", { name: "Find a partner" }).click();
  await ada.page.getByRole("heading", { name: "Looking for a partner" }).waitFor();
  await ada.page.getByText("1 of 1").waitFor();
  await ada.page.getByText("exactly what you asked for").waitFor();
  await ada.page.getByText("Nobody else waits whom giving something up would bring.").waitFor();
  await bob.page.goto(`${origin}/practice#/match`);
  await bob.page.getByText("1 person is waiting right now: Python easy (1).").waitFor();
  await bob.page.getByLabel("My part").selectOption("CANDIDATE");
  await bob.page.getByRole("button", { name: "Find a partner" }).click();
  await ada.page.getByRole("heading", { name: "Bob was found. Are you here?" }).waitFor();
  await bob.page.getByRole("button", { name: "I am here" }).click();
  await bob.page.getByRole("heading", { name: "Waiting for Ada" }).waitFor();
  await ada.page.getByRole("button", { name: "I am here" }).click();
  for (const { page } of [ada, bob]) await inRoom(page);
  expect(roomOf(ada.page)).toBe(roomOf(bob.page));
  await ada.page.getByText("(interviewer)").waitFor();
});

test("writes together, with cursors and names", async () => {
  await append(ada, "# ada was here");
  await bob.page.getByText("# ada was here").waitFor();
  await append(bob, "# so was bob");
  await ada.page.getByText("# so was bob").waitFor();
  await ada.page.locator(".cm-ySelectionInfo", { hasText: "Bob" }).waitFor();
});

test("talks: says, sees that the other writes, answers, changes, takes back", async () => {
  await ada.page.getByLabel("Message", { exact: true }).fill("Shall we sort furst?");
  await bob.page.getByText("Ada is writing…").waitFor();
  await ada.page.getByRole("button", { name: "Send" }).click();
  await bob.page.getByText("Shall we sort furst?").waitFor();
  await bob.page.getByRole("button", { name: "Answer" }).click();
  await bob.page.getByLabel("Message", { exact: true }).fill("Yes, then two pointers.");
  await bob.page.getByLabel("Message", { exact: true }).press("Enter");
  await ada.page.locator(".chat q", { hasText: "Ada: Shall we sort furst?" }).waitFor();
  const own = ada.page.locator(".chat li.mine");
  await own.getByRole("button", { name: "Change" }).click();
  await ada.page.getByLabel("Message", { exact: true }).fill("Shall we sort first?");
  await ada.page.locator(".chat form").getByRole("button", { name: "Change" }).click();
  await bob.page.getByText("Shall we sort first?", { exact: true }).waitFor();
  await bob.page.getByLabel("Message", { exact: true }).fill("Oops");
  await bob.page.getByRole("button", { name: "Send" }).click();
  await ada.page.getByText("Oops").waitFor();
  await bob.page.locator(".chat li.mine").last().getByRole("button", { name: "Take back" }).click();
  await ada.page.getByText("taken back").waitFor();
});

test("one types without a network for ten seconds, the other goes on, and both have everything in the end", async () => {
  await ada.context.setOffline(true);
  await ada.page.getByText("You are offline").waitFor();
  const until = Date.now() + OFFLINE;
  for (let line = 1; Date.now() < until; line += 1) {
    await append(ada, `# ada offline ${line}`);
    await append(bob, `# bob meanwhile ${line}`);
  }
  await ada.page.getByText("Reconnecting; your changes are kept").waitFor();
  await ada.context.setOffline(false);
  await Promise.all([saved(ada), saved(bob)]);
  const text = await expectOneText([ada, bob], origin, roomOf(ada.page));
  expect(text.match(/# ada offline 1$/gm)).toHaveLength(1);
  expect(text.match(/# bob meanwhile 1$/gm)).toHaveLength(1);
});

test("one reloads in the middle of typing and finds everything as it was", async () => {
  await append(bob, "# bob before reloading");
  await bob.page.reload();
  await inRoom(bob.page);
  const text = await expectOneText([ada, bob], origin, roomOf(ada.page));
  expect(text.match(/# bob before reloading/g)).toHaveLength(1);
  await bob.page.getByText("Shall we sort first?", { exact: true }).waitFor();
});

test.runIf(!process.env["GATEWAY_URL"] || process.env["TANDEM_KILLS"])("gateways are killed one after the other while both type, and nothing is lost or doubled", async () => {
  const marks: string[] = [];
  const both = async (word: string): Promise<void> => {
    marks.push(`# ada ${word};`, `# bob ${word};`);
    await Promise.all([prepend(ada, `# ada ${word};`), append(bob, `# bob ${word};`)]);
  };
  for (const number of [1, 2]) {
    await both(`before ${number}`);
    const typing = both(`while ${number}`);
    killGateway(origin, number);
    await typing;
    await both(`after ${number}`);
    await Promise.all([saved(ada), saved(bob)]);
  }
  const text = await expectOneText([ada, bob], origin, roomOf(ada.page));
  expect(marks.filter((mark) => text.split(mark).length !== 2)).toEqual([]);
});

test("pastes a hundred thousand characters at once, and the other has them", async () => {
  await append(ada, "# pasted ");
  const big = "x".repeat(100_000);
  await paste(ada, big);
  await saved(ada);
  expect((await expectOneText([ada, bob], origin, roomOf(ada.page))).includes(big)).toBe(true);
  // To undo it is small, to redo it is as large as the paste.
  for (const key of ["Control+z", "Control+y"]) {
    await ada.page.keyboard.press(key);
    await saved(ada);
  }
  expect((await expectOneText([ada, bob], origin, roomOf(ada.page))).includes(big)).toBe(true);
  await ada.page.keyboard.press("Control+z");
  await saved(ada);
  await paste(ada, big.repeat(6));
  await ada.page.getByText("too much for one session").waitFor();
  await ada.page.getByRole("button", { name: "Understood" }).click();
});

test("runs the code, submits it, tries a case of one's own, and both see what comes out", async () => {
  await ada.page.getByRole("button", { name: "Run", exact: true }).click();
  for (const { page } of [ada, bob]) await page.locator(".runs h2").waitFor();
  await bob.page.getByRole("button", { name: "Submit" }).click();
  await expect.poll(() => ada.page.locator(".runs .older li").count(), { timeout: 60_000 }).toBe(1);
  for (const { page } of [ada, bob]) await page.locator(".runs h2").waitFor();
  await bob.page.locator(".runs .dots").waitFor();
  expect(await bob.page.locator(".runs .case").count()).toBeGreaterThan(0);
  await bob.page.getByText("Cases of your own").click();
  await bob.page.getByLabel("Arguments as a JSON list").fill("not json");
  await bob.page.getByRole("button", { name: "Run these" }).click();
  await bob.page.getByText("is not a list of arguments in JSON").waitFor();
  const sample = (await bob.page.getByLabel("Arguments as a JSON list").getAttribute("placeholder")) ?? "";
  await bob.page.getByLabel("Arguments as a JSON list").fill(sample);
  await bob.page.getByRole("button", { name: "Run these" }).click();
  await expect.poll(() => ada.page.locator(".runs .older li").count(), { timeout: 60_000 }).toBe(2);
});

test("the interviewer alone sees hints and solution; notes are one's own", async () => {
  await ada.page.getByText("Only you see this").waitFor();
  expect(await bob.page.getByText("Only you see this").count()).toBe(0);
  const first = ada.page.getByRole("button", { name: /Show the first hint/ });
  if (await first.count()) {
    await first.click();
    await ada.page.locator(".material ol li").first().waitFor();
  }
  await ada.page.getByText(/^My notes/).click();
  await ada.page.getByLabel("My notes").fill("Asks good questions.");
  await ada.page.locator(".notes").getByText("Saved").waitFor();
  await ada.page.reload();
  await inRoom(ada.page);
  expect(await ada.page.getByLabel("My notes").inputValue()).toBe("Asks good questions.");
  await bob.page.getByText(/^My notes/).click();
  expect(await bob.page.getByLabel("My notes").inputValue()).toBe("");
});

test("switches the language for both, and finds the code of the first as it was", async () => {
  const python = await code(ada);
  await bob.page.getByLabel("Language").selectOption("JAVASCRIPT");
  for (const { page } of [ada, bob]) await page.getByLabel("Code in JavaScript").waitFor();
  await expect.poll(async () => (await code(ada)) === (await code(bob)), { timeout: 60_000 }).toBe(true);
  await bob.page.getByLabel("Language").selectOption("PYTHON");
  for (const { page } of [ada, bob]) await page.getByLabel("Code in Python").waitFor();
  await expect.poll(() => code(ada), { timeout: 60_000 }).toBe(python);
});

test("a phase begins with its timer for both", async () => {
  await ada.page.getByLabel("Phase").selectOption("REVIEW");
  for (const { page } of [ada, bob]) await page.getByRole("timer").waitFor();
  await bob.page.locator(".phase", { hasText: "Review" }).waitFor();
  expect(await bob.page.getByLabel("Phase").count()).toBe(0);
});

test("swaps roles with a second question", async () => {
  const before = await ada.page.locator(".question-pane .question h2").first().innerText();
  await ada.page.getByRole("button", { name: "Swap roles" }).click();
  await ada.page.getByLabel("Go on with a second question").check();
  await ada.page.getByLabel("Second question", { exact: true }).selectOption({ index: 1 });
  await ada.page.getByRole("button", { name: "Swap", exact: true }).click();
  for (const { page } of [ada, bob]) {
    await page.getByText("Question 2").waitFor();
    await expect.poll(() => page.locator(".question-pane .question h2").first().innerText(), { timeout: 60_000 }).not.toBe(before);
  }
  await bob.page.getByText("Only you see this").waitFor();
  await expect.poll(() => ada.page.getByText("Only you see this").count(), { timeout: 60_000 }).toBe(0);
});

test("a guest watches by a link, changes nothing, and can be sent away", async () => {
  const guest = await visitor(browser, origin);
  await signUp(guest, origin, "Eve");
  await ada.page.getByRole("button", { name: "Guests" }).click();
  await ada.page.getByRole("button", { name: "Make a link" }).click();
  await guest.page.goto(await ada.page.getByLabel(/Whoever has this link/).inputValue());
  await guest.page.getByText("You are watching").waitFor();
  expect(await guest.page.locator(".cm-content").getAttribute("contenteditable")).toBe("false");
  expect(await guest.page.getByRole("button", { name: "Submit" }).count()).toBe(0);
  expect(await ada.page.getByRole("button", { name: "Send away" }).count()).toBe(0);
  await ada.page.getByRole("button", { name: "Close" }).click();
  // Bob leads since the roles were swapped.
  await bob.page.getByRole("button", { name: "Guests" }).click();
  await bob.page.getByRole("button", { name: "Send away" }).click();
  await guest.page.locator(".saved.bad").waitFor();
  await bob.page.getByRole("button", { name: "Close" }).click();
  await guest.context.close();
});

test("ends for both, each says how it was, and both hear it when both have spoken", async () => {
  await ada.page.getByRole("button", { name: "End", exact: true }).click();
  await ada.page.getByRole("button", { name: "End it" }).click();
  for (const { page } of [ada, bob]) await page.getByText(/^Ended/).waitFor();
  await bob.page.getByText("What is said of you is shown when both of you have spoken").waitFor();
  for (const [{ page }, word] of [[ada, "Clear ideas"], [bob, "Patient"]] as const) {
    await page.locator(".stars label").nth(3).click();
    await page.getByText("In detail").click();
    await page.getByLabel("Communication").selectOption("5");
    await page.getByLabel("What went well").fill(word);
    await page.getByRole("button", { name: "Give feedback" }).click();
    await page.getByText("You said:").waitFor();
  }
  await bob.page.reload();
  await bob.page.getByText("Ada said:").waitFor();
  await bob.page.getByText("communication 5").first().waitFor();
});

test("plays the session back: text, authors, runs and chat at every moment", async () => {
  await bob.page.goto(`${origin}/practice#/history`);
  await bob.page.getByText("with Ada").first().waitFor();
  await bob.page.getByRole("link", { name: /^Play back/ }).click();
  const slider = bob.page.getByLabel("Moment", { exact: true });
  await slider.waitFor();
  const last = Number(await slider.getAttribute("max"));
  expect(last).toBeGreaterThan(20);
  const code = bob.page.getByLabel("Code", { exact: true });
  const atEnd = await code.innerText();
  await bob.page.getByText("Shall we sort first?").first().waitFor();
  await slider.focus();
  await bob.page.keyboard.press("Home");
  await bob.page.getByText(`0 of ${last}`).waitFor();
  await bob.page.getByText("None yet.").waitFor();
  for (let step = 0; step < 12; step += 1) await bob.page.keyboard.press("ArrowRight");
  await code.locator('span[title="Ada"]').first().waitFor();
  expect(await code.innerText()).not.toBe(atEnd);
  const run = bob.page.getByLabel("Jump to").locator("option", { hasText: "Run finished" }).first();
  await bob.page.getByLabel("Jump to").selectOption(await run.getAttribute("value"));
  await bob.page.getByRole("heading", { name: /Wrong answer|Accepted|error/ }).first().waitFor();
  const [download] = await Promise.all([bob.page.waitForEvent("download"), bob.page.getByRole("button", { name: "Save as a page" }).click()]);
  expect(download.suggestedFilename()).toMatch(/\.html$/);
  await bob.page.getByRole("button", { name: "Play", exact: true }).click();
  await bob.page.getByRole("button", { name: "Pause" }).waitFor();
});

test("shows the rating over time, and changes the profile", async () => {
  await bob.page.goto(`${origin}/practice#/profile`);
  await expect
    .poll(async () => {
      await bob.page.reload();
      await bob.page.getByRole("heading", { name: "Rating", exact: true }).waitFor();
      await bob.page.locator(".chart, :text('Not measured yet')").first().waitFor();
      return bob.page.locator(".chart").count();
    }, { timeout: 60_000, interval: 2_000 })
    .toBe(1);
  await bob.page.getByLabel("About me").fill("I like graphs.");
  await bob.page.getByRole("button", { name: "JavaScript" }).click();
  await bob.page.getByRole("button", { name: "Save" }).click();
  await bob.page.locator("form").getByText("Saved").waitFor();
  await bob.page.reload();
  expect(await bob.page.getByLabel("About me").inputValue()).toBe("I like graphs.");
  expect(await bob.page.getByRole("button", { name: "JavaScript" }).getAttribute("aria-pressed")).toBe("true");
});

test("asks the same partner again, who accepts", async () => {
  await ada.page.goto(`${origin}/practice#/history`);
  const again = ada.page.getByRole("button", { name: "Ask Bob again" });
  await again.click();
  await again.getByText("Asked").waitFor();
  await ada.page.goto(`${origin}/practice#/match`);
  await ada.page.getByText("You asked Bob again").waitFor();
  await bob.page.goto(`${origin}/practice#/match`);
  await bob.page.locator("li", { hasText: "Ada asks you" }).getByRole("button", { name: "Accept" }).click();
  for (const { page } of [ada, bob]) await inRoom(page);
  expect(roomOf(ada.page)).toBe(roomOf(bob.page));
});

test("goes on from an earlier version, and the other sees it", async () => {
  const sessionId = roomOf(ada.page);
  const before = await expectOneText([ada, bob], origin, sessionId);
  await append(ada, "# the wrong way");
  await saved(ada);
  expect(await expectOneText([ada, bob], origin, sessionId)).toContain("# the wrong way");
  await ada.page.goto(`${origin}/practice#/playback/${sessionId}`);
  await ada.page.getByLabel("Moment", { exact: true }).focus();
  await ada.page.keyboard.press("Home");
  await ada.page.keyboard.press("ArrowRight");
  await ada.page.getByRole("button", { name: "Go on from here" }).click();
  await inRoom(ada.page);
  expect(await expectOneText([ada, bob], origin, sessionId)).toBe(before);
});

test("logs out another device, which is at the door again", async () => {
  const other = await visitor(browser, origin);
  await logIn(other, origin, accountOfBob);
  await other.page.goto(`${origin}/practice#/match`);
  // Whoever has a session is led into it.
  await inRoom(other.page);
  await bob.page.goto(`${origin}/practice#/profile`);
  const devices = bob.page.getByRole("region", { name: "Where you are logged in" });
  await devices.getByRole("button", { name: "Log out there" }).click();
  await expect.poll(() => devices.getByRole("listitem").count(), { timeout: 60_000 }).toBe(1);
  await other.page.getByRole("button", { name: "Create my account" }).waitFor();
  await other.context.close();
});

test("asked no other host for anything, and had no error but lost connections", () => {
  expect([...ada.foreign, ...bob.foreign]).toEqual([]);
  const lost = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|WebSocket connection to|status of 50[234]/;
  expect([...ada.errors, ...bob.errors].filter((text) => !lost.test(text))).toEqual([]);
});
