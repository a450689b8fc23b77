/** One call between the two people of a session: join, leave, mute; what comes of it as one state to show. */
import { ConnectionLost } from "@tandem/live";

import { AUDIO, type DeviceState, openDevices, openOne, VIDEO } from "./devices.js";
import { Negotiation } from "./negotiation.js";
import { decodeSignal, encodeSignal, type Signal } from "./signals.js";

export interface CallState {
  /** `away`: not in the call; `waiting`: the partner is not there yet. */
  readonly status: "away" | "joining" | "waiting" | "connecting" | "connected" | "reconnecting";
  /** The partner is in the call, and we are not. */
  readonly isRinging: boolean;
  readonly audio: DeviceState;
  readonly video: DeviceState;
  /** What the partner sends; null while it is not known. */
  readonly partner: { readonly audio: boolean; readonly video: boolean } | null;
  readonly local: MediaStream | null;
  readonly remote: MediaStream | null;
}

export interface CallOptions {
  /** Of SessionHello: whether we give way when both offer at once. */
  readonly isPolite: boolean;
  /** STUN and TURN servers, asked for at each join, as their credentials end. */
  readonly iceServers: () => Promise<RTCIceServer[]>;
  /** Send a signal to the partner; it is tried again when it throws ConnectionLost. */
  readonly send: (kind: Signal["kind"], payload: string) => Promise<void>;
  readonly onState: (state: CallState) => void;
  readonly createPeer?: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly mediaDevices?: MediaDevices | undefined;
}

const AWAY: CallState = { status: "away", isRinging: false, audio: "off", video: "off", partner: null, local: null, remote: null };
const SEND_ATTEMPTS = 5;
const ALMOST_FULL = 32; // signals of a partner who rings that are kept until we join

export class Call {
  #state: CallState = AWAY;
  readonly #options: CallOptions;
  readonly #media: MediaDevices | undefined;
  #peer: RTCPeerConnection | null = null;
  #negotiation: Negotiation | null = null;
  #facts: RTCDataChannel | null = null;
  #iceServers: RTCIceServer[] = [];
  #tracks: { audio: MediaStreamTrack | null; video: MediaStreamTrack | null } = { audio: null, video: null };
  #missed: Signal[] = [];
  #sending: Promise<void> = Promise.resolve();

  constructor(options: CallOptions) {
    this.#options = options;
    this.#media = "mediaDevices" in options ? options.mediaDevices : globalThis.navigator?.mediaDevices;
  }

  get state(): CallState {
    return this.#state;
  }

