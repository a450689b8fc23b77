/** Our cursor to the others: the newest state only, at most one message on its way, a bounded rate. */
import type { Awareness } from "y-protocols/awareness";
import { encodeAwarenessUpdate } from "y-protocols/awareness";

export class CursorSender {
  readonly #awareness: Awareness;
  readonly #send: (update: Uint8Array) => Promise<void>;
  readonly #interval: number;
  #isDirty = false;
  #isSending = false;
  #isStopped = false;

  constructor(awareness: Awareness, send: (update: Uint8Array) => Promise<void>, interval: number) {
    this.#awareness = awareness;
    this.#send = send;
    this.#interval = interval;
  }

  /** Our state has changed, or the others should hear it again. */
  changed(): void {
    this.#isDirty = true;
    if (!this.#isSending) void this.#drain();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #drain(): Promise<void> {
    this.#isSending = true;
    while (this.#isDirty && !this.#isStopped) {
      this.#isDirty = false;
      const update = encodeAwarenessUpdate(this.#awareness, [this.#awareness.clientID]);
      const pause = new Promise((resolve) => setTimeout(resolve, this.#interval));
      // A cursor that is lost does not matter: the next one says all that it said.
      await this.#send(update).catch(() => undefined);
      await pause;
    }
    this.#isSending = false;
  }
}
