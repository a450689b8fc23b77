/**
 * Five editors and a bad day: pushes that get lost, answers that get lost, pushes that come twice and late, sockets that break,
 * and replicas that are killed. In the end all five have the server's text, and the server has everything that was acknowledged.
 */
import { HttpClient, type LiveSocket } from "@tandem/live";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import * as Y from "yjs";

import { matchedSession, type Person, signUp } from "../../../testing/people.js";
import { killCollaboration, type RunningSystem, startSystem } from "../../../testing/system.js";
import { fromBase64, SessionProvider } from "../src/index.js";

const OPERATIONS = Number(process.env["TANDEM_OPERATIONS"] ?? 1_000);
const KILLS = Number(process.env["TANDEM_REPLICA_KILLS"] ?? 3);
const EDITORS = 5;
const PATIENCE = 300_000; // milliseconds

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({ collaborations: 2 });
}, PATIENCE);

afterAll(async () => {
  await system?.stop();
});

interface Editor {
  readonly provider: SessionProvider;
  readonly socket: LiveSocket;
}

const faults = { lostPushes: 0, lostAnswers: 0, duplicates: 0, late: 0, brokenSockets: 0, kills: 0 };

/** A network that mistreats pushes: each may get lost, come late, come twice, or be answered to nobody. */
const badNetwork: typeof fetch = async (address, options) => {
  if (!String(options?.body).includes("pushUpdates")) return fetch(address, options);
  const chance = Math.random();
  if (chance < 0.04) {
    faults.lostPushes += 1;
    throw new TypeError("lost on the way there");
  }
  if (chance < 0.2) {
    faults.late += 1;
    await pause(Math.random() * 200);
  }
  if (chance > 0.94) {
    faults.duplicates += 1;
    void fetch(address, options).then((answer) => answer.text()).catch(() => undefined);
  }
  const answer = await fetch(address, options);
  if (chance > 0.85 && chance < 0.94) {
    faults.lostAnswers += 1;
    await answer.text();
    throw new TypeError("lost on the way back");
  }
  return answer;
};

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function editor(person: Person, sessionId: string): Editor {
  const http = new HttpClient({ url: system.graphql, tokens: person.tokens, fetch: badNetwork });
  const socket = person.socket();
  return { socket, provider: new SessionProvider({ sessionId, http, socket }) };
}

/** Insert and delete anywhere, also in the middle of what others write. */
async function write({ provider, socket }: Editor, name: string, operations: number): Promise<void> {
  for (let number = 0; number < operations; number += 1) {
    const { text } = provider;
    const place = Math.floor(Math.random() * (text.length + 1));
    if (text.length > 50 && Math.random() < 0.3) text.delete(place, Math.min(3, text.length - place));
    else text.insert(place, `${name}${number % 10}é😀`);
    if (Math.random() < 0.01) {
      faults.brokenSockets += 1;
      socket.drop();
    }
    await pause(Math.random() * 20);
  }
}

async function stored(person: Person, sessionId: string): Promise<Y.Doc> {
  const { document } = await person.http.request<{ document: { textName: string; updates: string[] } }>(
    "query($id: ID!) { document(sessionId: $id) { textName updates } }",
    { id: sessionId },
  );
  const doc = new Y.Doc();
  for (const update of document.updates) Y.applyUpdate(doc, fromBase64(update));
  return doc;
}

async function killNowAndThen(until: { isOver: boolean }): Promise<void> {
  while (faults.kills < KILLS && !until.isOver) {
    await pause(3_000 + Math.random() * 3_000);
    killCollaboration(system.url);
    faults.kills += 1;
  }
}

test(`${OPERATIONS} operations of five editors survive a bad network and killed replicas`, async () => {
  const [ada, bob] = (await Promise.all(["Ada", "Bob"].map((name) => signUp(system.graphql, name)))) as [Person, Person];
  const sessionId = await matchedSession([ada, bob]);
  const editors = Array.from({ length: EDITORS }, (_, number) => editor(number % 2 ? bob : ada, sessionId));
  for (const { provider } of editors) {
    await vi.waitFor(() => expect(provider.status.connection.status).toBe("live"), { timeout: PATIENCE, interval: 100 });
  }
  const writing = { isOver: false };
  const killing = killNowAndThen(writing);
  await Promise.all(editors.map((each, number) => write(each, "abcde"[number] as string, OPERATIONS / EDITORS)));
  await Promise.all(editors.map(({ provider }) => provider.flush()));
  writing.isOver = true;
  await killing;

  const server = await vi.waitFor(() => stored(ada, sessionId), { timeout: PATIENCE, interval: 500 });
  const vector = Y.decodeStateVector(Y.encodeStateVector(server));
  for (const { provider } of editors) {
    expect(provider.status).toMatchObject({ unsaved: 0, refusal: null });
    // Every clock that this editor has made is on the server: nothing that was acknowledged is lost.
    const own = Y.decodeStateVector(Y.encodeStateVector(provider.doc)).get(provider.doc.clientID);
    expect(vector.get(provider.doc.clientID)).toBe(own);
    await vi.waitFor(() => expect(provider.text.toString()).toBe(server.getText(provider.status.textName).toString()), {
      timeout: PATIENCE,
      interval: 200,
    });
    expect(provider.doc.store.pendingStructs).toBeNull();
  }
  console.log(JSON.stringify({ operations: OPERATIONS, ...faults, characters: editors[0]?.provider.text.length }));
  expect(faults.kills).toBeGreaterThan(0);
  for (const { provider, socket } of editors) {
    provider.destroy();
    await socket.close();
  }
}, 4 * PATIENCE);
