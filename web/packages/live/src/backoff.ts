/** Waits between attempts: doubling, bounded, and spread at random so that clients do not come back all at once. */
export interface BackoffOptions {
  /** Milliseconds before the second attempt. */
  readonly first: number;
  /** The longest wait in milliseconds. */
  readonly longest: number;
  /** A number from 0 to 1; replaced in tests. */
  readonly random: () => number;
}

export const DEFAULT_BACKOFF: BackoffOptions = { first: 300, longest: 15_000, random: Math.random };

export class Backoff {
  #failures = 0;
  readonly #options: BackoffOptions;

  constructor(options: Partial<BackoffOptions> = {}) {
    this.#options = { ...DEFAULT_BACKOFF, ...options };
  }

  /** How long to wait before the next attempt; at least `atLeast`. */
  next(atLeast = 0): number {
    const { first, longest, random } = this.#options;
    const bound = Math.min(longest, first * 2 ** this.#failures);
    this.#failures += 1;
    return Math.max(atLeast, bound * (0.5 + random() / 2));
  }

  /** It worked: the next failure begins at the first wait. */
  reset(): void {
    this.#failures = 0;
  }
}

/** A wait that a signal or `wake()` can cut short. */
export class Pause {
  #wake: (() => void) | null = null;

  async wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal?.addEventListener("abort", done);
      this.#wake = done;
    });
  }

  wake(): void {
    this.#wake?.();
  }
}
