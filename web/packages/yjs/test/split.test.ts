/** Splitting: whatever is applied piece by piece is what was written, and every piece is one that the server takes. */
import { expect, test } from "vitest";
import * as Y from "yjs";

import { split } from "../src/split.js";

const LIMIT = 48 * 1024;

/** The update that an edit makes, and a document in the state before it. */
function edit(before: string, change: (text: Y.Text, doc: Y.Doc) => void): { update: Uint8Array; base: Uint8Array; after: string } {
  const doc = new Y.Doc();
  doc.getText("t").insert(0, before);
  const base = Y.encodeStateAsUpdate(doc);
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  doc.transact(() => change(doc.getText("t"), doc));
  return { update: updates[0] as Uint8Array, base, after: doc.getText("t").toString() };
}

function applied(base: Uint8Array, pieces: readonly Uint8Array[]): { text: string; vector: Uint8Array } {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, base);
  for (const piece of pieces) Y.applyUpdate(doc, piece);
  expect(doc.store.pendingStructs).toBeNull();
  return { text: doc.getText("t").toString(), vector: Y.encodeStateVector(doc) };
}

test("a small update stays as it is", () => {
  const { update } = edit("", (text) => text.insert(0, "abc"));
  expect(split(update, LIMIT)).toEqual([update]);
});

test.each([
  ["plain text", "x".repeat(300_000)],
  ["characters of three bytes", "語".repeat(100_000)],
  ["surrogate pairs at every odd position", `a${"😀".repeat(60_000)}`],
  ["surrogate pairs at every even position", "😀".repeat(60_000)],
])("a paste of %s", (_, paste) => {
  const { update, base, after } = edit("before after", (text) => text.insert(7, paste));
  const pieces = split(update, LIMIT);
  expect(pieces.length).toBeGreaterThan(2);
  for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(LIMIT);
  expect(applied(base, pieces).text).toBe(after);
  expect(applied(base, pieces)).toEqual(applied(base, [update]));
});

test("a paste over a selection, with more than one text and a deletion in one transaction", () => {
  const { update, base, after } = edit("some words here", (text, doc) => {
    text.delete(5, 5);
    text.insert(5, "y".repeat(120_000));
    doc.getText("other").insert(0, "z".repeat(90_000));
    text.insert(0, "start ");
  });
  const pieces = split(update, LIMIT);
  for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(LIMIT);
  expect(applied(base, pieces).text).toBe(after);
  const doc = new Y.Doc();
  for (const one of [base, ...pieces]) Y.applyUpdate(doc, one);
  expect(doc.getText("other").toString()).toHaveLength(90_000);
});

test("pieces that come in another order, and twice, make the same text", () => {
  const { update, base, after } = edit("ab", (text) => text.insert(1, "0123456789".repeat(20_000)));
  const pieces = split(update, LIMIT);
  expect(applied(base, [...pieces].reverse().concat(pieces)).text).toBe(after);
});
