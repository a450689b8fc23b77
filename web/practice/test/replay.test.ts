/** A history replayed: any moment, forwards and backwards, with its authors. */
import { expect, test } from "vitest";

import { edited, type Entry, Replay, textOf, waitBefore } from "../src/playback/replay";

function entry(seq: number, more: Partial<Entry>): Entry {
  return { seq, at: new Date(seq * 1000).toISOString(), kind: "update", userId: "a", textName: null, edits: [], messageId: null, runId: null, ...more } as Entry;
}

const write = (seq: number, position: number, inserted: string, userId: string | null = "a", textName = "code:PYTHON"): Entry =>
  entry(seq, { userId, textName, edits: [{ position, deleted: 0, inserted }] });

test("an edit within somebody else's text divides it, and one's own text grows", () => {
  let text = edited([], { position: 0, deleted: 0, inserted: "abc" }, "a");
  text = edited(text, { position: 1, deleted: 0, inserted: "X" }, "b");
  text = edited(text, { position: 2, deleted: 0, inserted: "Y" }, "b");
  expect(text).toEqual([{ text: "a", userId: "a" }, { text: "XY", userId: "b" }, { text: "bc", userId: "a" }]);
  expect(textOf(edited(text, { position: 1, deleted: 3, inserted: "" }, "a"))).toBe("ac");
});

test("positions are UTF-16 units, as browsers count", () => {
  const text = edited([{ text: "é😀z", userId: "a" }], { position: 3, deleted: 1, inserted: "!" }, "b");
  expect(textOf(text)).toBe("é😀!");
});

test("every moment is the same whichever way one comes to it", () => {
  const entries = Array.from({ length: 350 }, (_, index) => write(index + 1, index % 7 ? index : 0, String(index % 10), index % 2 ? "a" : "b"));
  const forwards = new Replay(entries);
  const expected = entries.map((_, index) => textOf(forwards.at(index + 1).stretches));
  const jumping = new Replay(entries);
  for (const step of [350, 3, 201, 200, 99, 100, 101, 1, 349]) expect(textOf(jumping.at(step).stretches)).toBe(expected[step - 1]);
  expect(jumping.at(0)).toEqual({ textName: null, stretches: [] });
  expect(jumping.at(9999)).toEqual(jumping.at(350));
});

test("another language shows its own text from the moment it is changed to", () => {
  const entries = [write(1, 0, "py", null), write(2, 0, "js", null, "code:JAVASCRIPT"), entry(3, { kind: "text_changed" }), write(4, 2, "!", "a", "code:JAVASCRIPT")];
  const replay = new Replay(entries, new Map([[3, "code:JAVASCRIPT"]]));
  expect([1, 2, 3, 4].map((step) => textOf(replay.at(step).stretches))).toEqual(["py", "py", "js", "js!"]);
  expect(replay.at(4).stretches).toEqual([{ text: "js", userId: null }, { text: "!", userId: "a" }]);
});

test("pauses are cut short, and all of it goes faster", () => {
  const [first, soon, late] = [entry(1, {}), entry(2, {}), entry(500, {})];
  expect([waitBefore(first, soon, 1), waitBefore(first, late, 1), waitBefore(first, late, 4), waitBefore(undefined, first, 1)]).toEqual([1000, 2000, 500, 20]);
});