  /** Open camera and microphone, as far as there are any, and connect as soon as the partner is in the call too. */
  async join(): Promise<void> {
    if (this.#state.status !== "away") return;
    this.#set({ status: "joining", isRinging: false });
    const [devices, servers] = await Promise.all([openDevices(this.#media), this.#options.iceServers().catch(() => [])]);
    if ((this.#state.status as string) !== "joining") {
      devices.audio?.stop();
      devices.video?.stop();
      return;
    }
    this.#iceServers = servers;
    this.#tracks = { audio: devices.audio, video: devices.video };
    this.#set({ status: "waiting", audio: devices.audioState, video: devices.videoState, local: this.#localStream() });
    this.#connect();
    for (const signal of this.#missed.splice(0)) this.#take(signal);
  }

  leave(): void {
    if (this.#state.status === "away") return;
    if (this.#negotiation) this.#send({ kind: "HANG_UP", from: this.#negotiation.id, to: null });
    this.#disconnect();
    this.#tracks.audio?.stop();
    this.#tracks.video?.stop();
    this.#tracks = { audio: null, video: null };
    this.#set(AWAY);
  }

  /** Muted, the microphone stays open, so that one can speak again at once. */
  async setMicrophone(isOn: boolean): Promise<void> {
    if (this.#tracks.audio) {
      this.#tracks.audio.enabled = isOn;
      this.#set({ audio: isOn ? "on" : "off" });
    } else if (isOn) await this.#open("audio");
    this.#tellFacts();
  }

  /** Off means off: the camera is let go, and asked for again. */
  async setCamera(isOn: boolean): Promise<void> {
    if (isOn && !this.#tracks.video) await this.#open("video");
    else if (!isOn && this.#tracks.video) {
      this.#tracks.video.stop();
      this.#tracks.video = null;
      this.#set({ video: "off", local: this.#localStream() });
      await this.#transceiver("video")?.sender.replaceTrack(null);
    }
    this.#tellFacts();
  }

  /** Give every SessionSignalReceived of the partner to this. */
  receive(kind: string, payload: string): void {
    const signal = decodeSignal(kind, payload);
    if (signal) this.#take(signal);
  }

  /** The partner's page has connected again: what it missed is told again. */
  partnerCameBack(): void {
    this.#negotiation?.repeatOffer();
  }

  #take(signal: Signal): void {
    if (signal.kind === "HANG_UP") return this.#partnerLeft(signal);
    if (!this.#negotiation) {
      if (signal.kind === "OFFER") {
        this.#missed = [signal];
        this.#set({ isRinging: true });
      } else if (this.#missed[0]?.from === signal.from && this.#missed.length < ALMOST_FULL) this.#missed.push(signal);
      return;
    }
    if (this.#negotiation.isFromNewConnection(signal)) {
      this.#disconnect();
      this.#connect();
    }
    void this.#negotiation.receive(signal);
  }

  #partnerLeft(signal: Signal): void {
    this.#missed = [];
    this.#set({ isRinging: false });
    if (!this.#negotiation || this.#negotiation.remoteId !== signal.from) return;
    this.#disconnect();
    this.#set({ status: "waiting" });
    this.#connect();
  }

  #connect(): void {
    const create = this.#options.createPeer ?? ((configuration) => new RTCPeerConnection(configuration));
    const peer = create({ iceServers: this.#iceServers });
    this.#peer = peer;
    this.#negotiation = new Negotiation({ peer, isPolite: this.#options.isPolite, id: randomId(), send: (signal) => this.#send(signal) });
    // Tracks that are added so share the lines of an offer that comes first. Who has no device adds nothing: the other's
    // offer brings the lines to hear and see by.
    for (const track of [this.#tracks.audio, this.#tracks.video]) if (track) peer.addTrack(track);
    this.#watchFacts(peer.createDataChannel("facts", { negotiated: true, id: 0 }));
    const remote = new MediaStream();
    peer.ontrack = ({ track }) => {
      remote.addTrack(track);
      this.#set({ remote });
    };
    peer.onconnectionstatechange = () => {
      if (peer !== this.#peer) return;
      if (peer.connectionState === "failed") peer.restartIce();
      this.#set({ status: statusOf(peer.connectionState, this.#state.status) });
    };
  }

  #disconnect(): void {
    this.#peer?.close();
    this.#peer = null;
    this.#negotiation = null;
    this.#facts = null;
    this.#set({ partner: null, remote: null });
  }

  /** Who is muted is told over the line itself: a muted track looks like any other from outside. */
  #watchFacts(channel: RTCDataChannel): void {
    this.#facts = channel;
    channel.onopen = () => this.#tellFacts();
    channel.onmessage = ({ data }) => {
      if (channel !== this.#facts) return;
      try {
        const { audio, video } = JSON.parse(String(data)) as { audio?: unknown; video?: unknown };
        this.#set({ partner: { audio: audio === true, video: video === true } });
      } catch {
        // Not ours.
      }
    };
  }

  #tellFacts(): void {
    if (this.#facts?.readyState !== "open") return;
    this.#facts.send(JSON.stringify({ audio: this.#state.audio === "on", video: this.#state.video === "on" }));
  }

  /** Open a device that was off, or was not there at the beginning. */
  async #open(kind: "audio" | "video"): Promise<void> {
    const peer = this.#peer;
    if (!peer || !this.#media) return;
    const { track, state } = await openOne(this.#media, kind === "video" ? { video: VIDEO } : { audio: AUDIO });
    if (peer !== this.#peer) return track?.stop();
    this.#tracks[kind] = track;
    this.#set({ [kind]: state, local: this.#localStream() });
    if (!track) return;
    const transceiver = this.#transceiver(kind);
    if (!transceiver) {
      peer.addTrack(track);
      return;
    }
    transceiver.direction = "sendrecv";
    await transceiver.sender.replaceTrack(track);
  }

  #transceiver(kind: "audio" | "video"): RTCRtpTransceiver | undefined {
    return this.#peer?.getTransceivers().find((each) => each.receiver.track.kind === kind);
  }

  #localStream(): MediaStream | null {
    const tracks = [this.#tracks.audio, this.#tracks.video].filter((track) => track !== null);
    return tracks.length > 0 ? new MediaStream(tracks) : null;
  }

  /** In order, each tried a few times: an answer that overtakes its candidates is harmless, a lost offer is not. */
  #send(signal: Signal): void {
    const payload = encodeSignal(signal);
    this.#sending = this.#sending.then(async () => {
      for (let attempt = 1; attempt <= SEND_ATTEMPTS; attempt += 1) {
        try {
          return await this.#options.send(signal.kind, payload);
        } catch (error) {
          if (!(error instanceof ConnectionLost)) return;
          await new Promise((resolve) => setTimeout(resolve, 400 * attempt));
        }
      }
    });
  }

  #set(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.onState(this.#state);
  }
}

function statusOf(state: RTCPeerConnectionState, before: CallState["status"]): CallState["status"] {
  switch (state) {
    case "connected":
      return "connected";
    case "connecting":
      return before === "connected" || before === "reconnecting" ? "reconnecting" : "connecting";
    case "disconnected":
    case "failed":
      return "reconnecting";
    default:
      return before;
  }
}

function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
