/**
 * A Yjs provider over GraphQL. What is written in `doc` is pushed in batches and counts as saved when the server has it
 * on disk; what the others write comes as events that are resumed after every lost connection.
 */
import {
  type ConnectionState,
  followSession,
  type HttpClient,
  type LiveSocket,
  Pause,
  type Position,
  type ResumedSubscription,
} from "@tandem/live";
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import * as Y from "yjs";

import { fromBase64, toBase64 } from "./base64.js";
import { CursorSender } from "./cursors.js";
import {
  DOCUMENT,
  type LoadedDocument,
  PUSH_UPDATES,
  type PushAnswer,
  SESSION_EVENTS,
  type SessionEvent,
  SET_AWARENESS,
} from "./operations.js";
import { type Batch, Outbox } from "./outbox.js";

/** A browser takes 64 KiB of requests that outlive their page, in base64 and with the rest of the request. */
const KEEPALIVE_BYTES = 40 * 1024;

export interface ProviderStatus {
  readonly connection: ConnectionState;
  /** Updates of this page that are not on the server's disk yet. */
  readonly unsaved: number;
  /** True once the document was loaded. */
  readonly isLoaded: boolean;
  /** The Y.Text to show, and its language. */
  readonly textName: string;
  readonly language: string;
  /** Why nothing more can be written here; null as long as it can. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
}

export interface ProviderOptions<TEvent extends SessionEvent> {
  readonly sessionId: string;
  readonly http: HttpClient;
  readonly socket: LiveSocket;
  readonly doc?: Y.Doc;
  readonly awareness?: Awareness;
  /** A subscription of one's own with more fields; it must select what SESSION_EVENTS selects. */
  readonly document?: { toString(): string };
  readonly onStatus?: (status: ProviderStatus) => void;
  /** Every event of the session, after the provider has used it. */
  readonly onEvent?: (event: TEvent) => void;
  /** Milliseconds for which keystrokes are gathered. */
  readonly batchMilliseconds?: number;
  readonly cursorMilliseconds?: number;
}

