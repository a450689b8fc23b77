/** The outbox: batches, numbers that stay, one push at a time, refusals, a new epoch. */
import { ConnectionLost } from "@tandem/live";
import { expect, test, vi } from "vitest";
import * as Y from "yjs";

import type { PushAnswer } from "../src/operations.js";
import { type Batch, Outbox } from "../src/outbox.js";

function edits(count: number): Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (let number = 0; number < count; number += 1) doc.getText("t").insert(number, String(number % 10));
  return updates;
}

function textOf(batches: readonly Batch[]): string {
  const doc = new Y.Doc();
  for (const batch of batches) for (const update of batch.updates) Y.applyUpdate(doc, update);
  return doc.getText("t").toString();
}

function outbox(
  answer: (batch: Batch, number: number) => PushAnswer | Error,
  onEpochChanged?: () => Promise<void>,
  batchMilliseconds = 1,
) {
  const sent: Batch[] = [];
  const acknowledged: Batch[] = [];
  const refused = vi.fn();
  const box = new Outbox({
    batchMilliseconds,
    backoff: { first: 1, longest: 2 },
    send: async (batch) => {
      sent.push(batch);
      const result = answer(batch, sent.length);
      if (result instanceof Error) throw result;
      return result;
    },
    onAcknowledged: (batch) => acknowledged.push(batch),
    onEpochChanged: onEpochChanged ?? (async () => undefined),
    onRefused: (given) => {
      refused(given);
      box.stop();
    },
    onChange: () => undefined,
    onLoginNeeded: async () => true,
  });
  return { box, sent, acknowledged, refused };
}

const stored: PushAnswer = { __typename: "UpdatesAcknowledged", seq: 1 };

test("keystrokes within the wait go as one update, and count as unsaved until they are acknowledged", async () => {
  const { box, sent } = outbox(() => stored);
  for (const update of edits(30)) box.add(update);
  expect(box.size).toBe(30);
  await box.flush();
  expect(box.size).toBe(0);
  expect(sent).toHaveLength(1);
  expect(sent[0]?.updates).toHaveLength(1);
  expect(textOf(sent)).toHaveLength(30);
});

test("a push whose answer is lost is sent again as it was, under its number, before anything newer", async () => {
  const { box, sent, acknowledged } = outbox((_, number) => (number < 3 ? new ConnectionLost("no answer") : stored));
  const [first, second] = edits(2) as [Uint8Array, Uint8Array];
  box.add(first);
  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0));
  box.add(second);
  await box.flush();
  expect(sent.map((batch) => batch.clientSeq)).toEqual([1, 1, 1, 2]);
  expect(sent[2]).toBe(sent[0]);
  expect(textOf(acknowledged)).toBe("01");
});

test("an error that may pass is waited out, also when it comes as a typed answer", async () => {
  const limited: PushAnswer = { __typename: "RateLimited", retryable: true, retryAfter: 0.005 };
  const { box, sent } = outbox((_, number) => (number === 1 ? limited : stored));
  box.add(edits(1)[0] as Uint8Array);
  await box.flush();
  expect(sent).toHaveLength(2);
});

test("a refusal that cannot pass ends writing and says why", async () => {
  const { box, sent, refused } = outbox(() => ({ __typename: "ReadOnly", code: "READ_ONLY", message: "Only to look at.", retryable: false }));
  box.add(edits(1)[0] as Uint8Array);
  await box.flush();
  expect(refused).toHaveBeenCalledWith(expect.objectContaining({ code: "READ_ONLY" }));
  expect(sent).toHaveLength(1);
});

test("after a new epoch what was put back is sent instead", async () => {
  const [first] = edits(1) as [Uint8Array];
  const { box, sent } = outbox(
    (_, number) => (number === 1 ? { __typename: "EpochChanged", currentEpoch: "e2" } : stored),
    async () => box.replace([first]),
  );
  box.add(first);
  await box.flush();
  expect(sent.map((batch) => batch.clientSeq)).toEqual([1, 2]);
});

test("a large backlog goes in pushes that the server takes", async () => {
  const { box, sent, acknowledged } = outbox(() => stored);
  const doc = new Y.Doc();
  doc.on("update", (update: Uint8Array) => box.add(update));
  for (let number = 0; number < 40; number += 1) doc.getText("t").insert(0, "x".repeat(20_000));
  await box.flush();
  expect(textOf(acknowledged)).toHaveLength(800_000);
  for (const batch of sent) {
    expect(batch.updates.reduce((sum, update) => sum + update.length, 0)).toBeLessThanOrEqual(256 * 1024);
    for (const update of batch.updates) expect(update.length).toBeLessThanOrEqual(64 * 1024);
  }
});

test("a lone key goes at once, and those that follow it wait and go together", async () => {
  const sentAt: number[] = [];
  const { box, sent } = outbox(() => stored, undefined, 60);
  const all = edits(20);
  box.add(all[0] as Uint8Array);
  await vi.waitFor(() => expect(sent).toHaveLength(1), { interval: 1 });
  sentAt.push(performance.now());
  for (const update of all.slice(1)) box.add(update);
  await vi.waitFor(() => expect(sent).toHaveLength(2), { interval: 1 });
  sentAt.push(performance.now());
  expect(textOf(sent)).toHaveLength(20);
  expect((sentAt[1] as number) - (sentAt[0] as number)).toBeGreaterThan(20);
});

test("a paste that is too large for one update is sent in several", async () => {
  const { box, sent, acknowledged } = outbox(() => stored);
  const doc = new Y.Doc();
  doc.on("update", (update: Uint8Array) => box.add(update));
  doc.getText("t").insert(0, "語".repeat(300_000));
  await box.flush();
  expect(textOf(acknowledged)).toBe("語".repeat(300_000));
  for (const batch of sent) for (const update of batch.updates) expect(update.length).toBeLessThanOrEqual(64 * 1024);
});

test("last words that were not heard are sent again under their numbers when the page comes back", async () => {
  const { box, sent, acknowledged } = outbox((_, number) => (number <= 1 ? new ConnectionLost("the page was hidden") : stored), undefined, 10_000);
  for (const update of edits(5)) box.add(update);
  box.sendLastWords();
  expect(box.size).toBeGreaterThan(0);
  await box.flush();
  expect(box.size).toBe(0);
  expect(new Set(sent.map(({ clientSeq }) => clientSeq)).size).toBe(1);
  expect(textOf(acknowledged)).toBe("01234");
});

test("what waits for the network is bounded by what was written, not by the number of keys", async () => {
  let isDown = true;
  const { box, acknowledged } = outbox(() => (isDown ? new ConnectionLost("offline") : stored));
  const written = edits(4_000);
  for (const update of written) box.add(update);
  expect(box.size).toBeLessThan(600);
  isDown = false;
  await box.flush();
  expect(textOf(acknowledged)).toBe(Array.from({ length: 4_000 }, (_, number) => String(number % 10)).join(""));
}, 60_000);
