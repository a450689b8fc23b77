/** Perfect negotiation between two connections of this file: whoever offers when, one description wins on both sides. */
import { expect, test, vi } from "vitest";

import { decodeSignal, encodeSignal, Negotiation, type Signal } from "../src/index.js";
import { FakePeer } from "./fakePeers.js";

interface Side {
  readonly peer: FakePeer;
  readonly negotiation: Negotiation;
  readonly outbox: Signal[];
}

function side(id: string, isPolite: boolean): Side {
  const outbox: Signal[] = [];
  const peer = new FakePeer();
  return { peer, outbox, negotiation: new Negotiation({ peer: peer.asReal, isPolite, id, send: (signal) => outbox.push(signal) }) };
}

/** Deliver what both have sent, through the wire format, until nobody says anything more. */
async function settle(one: Side, other: Side): Promise<void> {
  await vi.waitFor(() => expect(one.outbox.length + other.outbox.length).toBeGreaterThan(0));
  while (one.outbox.length + other.outbox.length > 0) {
    const [fromOne, fromOther] = [one.outbox.splice(0), other.outbox.splice(0)];
    for (const signal of fromOne) await other.negotiation.receive(overTheWire(signal));
    for (const signal of fromOther) await one.negotiation.receive(overTheWire(signal));
  }
}

function overTheWire(signal: Signal): Signal {
  return decodeSignal(signal.kind, encodeSignal(signal)) as Signal;
}

function expectAgreement(one: Side, other: Side): void {
  expect([one.peer.signalingState, other.peer.signalingState]).toEqual(["stable", "stable"]);
  expect(one.peer.remoteDescription).toEqual(other.peer.localDescription);
  expect(other.peer.remoteDescription).toEqual(one.peer.localDescription);
}

test("one offers, the other answers", async () => {
  const [ada, bob] = [side("a", false), side("b", true)];
  ada.peer.onnegotiationneeded?.();
  await settle(ada, bob);
  expectAgreement(ada, bob);
  expect(ada.negotiation.remoteId).toBe("b");
});

test("when both offer at once the polite one gives way", async () => {
  const [ada, bob] = [side("a", false), side("b", true)];
  ada.peer.onnegotiationneeded?.();
  bob.peer.onnegotiationneeded?.();
  await settle(ada, bob);
  expectAgreement(ada, bob);
  expect(ada.peer.localDescription?.type).toBe("offer");
  expect([ada.peer.rollbacks, bob.peer.rollbacks > 0]).toEqual([0, true]);
});

test("an offer that nobody heard is told again to the one who offers later", async () => {
  const [ada, bob] = [side("a", false), side("b", true)];
  ada.peer.onnegotiationneeded?.();
  await vi.waitFor(() => expect(ada.outbox).toHaveLength(1));
  ada.outbox.length = 0; // Bob's page was not open yet
  bob.peer.onnegotiationneeded?.();
  await settle(ada, bob);
  expectAgreement(ada, bob);
});

test("an offer that nobody heard is told again when the other's page is back", async () => {
  const [ada, bob] = [side("a", true), side("b", false)];
  ada.peer.onnegotiationneeded?.();
  await vi.waitFor(() => expect(ada.outbox).toHaveLength(1));
  ada.outbox.length = 0;
  ada.negotiation.repeatOffer();
  await settle(ada, bob);
  expectAgreement(ada, bob);
});

test("candidates that come before their description wait for it", async () => {
  const [ada, bob] = [side("a", false), side("b", true)];
  await bob.negotiation.receive({ kind: "CANDIDATE", from: "a", to: null, candidate: { candidate: "early" } });
  expect(bob.peer.candidates).toEqual([]);
  ada.peer.onnegotiationneeded?.();
  await settle(ada, bob);
  expect(bob.peer.candidates).toEqual(["early"]);
});

test("words for a connection that is gone are not taken for those of this one", async () => {
  const [ada, bob] = [side("a", false), side("b", true)];
  ada.peer.onnegotiationneeded?.();
  await settle(ada, bob);
  await ada.negotiation.receive({ kind: "ANSWER", from: "b", to: "an older one", sdp: "old", number: 1 });
  expect(ada.peer.remoteDescription?.sdp).not.toBe("old");
  const anew: Signal = { kind: "OFFER", from: "b2", to: null, sdp: "new", number: 1 };
  expect([ada.negotiation.isFromNewConnection(anew), ada.negotiation.isFromNewConnection({ ...anew, from: "b" })]).toEqual([true, false]);
});

test.each(["", "null", "7", '{"from":1}', '{"from":"a","to":7}', '{"from":"a","to":null}'])("what is no signal is left alone: %s", (payload) => {
  expect(decodeSignal("OFFER", payload)).toBeNull();
});
