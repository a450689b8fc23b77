/** Two providers against a server of this file that loses, repeats and reorders; the real one is in integration/. */
import { ConnectionLost, type HttpClient, type LiveSocket, type SubscriptionSink } from "@tandem/live";
import { expect, test, vi } from "vitest";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import { fromBase64, SessionProvider, toBase64 } from "../src/index.js";

/** A log of updates, as the collaboration subgraph keeps it. */
class FakeServer {
  epoch = "e1";
  log: { seq: number; updates: string[] }[] = [];
  readonly pushed = new Set<string>();
  readonly sinks = new Set<SubscriptionSink>();
  isDown = false;
  losesAnswers = false;

  constructor() {
    const starter = new Y.Doc();
    starter.getText("code:PYTHON").insert(0, "def solve():\n    ");
    this.append([toBase64(Y.encodeStateAsUpdate(starter))]);
  }

  append(updates: string[]): void {
    const event = { seq: this.log.length + 1, updates };
    this.log.push(event);
    for (const sink of this.sinks) sink.next({ data: { sessionEvents: { __typename: "DocumentUpdated", ...event } } });
  }

  text(): string {
    const doc = new Y.Doc();
    for (const { updates } of this.log) for (const update of updates) Y.applyUpdate(doc, fromBase64(update));
    return doc.getText("code:PYTHON").toString();
  }

  get http(): HttpClient {
    const request = async (document: { toString(): string }, variables: Record<string, never>) => {
      await Promise.resolve();
      if (this.isDown) throw new ConnectionLost("down");
      const text = document.toString();
      if (text.includes("setAwareness")) return { setAwareness: { __typename: "Delivered" } };
      if (text.includes("document(")) {
        return { document: { epoch: this.epoch, seq: this.log.length, textName: "code:PYTHON", language: "PYTHON", updates: this.log.flatMap((event) => event.updates) } };
      }
      const input = variables["input"] as unknown as { epoch: string; clientId: string; clientSeq: number; updates: string[] };
      if (input.epoch !== this.epoch) return { pushUpdates: { __typename: "EpochChanged", currentEpoch: this.epoch } };
      const name = `${input.clientId} ${input.clientSeq}`;
      if (!this.pushed.has(name)) {
        this.pushed.add(name);
        this.append(input.updates);
      }
      if (this.losesAnswers) throw new ConnectionLost("the answer was lost");
      return { pushUpdates: { __typename: "UpdatesAcknowledged", seq: this.log.length } };
    };
    return { request, tokens: null } as unknown as HttpClient;
  }

  get socket(): LiveSocket {
    const subscribe = (_query: string, variables: Record<string, unknown>, sink: SubscriptionSink) => {
      const after = (variables["after"] as number | null) ?? this.log.length;
      if (this.isDown) {
        queueMicrotask(() => sink.error(new Error("down")));
        return () => undefined;
      }
      const hello = { __typename: "SessionHello", seq: null, epoch: this.epoch, headSeq: this.log.length, resumedFrom: after, textName: "code:PYTHON", language: "PYTHON", awareness: [] };
      sink.next({ data: { sessionEvents: hello } });
      for (const event of this.log.slice(after)) sink.next({ data: { sessionEvents: { __typename: "DocumentUpdated", ...event } } });
      this.sinks.add(sink);
      return () => this.sinks.delete(sink);
    };
    return { subscribe, tokens: null } as unknown as LiveSocket;
  }

  dropSockets(): void {
    for (const sink of [...this.sinks]) {
      this.sinks.delete(sink);
      sink.error({ code: 1006 });
    }
  }
}

function provider(server: FakeServer): SessionProvider {
  return new SessionProvider({ sessionId: "s1", http: server.http, socket: server.socket, batchMilliseconds: 1 });
}

async function isLive(given: SessionProvider): Promise<void> {
  await vi.waitFor(() => expect(given.status.connection.status).toBe("live"), { timeout: 5000 });
}

