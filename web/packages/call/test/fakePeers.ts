/** As much of RTCPeerConnection as negotiation needs: the signalling states of the specification, with rollback. */
type State = "stable" | "have-local-offer" | "have-remote-offer" | "closed";
interface Description {
  readonly type: "offer" | "answer";
  readonly sdp: string;
}

let count = 0;

export class FakePeer {
  signalingState: State = "stable";
  localDescription: Description | null = null;
  remoteDescription: Description | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: { toJSON(): RTCIceCandidateInit } | null }) => void) | null = null;
  readonly candidates: string[] = [];
  rollbacks = 0;

  get asReal(): RTCPeerConnection {
    return this as unknown as RTCPeerConnection;
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    const isAnswer = this.signalingState === "have-remote-offer";
    this.localDescription = { type: isAnswer ? "answer" : "offer", sdp: `sdp ${++count}` };
    this.signalingState = isAnswer ? "stable" : "have-local-offer";
  }

  async setRemoteDescription(description: Description): Promise<void> {
    await Promise.resolve();
    if (description.type === "answer" && this.signalingState !== "have-local-offer") throw new Error("InvalidStateError");
    if (description.type === "offer" && this.signalingState === "have-local-offer") this.rollbacks += 1;
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
  }

  async addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (!this.remoteDescription) throw new Error("InvalidStateError");
    this.candidates.push(candidate.candidate ?? "");
  }

  close(): void {
    this.signalingState = "closed";
  }
}
