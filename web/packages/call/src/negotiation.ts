/**
 * Perfect negotiation (W3C WebRTC 1.0, section 10.7) on one RTCPeerConnection: both may offer at any time; when both do at
 * once the polite one gives way. Beyond it: an offer that the other missed, because it joined later, is told again.
 */
import type { Signal } from "./signals.js";

export interface NegotiationOptions {
  readonly peer: RTCPeerConnection;
  readonly isPolite: boolean;
  /** The name of this connection. */
  readonly id: string;
  readonly send: (signal: Signal) => void;
}

export class Negotiation {
  readonly id: string;
  readonly #peer: RTCPeerConnection;
  readonly #isPolite: boolean;
  readonly #send: (signal: Signal) => void;
  #remoteId: string | null = null;
  #isMakingOffer = false;
  #isIgnoringOffer = false;
  #offerNumber = 0;
  #answeredNumber = 0;
  /** Candidates that came before the description they belong to. */
  #early: RTCIceCandidateInit[] = [];
  #work: Promise<void> = Promise.resolve();

  constructor({ peer, isPolite, id, send }: NegotiationOptions) {
    this.id = id;
    this.#peer = peer;
    this.#isPolite = isPolite;
    this.#send = send;
    peer.onnegotiationneeded = () => void this.#offer();
    peer.onicecandidate = ({ candidate }) => {
      if (candidate) this.#tell("CANDIDATE", { candidate: candidate.toJSON() });
    };
  }

  get remoteId(): string | null {
    return this.#remoteId;
  }

  /** True for an offer of another connection than the one that this one is talking to: that page was loaded anew. */
  isFromNewConnection(signal: Signal): boolean {
    return signal.kind === "OFFER" && this.#peer.remoteDescription !== null && this.#remoteId !== signal.from;
  }

  /** Take a signal; they are worked through one by one. */
  receive(signal: Signal): Promise<void> {
    const isForAnother = signal.to !== null && signal.to !== this.id;
    if (isForAnother && signal.kind !== "OFFER") return Promise.resolve();
    this.#work = this.#work.then(() => this.#take(signal)).catch(() => undefined);
    return this.#work;
  }

  /** Say the offer again that is still without an answer; the other has just come back. */
  repeatOffer(): void {
    if (this.#peer.signalingState === "have-local-offer") this.#tellDescription();
  }

  async #offer(): Promise<void> {
    try {
      this.#isMakingOffer = true;
      await this.#peer.setLocalDescription();
      this.#offerNumber += 1;
      this.#tellDescription();
    } catch {
      // The connection was closed meanwhile, or a newer negotiation is on its way.
    } finally {
      this.#isMakingOffer = false;
    }
  }

  async #take(signal: Signal): Promise<void> {
    if (this.#peer.signalingState === "closed") return;
    if (signal.kind === "CANDIDATE") return this.#takeCandidate(signal);
    const type = signal.kind === "OFFER" ? "offer" : "answer";
    const isCollision = type === "offer" && (this.#isMakingOffer || this.#peer.signalingState !== "stable");
    this.#isIgnoringOffer = !this.#isPolite && isCollision;
    if (this.#isIgnoringOffer) {
      // Ours wins; but the other may have come after it was sent.
      this.repeatOffer();
      return;
    }
    if (type === "answer" && (this.#peer.signalingState !== "have-local-offer" || signal.number !== this.#offerNumber)) return;
    if (type === "offer" && this.#remoteId === signal.from && signal.number === this.#answeredNumber) {
      // Told again, and answered before: the answer may have been lost.
      if (this.#peer.localDescription?.type === "answer") this.#tellDescription();
      return;
    }
    // A polite connection that has an offer of its own takes it back by this.
    await this.#peer.setRemoteDescription({ type, sdp: signal.sdp ?? "" });
    this.#remoteId = signal.from;
    if (type === "offer") {
      this.#answeredNumber = signal.number ?? 0;
      await this.#peer.setLocalDescription();
      this.#tellDescription();
    }
    for (const candidate of this.#early.splice(0)) await this.#peer.addIceCandidate(candidate).catch(() => undefined);
  }

  async #takeCandidate({ candidate }: Signal): Promise<void> {
    if (!candidate) return;
    if (this.#peer.remoteDescription === null) {
      this.#early.push(candidate);
      return;
    }
    try {
      await this.#peer.addIceCandidate(candidate);
    } catch (error) {
      // Candidates of an offer that was ignored fit nothing.
      if (!this.#isIgnoringOffer) throw error;
    }
  }

  #tellDescription(): void {
    const description = this.#peer.localDescription;
    if (description?.type === "offer") this.#tell("OFFER", { sdp: description.sdp, number: this.#offerNumber });
    else if (description) this.#tell("ANSWER", { sdp: description.sdp, number: this.#answeredNumber });
  }

  #tell(kind: Signal["kind"], content: { sdp?: string; number?: number; candidate?: RTCIceCandidateInit }): void {
    this.#send({ kind, from: this.id, to: this.#remoteId, ...content });
  }
}