test("what one writes the other reads, and the starter code is there once", async () => {
  const server = new FakeServer();
  const [ada, bob] = [provider(server), provider(server)];
  await Promise.all([isLive(ada), isLive(bob)]);
  ada.text.insert(ada.text.length, "return 1");
  await ada.flush();
  await vi.waitFor(() => expect(bob.text.toString()).toBe("def solve():\n    return 1"));
  expect(server.text()).toBe(bob.text.toString());
  ada.destroy();
  bob.destroy();
});

test("what is written without a network is kept and stored when it is back, both ways, once", async () => {
  const server = new FakeServer();
  const [ada, bob] = [provider(server), provider(server)];
  await Promise.all([isLive(ada), isLive(bob)]);
  server.isDown = true;
  server.dropSockets();
  ada.text.insert(0, "# ada\n");
  bob.text.insert(0, "# bob\n");
  await vi.waitFor(() => expect(ada.status.connection.status).toBe("waiting"));
  expect(ada.status.unsaved).toBe(1);
  server.isDown = false;
  await Promise.all([ada.flush(), bob.flush(), isLive(ada), isLive(bob)]);
  await vi.waitFor(() => expect(ada.text.toString()).toBe(bob.text.toString()));
  expect(server.text()).toBe(ada.text.toString());
  expect(server.text().match(/# ada|# bob/g)).toHaveLength(2);
  ada.destroy();
  bob.destroy();
});

test("a push that was stored although its answer was lost is stored once", async () => {
  const server = new FakeServer();
  const ada = provider(server);
  await isLive(ada);
  server.losesAnswers = true;
  ada.text.insert(0, "x");
  await vi.waitFor(() => expect(server.log).toHaveLength(2));
  server.losesAnswers = false;
  await ada.flush();
  expect(server.log).toHaveLength(2);
  expect(ada.status.unsaved).toBe(0);
  ada.destroy();
});

test("when the log begins anew from an older state, what was acknowledged before is sent again", async () => {
  const server = new FakeServer();
  const ada = provider(server);
  await isLive(ada);
  ada.text.insert(0, "# one\n");
  await ada.flush();
  server.log = server.log.slice(0, 1);
  server.pushed.clear();
  server.epoch = "e2";
  ada.text.insert(0, "# two\n");
  await ada.flush();
  expect(server.text()).toBe("# two\n# one\ndef solve():\n    ");
  ada.destroy();
});

test("the end of the session ends writing", async () => {
  const server = new FakeServer();
  const ada = provider(server);
  await isLive(ada);
  for (const sink of server.sinks) sink.next({ data: { sessionEvents: { __typename: "SessionEnded", seq: 2, endReason: "FINISHED" } } });
  await vi.waitFor(() => expect(ada.status.refusal?.code).toBe("SESSION_CLOSED"));
  ada.destroy();
});

test("destroy() leaves no timer of its own awareness behind, and leaves that of others alone", async () => {
  const server = new FakeServer();
  const own = new SessionProvider({ sessionId: "s", http: server.http, socket: server.socket });
  const theirs = new Awareness(new Y.Doc());
  const given = new SessionProvider({ sessionId: "s", http: server.http, socket: server.socket, doc: theirs.doc, awareness: theirs });
  const destroyed = vi.fn();
  own.awareness.on("destroy", () => destroyed("own"));
  theirs.on("destroy", () => destroyed("theirs"));
  await vi.waitFor(() => expect(own.status.isLoaded && given.status.isLoaded).toBe(true));
  own.destroy();
  given.destroy();
  expect(destroyed.mock.calls).toEqual([["own"]]);
  theirs.destroy();
});

test("destroy() ends the waiting for a server that cannot be reached", async () => {
  vi.useFakeTimers();
  try {
    const server = new FakeServer();
    server.isDown = true;
    const provider = new SessionProvider({ sessionId: "s", http: server.http, socket: server.socket });
    await vi.advanceTimersByTimeAsync(10);
    expect(provider.status.connection.status).toBe("waiting");
    provider.destroy();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
