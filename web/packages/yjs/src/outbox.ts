/** What was written here and is not yet stored: batched, numbered, sent one batch at a time until it is acknowledged. */
import { Backoff, type BackoffOptions, ConnectionLost, Pause } from "@tandem/live";
import * as Y from "yjs";

import type { PushAnswer } from "./operations.js";
import { split } from "./split.js";

/** The server takes 64 KiB per update, 200 updates and 256 KiB per push; we stay below. */
const MERGED_BYTES = 48 * 1024;
const PUSH_BYTES = 192 * 1024;
const PUSH_UPDATES = 100;
/** Without a network, keystrokes are put together when so many wait: what is kept is what was written, not how. */
const MOST_WAITING = 500;
/** Batches that are sent when the page goes away; browsers take little then. */
const LAST_BATCHES = 8;

export interface Batch {
  /** Stays the same however often the batch is sent, so that it counts once. */
  readonly clientSeq: number;
  readonly updates: readonly Uint8Array[];
}

export interface OutboxOptions {
  readonly send: (batch: Batch, keepalive: boolean) => Promise<PushAnswer>;
  /** A batch is on the server's disk. */
  readonly onAcknowledged: (batch: Batch, answer: PushAnswer) => void;
  /** The epoch is another one; resolves when the document is loaded anew and what is unsent was put back. */
  readonly onEpochChanged: (epoch: string) => Promise<void>;
  /** The server will never take this batch: writing is over. */
  readonly onRefused: (answer: PushAnswer) => void;
  readonly onChange: () => void;
  /** Get a new token. */
  readonly onLoginNeeded: () => Promise<boolean>;
  /** Pushes are at least so far apart: a lone key goes at once, what follows it soon goes together. */
  readonly batchMilliseconds: number;
  readonly backoff?: Partial<BackoffOptions>;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #backoff: Backoff;
  readonly #pause = new Pause();
  #waiting: Uint8Array[] = [];
  #current: Batch | null = null;
  /** Numbered and sent once, when the page seemed to go away; they go after the current one. */
  #prepared: Batch[] = [];
  #nextSeq = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  #isSending = false;
  /** Whether somebody waits for everything to be stored. */
  #isUrgent = false;
  #isStopped = false;
  #idleListeners: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ longest: 10_000, ...options.backoff });
  }

  /** How many updates are not acknowledged; many that wait for the network are put together. */
  get size(): number {
    const numbered = this.#current ? [this.#current, ...this.#prepared] : this.#prepared;
    return numbered.reduce((sum, batch) => sum + batch.updates.length, this.#waiting.length);
  }

  add(update: Uint8Array): void {
    if (this.#isStopped) return;
    this.#waiting.push(...split(update, MERGED_BYTES));
    if (this.#waiting.length > MOST_WAITING) this.#mergeWaiting();
    this.#options.onChange();
    this.#drainLater();
  }

  /** Try at once instead of waiting for the next attempt. */
  wake(): void {
    this.#pause.wake();
  }

  /** Send what waits now; resolves when everything is acknowledged or writing is over. */
  async flush(): Promise<void> {
    this.wake();
    this.#isUrgent = this.size > 0;
    void this.#drain();
    if (this.size > 0 && !this.#isStopped) await new Promise<void>((resolve) => this.#idleListeners.push(resolve));
  }

  /** The page goes away: send what waits without awaiting the answers. It stays until it is acknowledged: pages come back. */
  sendLastWords(): void {
    if (this.#isStopped) return;
    while (this.#prepared.length < LAST_BATCHES) {
      const batch = this.#takeBatch();
      if (!batch) break;
      this.#prepared.push(batch);
    }
    const batches = this.#current ? [this.#current, ...this.#prepared] : this.#prepared;
    for (const batch of batches) void this.#options.send(batch, true).catch(() => undefined);
    if (this.size > 0) this.#drainLater();
  }

  /** Forget everything unsent (its content is put back by the caller), under new numbers. */
  replace(updates: readonly Uint8Array[]): void {
    this.#current = null;
    this.#prepared = [];
    this.#waiting = updates.flatMap((update) => split(update, MERGED_BYTES));
    this.#options.onChange();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#pause.wake();
    this.#tellIdle();
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (!this.#isStopped) {
        if (!this.#current && !this.#isUrgent && this.#gap() > 0) break;
        this.#current ??= this.#prepared.shift() ?? this.#takeBatch();
        if (!this.#current) break;
        this.#sentAt = performance.now();
        const wait = await this.#sendOnce(this.#current);
        if (wait > 0 && !this.#isStopped) await this.#pause.wait(wait);
      }
    } finally {
      this.#isSending = false;
      if (this.size === 0 || this.#isStopped) this.#tellIdle();
      else this.#drainLater();
    }
  }

  /** Milliseconds until the next push may go. */
  #gap(): number {
    return this.#sentAt + this.#options.batchMilliseconds - performance.now();
  }

  #drainLater(): void {
    if (this.#isStopped || this.#isSending) return;
    this.#timer ??= setTimeout(() => void this.#drain(), Math.max(0, Math.ceil(this.#gap())));
  }

  /** Send a batch once; returns how long to wait before the next. */
  async #sendOnce(batch: Batch): Promise<number> {
    let answer: PushAnswer;
    try {
      answer = await this.#options.send(batch, false);
    } catch (error) {
      const refusal = error as { code?: string; message?: string; isFinal?: boolean };
      if (error instanceof ConnectionLost || !refusal.isFinal) return this.#backoff.next();
      answer = { __typename: "Refused", code: refusal.code ?? "UNKNOWN", message: refusal.message ?? "" };
    }
    switch (answer.__typename) {
      case "UpdatesAcknowledged":
        this.#backoff.reset();
        this.#current = null;
        this.#options.onAcknowledged(batch, answer);
        this.#options.onChange();
        return 0;
      case "EpochChanged":
        try {
          await this.#options.onEpochChanged(answer.currentEpoch ?? "");
          return 0;
        } catch {
          return this.#backoff.next();
        }
      case "NotAuthenticated":
        if (await this.#options.onLoginNeeded().catch(() => true)) return this.#backoff.next();
    }
    if (answer.retryable) return this.#backoff.next((answer.retryAfter ?? 0) * 1000);
    this.#options.onRefused(answer);
    return 0;
  }

  #takeBatch(): Batch | null {
    if (this.#waiting.length === 0) return null;
    const updates: Uint8Array[] = [];
    let bytes = 0;
    while (this.#waiting.length > 0 && updates.length < PUSH_UPDATES) {
      const next = this.#takeMerged();
      if (updates.length > 0 && bytes + next.length > PUSH_BYTES) {
        this.#waiting.unshift(next);
        break;
      }
      updates.push(next);
      bytes += next.length;
    }
    return { clientSeq: this.#nextSeq++, updates };
  }

  #mergeWaiting(): void {
    const merged: Uint8Array[] = [];
    while (this.#waiting.length > 0) merged.push(this.#takeMerged());
    this.#waiting = merged;
  }

  /** The next updates in one, as long as it stays small enough. */
  #takeMerged(): Uint8Array {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length) {
      const length = this.#waiting[count]?.length ?? 0;
      if (count > 0 && bytes + length > MERGED_BYTES) break;
      bytes += length;
      count += 1;
    }
    const taken = this.#waiting.splice(0, count);
    return taken.length === 1 ? (taken[0] as Uint8Array) : Y.mergeUpdates(taken);
  }

  #tellIdle(): void {
    const listeners = this.#idleListeners;
    this.#idleListeners = [];
    this.#isUrgent = false;
    for (const listener of listeners) listener();
  }
}
