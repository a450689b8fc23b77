/** What people do on the practice page, in their words. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import * as Y from "yjs";

import { type Visitor } from "../testing/browser.js";
import { fromBase64 } from "../packages/yjs/src/index.js";

/** What one logs in with. */
export interface Account {
  readonly email: string;
  readonly password: string;
}

export async function signUp({ page }: Visitor, origin: string, name: string): Promise<Account> {
  const email = `${name}.${Date.now()}.${Math.floor(Math.random() * 1e6)}@example.org`.toLowerCase();
  const password = `a long password of ${name}`;
  await page.goto(`${origin}/practice`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Your level").selectOption("INTERMEDIATE");
  await page.getByRole("button", { name: "Create my account" }).click();
  await page.getByRole("heading", { name: "Questions" }).waitFor();
  return { email, password };
}

export async function logIn({ page }: Visitor, origin: string, { email, password }: Account): Promise<void> {
  await page.goto(`${origin}/practice`);
  await page.getByRole("tab", { name: "Log in" }).click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Let me in" }).click();
  await page.getByRole("heading", { name: "Questions" }).waitFor();
}

/** Two people who know each other meet in a room, by a link; returns its id. */
export async function meetByLink(host: Visitor, guest: Visitor, origin: string): Promise<string> {
  await host.page.goto(`${origin}/practice#/match`);
  await host.page.getByRole("button", { name: "Make a link" }).click();
  const link = await host.page.getByLabel(/Give this link/).inputValue();
  await guest.page.goto(link);
  for (const { page } of [host, guest]) await inRoom(page);
  return roomOf(guest.page);
}

export async function inRoom(page: Page): Promise<void> {
  await page.waitForURL(/#\/rooms\//);
  await page.locator(".cm-content").waitFor();
  await page.locator(".saved.good").waitFor();
}

export function roomOf(page: Page): string {
  return new URL(page.url()).hash.replace("#/rooms/", "");
}

/** The whole code in the editor, as it is shown; of a large one what the editor holds, as it draws only a part. */
export async function code({ page }: Visitor): Promise<string> {
  return page.locator(".cm-content").evaluate((content) => {
    const held = (content as unknown as { cmTile?: { view: { state: { doc: { toString(): string } } } } }).cmTile?.view.state.doc.toString();
    if (held && held.length > 5_000) return held;
    const lines = [...content.querySelectorAll(".cm-line")].map((line) => {
      const copy = line.cloneNode(true) as Element;
      copy.querySelectorAll(".cm-ySelectionCaret").forEach((cursor) => cursor.remove());
      return copy.textContent;
    });
    return lines.join("\n");
  });
}

/** Type a line at the end. A comment, as the editor closes no brackets in it. */
export async function append({ page }: Visitor, text: string): Promise<void> {
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Home");
  await page.keyboard.type(text, { delay: 12 });
}

/** Type a line at the beginning: where the other one who appends is not in the way. */
export async function prepend({ page }: Visitor, text: string): Promise<void> {
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.type(text, { delay: 12 });
}

export async function saved({ page }: Visitor): Promise<void> {
  await page.locator('.saved[data-unsaved="0"].good').waitFor();
}

/** The document as the server has it on disk. */
export async function storedText({ page }: Visitor, origin: string, sessionId: string): Promise<string> {
  const { accessToken } = JSON.parse((await page.evaluate(() => localStorage.getItem("tandem.tokens"))) ?? "{}") as { accessToken?: string };
  const response = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ query: "query($id: ID!) { document(sessionId: $id) { textName updates } }", variables: { id: sessionId } }),
  });
  const { data } = (await response.json()) as { data: { document: { textName: string; updates: string[] } } };
  const doc = new Y.Doc();
  for (const update of data.document.updates) Y.applyUpdate(doc, fromBase64(update));
  return doc.getText(data.document.textName).toString();
}

/** Both editors show what is stored, and all of it. */
export async function expectOneText(people: readonly Visitor[], origin: string, sessionId: string): Promise<string> {
  const asker = people[0] as Visitor;
  await expect
    .poll(
      async () => {
        const stored = await storedText(asker, origin, sessionId);
        const shown = await Promise.all(people.map(code));
        return shown.every((text) => text === stored) ? "one text" : JSON.stringify({ stored, shown });
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe("one text");
  return storedText(asker, origin, sessionId);
}