export class SessionProvider<TEvent extends SessionEvent = SessionEvent> {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly #options: ProviderOptions<TEvent>;
  readonly #clientId = randomName();
  readonly #outbox: Outbox;
  readonly #cursors: CursorSender;
  readonly #closing = new AbortController();
  #stream: ResumedSubscription | null = null;
  #epoch: string | null = null;
  #status: ProviderStatus;
  #healing: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ProviderOptions<TEvent>) {
    this.#options = options;
    this.doc = options.doc ?? new Y.Doc();
    this.awareness = options.awareness ?? new Awareness(this.doc);
    this.#status = { connection: { status: "connecting" }, unsaved: 0, isLoaded: false, textName: "", language: "", refusal: null };
    this.#outbox = new Outbox({
      batchMilliseconds: options.batchMilliseconds ?? 40,
      send: (batch, keepalive) => this.#push(batch, keepalive),
      onAcknowledged: () => undefined,
      onEpochChanged: async () => void (await this.#load()),
      onRefused: ({ code, message }) => this.#refuse(code ?? "UNKNOWN", message ?? "The server refused what was written."),
      onChange: () => this.#setStatus({ unsaved: this.#outbox.size }),
      onLoginNeeded: async () => Boolean(await options.http.tokens?.renew(await options.http.tokens.current())),
    });
    this.#cursors = new CursorSender(this.awareness, (update) => this.#pushCursor(update), options.cursorMilliseconds ?? 100);
    this.doc.on("update", this.#onDocUpdate);
    this.awareness.on("update", this.#onAwarenessUpdate);
    if (typeof window !== "undefined") window.addEventListener("pagehide", this.#onPageHide);
    void this.#start();
  }

  get status(): ProviderStatus {
    return this.#status;
  }

  /** The Y.Text that is shown now: bind it to the editor when `status.isLoaded`. */
  get text(): Y.Text {
    return this.doc.getText(this.#status.textName);
  }

  /** Resolves when everything written so far is on the server's disk (or can never be). */
  async flush(): Promise<void> {
    await this.#outbox.flush();
  }

  /** Stop; what is unsaved is sent on a best effort, and the cursor is taken away from the others. */
  destroy(): void {
    if (this.#closing.signal.aborted) return;
    this.#outbox.sendLastWords();
    if (this.awareness.getLocalState() !== null) {
      removeAwarenessStates(this.awareness, [this.doc.clientID], "provider closes");
      void this.#pushCursor(encodeAwarenessUpdate(this.awareness, [this.doc.clientID])).catch(() => undefined);
    }
    this.#closing.abort();
    clearTimeout(this.#healing);
    this.#outbox.stop();
    this.#cursors.stop();
    this.#stream?.close();
    this.doc.off("update", this.#onDocUpdate);
    this.awareness.off("update", this.#onAwarenessUpdate);
    if (typeof window !== "undefined") window.removeEventListener("pagehide", this.#onPageHide);
    // It looks for silent clients by a timer of its own, as long as it lives.
    if (!this.#options.awareness) this.awareness.destroy();
  }

  async #start(): Promise<void> {
    // The stream asks for a resync as long as nothing was loaded, so loading and its retries have one place.
    let position: Position | null = null;
    for (let wait = 300; position === null; wait = Math.min(wait * 2, 5_000)) {
      if (this.#closing.signal.aborted) return;
      try {
        position = await this.#load();
      } catch (error) {
        const { isFinal, code, message } = error as { isFinal?: boolean; code?: string; message?: string };
        if (isFinal) return this.#refuse(code ?? "UNKNOWN", message ?? "The session cannot be opened.");
        const reason = message ?? "no answer";
        this.#setStatus({ connection: { status: "waiting", retryAt: Date.now() + wait, reason } });
        await new Pause().wait(wait * (0.5 + Math.random() / 2), this.#closing.signal);
      }
    }
    if (this.#closing.signal.aborted) return;
    this.#stream = followSession<TEvent>({
      sessionId: this.#options.sessionId,
      socket: this.#options.socket,
      document: this.#options.document ?? { toString: () => SESSION_EVENTS },
      after: position,
      onEvent: (event) => this.#take(event),
      onResync: () => this.#load(),
      onState: (connection) => this.#connectionChanged(connection),
    });
  }

  /** Bring the document up to what the server has; returns where its events go on. */
  async #load(): Promise<Position> {
    const { http, sessionId } = this.#options;
    const { document } = await http.request<{ document: LoadedDocument }>(DOCUMENT, { sessionId });
    const isOtherEpoch = this.#epoch !== null && this.#epoch !== document.epoch;
    for (const update of document.updates) Y.applyUpdate(this.doc, fromBase64(update), this);
    this.#epoch = document.epoch;
    if (isOtherEpoch) this.#outbox.replace([ownUpdateMissingIn(this.doc, document.updates.map(fromBase64))]);
    this.#setStatus({ isLoaded: true, textName: document.textName, language: document.language });
    return { epoch: document.epoch, seq: document.seq };
  }

  #take(event: TEvent): void {
    switch (event.__typename) {
      case "SessionHello":
        this.#setText(event);
        for (const update of event.awareness ?? []) applyAwarenessUpdate(this.awareness, fromBase64(update), this);
        if (this.awareness.getLocalState() !== null) this.#cursors.changed();
        break;
      case "DocumentUpdated":
        this.doc.transact(() => {
          for (const update of event.updates ?? []) Y.applyUpdate(this.doc, fromBase64(update), this);
        }, this);
        this.#healLater();
        break;
      case "DocumentTextChanged":
        this.#setText(event);
        break;
      case "SessionAwarenessChanged":
        if (event.update) applyAwarenessUpdate(this.awareness, fromBase64(event.update), this);
        break;
      case "SessionEnded":
        this.#refuse("SESSION_CLOSED", "The session has ended.");
        break;
    }
    this.#options.onEvent?.(event);
  }

  /** Updates that wait for others which never came: load the whole document rather than show half of it. */
  #healLater(): void {
    if (this.doc.store.pendingStructs === null || this.#healing !== undefined) return;
    this.#healing = setTimeout(() => {
      this.#healing = undefined;
      if (this.doc.store.pendingStructs !== null) void this.#load().catch(() => this.#healLater());
    }, 2_000);
  }

  readonly #onDocUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin !== this && !this.#status.refusal) this.#outbox.add(update);
  };

  readonly #onAwarenessUpdate = (_changes: unknown, origin: unknown): void => {
    // "local" is our own cursor and its repetition every 15 s; "timeout" is a cursor that everybody drops by himself.
    if (origin === "local") this.#cursors.changed();
  };

  readonly #onPageHide = (): void => {
    this.#outbox.sendLastWords();
  };

  async #push(batch: Batch, keepalive: boolean): Promise<PushAnswer> {
    if (this.#epoch === null) await this.#load();
    const input = {
      sessionId: this.#options.sessionId,
      epoch: this.#epoch,
      clientId: this.#clientId,
      clientSeq: batch.clientSeq,
      updates: batch.updates.map(toBase64),
    };
    const bytes = batch.updates.reduce((sum, update) => sum + update.length, 0);
    const options = { keepalive: keepalive && bytes <= KEEPALIVE_BYTES };
    const { pushUpdates } = await this.#options.http.request<{ pushUpdates: PushAnswer }>(PUSH_UPDATES, { input }, options);
    return pushUpdates;
  }

  async #pushCursor(update: Uint8Array): Promise<void> {
    if (this.#status.refusal) return;
    const input = { sessionId: this.#options.sessionId, update: toBase64(update) };
    await this.#options.http.request(SET_AWARENESS, { input }, { keepalive: true });
  }

  #connectionChanged(connection: ConnectionState): void {
    if (connection.status === "live") {
      this.#outbox.wake();
    } else {
      const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
      removeAwarenessStates(this.awareness, others, this);
    }
    this.#setStatus({ connection });
    if (connection.status === "failed") {
      const { code = "UNKNOWN", message } = connection.error as Error & { code?: string };
      this.#refuse(code, message);
    }
  }

  #setText({ textName, language }: SessionEvent): void {
    if (textName) this.#setStatus({ textName, language: language ?? this.#status.language });
  }

  #refuse(code: string, message: string): void {
    this.#setStatus({ refusal: { code, message } });
    this.#outbox.stop();
  }

  #setStatus(change: Partial<ProviderStatus>): void {
    if (this.#closing.signal.aborted) return;
    this.#status = { ...this.#status, ...change };
    this.#options.onStatus?.(this.#status);
  }
}

/** What `doc` has of its own client and the server's updates lack. Others send theirs; the server takes only one's own. */
function ownUpdateMissingIn(doc: Y.Doc, stored: readonly Uint8Array[]): Uint8Array {
  const server = new Y.Doc();
  for (const update of stored) Y.applyUpdate(server, update);
  // All clients count as fully known but our own, so that the difference holds nothing but our own structs (and what
  // was deleted, which speaks for nobody).
  const vector = Y.decodeStateVector(Y.encodeStateVector(doc));
  vector.set(doc.clientID, Y.decodeStateVector(Y.encodeStateVector(server)).get(doc.clientID) ?? 0);
  server.destroy();
  return Y.encodeStateAsUpdate(doc, Y.encodeStateVector(vector));
}

function randomName(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
