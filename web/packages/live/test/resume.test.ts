/** The resumable subscription against a server of this file: cursors, duplicates, gaps, endings, tokens. */
import { describe, expect, test, vi } from "vitest";

import {
  type ConnectionState,
  followMatch,
  followSession,
  type StreamEvent,
  type Subscriber,
  type SubscriptionSink,
  type TokenSource,
} from "../src/index.js";

interface Attempt {
  readonly variables: Record<string, unknown>;
  readonly sink: SubscriptionSink;
  isLeft: boolean;
}

class FakeSocket implements Subscriber {
  readonly attempts: Attempt[] = [];
  readonly tokens: TokenSource | null;

  constructor(tokens: TokenSource | null = null) {
    this.tokens = tokens;
  }

  subscribe(_query: string, variables: Record<string, unknown>, sink: SubscriptionSink): () => void {
    const attempt: Attempt = { variables, sink, isLeft: false };
    this.attempts.push(attempt);
    return () => {
      attempt.isLeft = true;
    };
  }

  async attempt(number: number): Promise<Attempt> {
    await vi.waitFor(() => expect(this.attempts.length).toBeGreaterThanOrEqual(number));
    return this.attempts[number - 1] as Attempt;
  }
}

type Event = StreamEvent & Record<string, unknown>;

function follow(socket: FakeSocket, resync?: () => Promise<{ epoch: string; seq: number }>) {
  const events: Event[] = [];
  const states: ConnectionState[] = [];
  const stream = followSession<Event>({
    socket,
    sessionId: "s1",
    document: "subscription",
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    backoff: { first: 1, longest: 2 },
    ...(resync ? { onResync: resync } : {}),
  });
  const send = (attempt: Attempt, ...sent: Event[]) => {
    for (const event of sent) attempt.sink.next({ data: { sessionEvents: event } });
  };
  return { stream, events, states, send };
}

const hello = (epoch: string, headSeq: number, resumedFrom: number | null = null): Event => ({
  __typename: "SessionHello",
  seq: null,
  epoch,
  headSeq,
  resumedFrom,
});
const update = (seq: number): Event => ({ __typename: "DocumentUpdated", seq });

describe("a resumed subscription", () => {
  test("goes on after the last event that was seen, in the same epoch", async () => {
    const socket = new FakeSocket();
    const { send, stream, events } = follow(socket);
    const first = await socket.attempt(1);
    expect(first.variables).toEqual({ sessionId: "s1", after: null, epoch: null });
    send(first, hello("e1", 4), update(5), update(6));
    await vi.waitFor(() => expect(events).toHaveLength(3));
    first.sink.error({ code: 1006 });
    const second = await socket.attempt(2);
    expect(second.variables).toEqual({ sessionId: "s1", after: 6, epoch: "e1" });
    send(second, hello("e1", 9, 6), update(7));
    await vi.waitFor(() => expect(stream.position).toEqual({ epoch: "e1", seq: 7 }));
    stream.close();
  });

  test("resumes from the head of the log when nothing has come since the first hello", async () => {
    const socket = new FakeSocket();
    const { send, stream } = follow(socket);
    send(await socket.attempt(1), hello("e1", 4));
    await vi.waitFor(() => expect(stream.position).not.toBeNull());
    (await socket.attempt(1)).sink.error(new Error("gone"));
    expect((await socket.attempt(2)).variables).toMatchObject({ after: 4, epoch: "e1" });
    stream.close();
  });

  test("tells each numbered event once, and every event without a number", async () => {
    const socket = new FakeSocket();
    const { send, stream, events } = follow(socket);
    const cursor: Event = { __typename: "SessionAwarenessChanged", seq: null };
    send(await socket.attempt(1), hello("e1", 0), update(1), update(1), cursor, cursor, update(2), update(1));
    await vi.waitFor(() => expect(events.map((event) => event.seq)).toEqual([null, 1, null, null, 2]));
    stream.close();
  });

  test("loads again on a resync, holds later events until that is done, and goes on from what was loaded", async () => {
    const socket = new FakeSocket();
    let finish: (position: { epoch: string; seq: number }) => void = () => undefined;
    const { send, stream, events } = follow(socket, () => new Promise((resolve) => (finish = resolve)));
    const attempt = await socket.attempt(1);
    send(attempt, hello("e2", 50), { __typename: "SessionResync", seq: null, epoch: "e2", headSeq: 50 }, update(51), update(53));
    await vi.waitFor(() => expect(events).toHaveLength(1));
    finish({ epoch: "e2", seq: 52 });
    await vi.waitFor(() => expect(events.map((event) => event.seq)).toEqual([null, null, 53]));
    stream.close();
  });

  test("subscribes again when the stream completes before its last event, and ends after it", async () => {
    const socket = new FakeSocket();
    const { send, stream } = follow(socket);
    (await socket.attempt(1)).sink.complete();
    const second = await socket.attempt(2);
    send(second, hello("e1", 0), { __typename: "SessionEnded", seq: 1 });
    await vi.waitFor(() => expect(stream.state.status).toBe("ended"));
    expect(second.isLeft).toBe(true);
    expect(socket.attempts).toHaveLength(2);
  });

  test("gives up when the server says that it can never succeed", async () => {
    const socket = new FakeSocket();
    const { stream } = follow(socket);
    (await socket.attempt(1)).sink.error([{ message: "No such session.", extensions: { code: "NOT_FOUND" } }]);
    await vi.waitFor(() => expect(stream.state.status).toBe("failed"));
    expect(stream.state).toMatchObject({ error: { code: "NOT_FOUND" } });
    expect(socket.attempts).toHaveLength(1);
  });

  test("renews the token when it was refused, and tries again", async () => {
    const renew = vi.fn(async () => "fresh");
    const socket = new FakeSocket({ current: async () => "old", renew, onChange: () => () => undefined });
    const { stream } = follow(socket);
    (await socket.attempt(1)).sink.error([{ message: "Log in.", extensions: { code: "NOT_AUTHENTICATED" } }]);
    await socket.attempt(2);
    expect(renew).toHaveBeenCalledWith("old");
    stream.close();
  });

  test("fails when there is no new token to be had", async () => {
    const socket = new FakeSocket({ current: async () => "old", renew: async () => null, onChange: () => () => undefined });
    const { stream } = follow(socket);
    (await socket.attempt(1)).sink.error({ code: 4403, reason: "Forbidden" });
    await vi.waitFor(() => expect(stream.state.status).toBe("failed"));
  });

  test("does not subscribe again after it was closed", async () => {
    const socket = new FakeSocket();
    const { stream, events, send } = follow(socket);
    const attempt = await socket.attempt(1);
    stream.close();
    expect(attempt.isLeft).toBe(true);
    send(attempt, update(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toHaveLength(0);
    expect(socket.attempts).toHaveLength(1);
  });
});

test("a match stream tells every change of place in line, which has no number of its own", async () => {
  const socket = new FakeSocket();
  const events: Event[] = [];
  const stream = followMatch<Event>({ socket, document: "subscription", onEvent: (event) => events.push(event) });
  const { sink } = await socket.attempt(1);
  for (const [type, seq] of [["MatchQueued", 1], ["MatchPosition", 1], ["MatchPosition", 1], ["MatchMade", 2]] as const) {
    sink.next({ data: { matchEvents: { __typename: type, epoch: "e", seq } } });
  }
  await vi.waitFor(() => expect(events).toHaveLength(4));
  expect(stream.position).toEqual({ epoch: "e", seq: 2 });
  stream.close();
});
