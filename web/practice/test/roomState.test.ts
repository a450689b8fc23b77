/** The state of a room, event by event. */
import type { ChatMessageFragment, RunPartsFragment } from "@tandem/schema";
import { expect, test } from "vitest";

import { type Change, type Changing, NOTHING, reduce } from "../src/room/roomState";

function after(...changes: readonly unknown[]): Changing {
  return changes.reduce((state: Changing, change) => reduce(state, change as Change), NOTHING);
}

const message = (id: string, createdAt: string, more: Partial<ChatMessageFragment> = {}): ChatMessageFragment => ({ id, createdAt, message: id, ...more }) as ChatMessageFragment;
const run = (id: string, createdAt: string, status: "RUNNING" | "FINISHED"): RunPartsFragment => ({ id, createdAt, status }) as RunPartsFragment;

test("who is here is what the last event said, and nobody types who has just come back", () => {
  const state = after(
    { __typename: "SessionTypingChanged", userId: "a", isTyping: true },
    { __typename: "SessionHello", onlineUserIds: ["a"], isPolite: true },
    { __typename: "SessionPresenceChanged", onlineUserIds: ["a", "b"] },
  );
  expect([[...state.online], [...state.typing], state.isPolite]).toEqual([["a", "b"], [], true]);
});

test("a message is there once, in its newest form, in the order of time", () => {
  const state = after(
    { __typename: "Messages", messages: [message("m2", "2026-01-01T00:00:02Z"), message("m1", "2026-01-01T00:00:01Z")] },
    { __typename: "SessionMessageChanged", message: message("m1", "2026-01-01T00:00:01Z", { message: "changed" }) },
  );
  expect(state.messages.map((each) => each.message)).toEqual(["changed", "m2"]);
});

test("a finished run is not set back by a late word of its beginning, and the newest run is the first", () => {
  const state = after(
    { __typename: "SessionRunChanged", run: run("r1", "2026-01-01T00:00:01Z", "FINISHED") },
    { __typename: "SessionRunChanged", run: run("r1", "2026-01-01T00:00:01Z", "RUNNING") },
    { __typename: "Run", run: run("r2", "2026-01-01T00:00:02Z", "RUNNING") },
  );
  expect(state.runs.map(({ id, status }) => [id, status])).toEqual([["r2", "RUNNING"], ["r1", "FINISHED"]]);
});

test("the time of a phase is up until another one begins", () => {
  const elapsed = after({ __typename: "SessionTimerElapsed", phase: "SOLVING" });
  expect(elapsed.elapsed).toBe("SOLVING");
  expect(reduce(elapsed, { __typename: "SessionPhaseChanged", phase: "REVIEW" } as Change).elapsed).toBeNull();
});
