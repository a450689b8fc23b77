/** The provider against the real system: dropped sockets, edits without a network, five editors, one text in the end. */
import type { LiveSocket } from "@tandem/live";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import * as Y from "yjs";

import { matchedSession, type Person, signUp } from "../../../testing/people.js";
import { type RunningSystem, startSystem } from "../../../testing/system.js";
import { fromBase64, SessionProvider } from "../src/index.js";

const EDITS = Number(process.env["TANDEM_EDITS"] ?? 120);
let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem();
});

afterAll(async () => {
  await system?.stop();
});

interface Editor {
  readonly name: string;
  readonly provider: SessionProvider;
  readonly socket: LiveSocket;
}

function editor(person: Person, sessionId: string, name: string): Editor {
  const socket = person.socket();
  return { name, socket, provider: new SessionProvider({ sessionId, http: person.http, socket }) };
}

async function pair(): Promise<[Person, Person, string]> {
  const people = (await Promise.all(["Ada", "Bob"].map((name) => signUp(system.graphql, name)))) as [Person, Person];
  return [...people, await matchedSession(people)];
}

async function allLive(editors: readonly Editor[]): Promise<void> {
  for (const { provider } of editors) {
    await vi.waitFor(() => expect(provider.status.connection.status).toBe("live"), { timeout: 20_000 });
  }
}

async function storedText(person: Person, sessionId: string): Promise<string> {
  const { document } = await person.http.request<{ document: { textName: string; updates: string[] } }>(
    "query($id: ID!) { document(sessionId: $id) { textName updates } }",
    { id: sessionId },
  );
  const doc = new Y.Doc();
  for (const update of document.updates) Y.applyUpdate(doc, fromBase64(update));
  return doc.getText(document.textName).toString();
}

/** Edit at random, and break the line off every now and then; returns the marks that must be in the end. */
async function writeWildly(edited: Editor, count: number): Promise<string[]> {
  const marks: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const { text } = edited.provider;
    const place = Math.floor(Math.random() * (text.length + 1));
    const mark = `<${edited.name}${number}>`;
    // Only at line ends, so that no mark is cut in two by another's.
    const lineEnd = text.toString().indexOf("\n", place);
    text.insert(lineEnd < 0 ? text.length : lineEnd, `\n${mark}é😀`);
    marks.push(mark);
    if (Math.random() < 0.06) edited.socket.drop();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
  }
  return marks;
}

async function closeAll(editors: readonly Editor[]): Promise<void> {
  for (const { provider, socket } of editors) {
    provider.destroy();
    await socket.close();
  }
}

test.each([2, 5])("%i editors who lose their connections end with the server's text, and nothing is lost", async (count) => {
  const [ada, bob, sessionId] = await pair();
  const editors = Array.from({ length: count }, (_, number) => editor(number % 2 ? bob : ada, sessionId, "abcde"[number] as string));
  await allLive(editors);
  const marks = (await Promise.all(editors.map((each) => writeWildly(each, EDITS)))).flat();
  await Promise.all(editors.map(({ provider }) => provider.flush()));
  await allLive(editors);
  const stored = await storedText(ada, sessionId);
  for (const { provider } of editors) {
    await vi.waitFor(() => expect(provider.text.toString()).toBe(stored), { timeout: 20_000 });
    expect(provider.status.unsaved).toBe(0);
  }
  expect(marks.filter((mark) => stored.split(mark).length !== 2)).toEqual([]);
  await closeAll(editors);
});

test("two tabs of one person both hear what happens, and cursors come and go", async () => {
  const [ada, bob, sessionId] = await pair();
  const editors = [editor(ada, sessionId, "a"), editor(ada, sessionId, "b"), editor(bob, sessionId, "c")];
  await allLive(editors);
  const [first, second, third] = editors as [Editor, Editor, Editor];
  third.provider.awareness.setLocalStateField("user", { name: "Bob" });
  third.provider.text.insert(0, "# bob\n");
  for (const { provider } of [first, second]) {
    await vi.waitFor(() => expect(provider.text.toString()).toContain("# bob"), { timeout: 10_000 });
    await vi.waitFor(() => expect(provider.awareness.getStates().get(third.provider.doc.clientID)).toEqual({ user: { name: "Bob" } }), { timeout: 10_000 });
  }
  third.provider.destroy();
  await vi.waitFor(() => expect(first.provider.awareness.getStates().has(third.provider.doc.clientID)).toBe(false), { timeout: 10_000 });
  await closeAll(editors);
});
