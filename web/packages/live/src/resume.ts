/** A subscription that survives lost connections: it goes on after the last event that was seen, each event once. */
import { Backoff, type BackoffOptions, Pause } from "./backoff.js";
import { ConnectionLost, type GraphQLErrorJson, OperationRefused } from "./errors.js";
import type { SubscriptionSink } from "./socket.js";
import type { TokenSource } from "./tokens.js";

/** A place in a stream. Numbers of two epochs say nothing about each other. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** What an event means for the position. */
export type EventKind =
  /** Has a number of its own: told once. */
  | { readonly kind: "numbered"; readonly position: Position }
  /** Matters only now: told, never counted. */
  | { readonly kind: "ephemeral" }
  /** Says where the stream stands; the position becomes this one, unless a later one of the same epoch is known. */
  | { readonly kind: "hello"; readonly position: Position }
  /** What was missed cannot be told: load everything again, and go on from there. */
  | { readonly kind: "resync"; readonly position: Position };

export type ConnectionState =
  | { readonly status: "connecting" }
  | { readonly status: "live" }
  | { readonly status: "waiting"; readonly retryAt: number; readonly reason: string }
  | { readonly status: "ended" }
  | { readonly status: "failed"; readonly error: Error };

/** What `resumeSubscription` needs of a LiveSocket; tests bring their own. */
export interface Subscriber {
  readonly tokens: TokenSource | null;
  subscribe(query: string, variables: Record<string, unknown>, sink: SubscriptionSink): () => void;
  onOnline?(listener: () => void): () => void;
}

export interface ResumeOptions<TEvent> {
  readonly socket: Subscriber;
  readonly document: { toString(): string };
  /** The variables to subscribe with, given the position to go on after; null: from wherever the server begins. */
  readonly variables: (after: Position | null) => Record<string, unknown>;
  /** Take the event out of the data of an answer. */
  readonly event: (data: Record<string, unknown>) => TEvent;
  /** What an event means for the position. */
  readonly kind: (event: TEvent, current: Position | null) => EventKind;
  readonly onEvent: (event: TEvent) => void;
  /** Load everything again; resolves with the position of what was loaded (default: the event's own). */
  readonly onResync?: (event: TEvent, position: Position) => Promise<Position | void>;
  readonly onState?: (state: ConnectionState) => void;
  /** True for the event after which nothing follows; a stream that ends without it is taken up again. */
  readonly isLast?: (event: TEvent) => boolean;
  readonly after?: Position | null;
  readonly backoff?: Partial<BackoffOptions>;
}

export interface ResumedSubscription {
  /** Where the stream stands: keep it, and give it back as `after` to go on later. */
  readonly position: Position | null;
  readonly state: ConnectionState;
  close(): void;
}

export function resumeSubscription<TEvent>(options: ResumeOptions<TEvent>): ResumedSubscription {
  const stream = new Stream(options);
  void stream.run();
  return stream;
}

/** How one attempt ended. */
type Outcome =
  | { readonly ended: "last" }
  | { readonly ended: "closed" }
  | { readonly ended: "lost"; readonly reason: unknown };

class Stream<TEvent> implements ResumedSubscription {
  position: Position | null;
  state: ConnectionState = { status: "connecting" };
  readonly #options: ResumeOptions<TEvent>;
  readonly #backoff: Backoff;
  readonly #pause = new Pause();
  readonly #closing = new AbortController();
  readonly #stopWatching: (() => void) | undefined;
  #leave: (() => void) | null = null;

  constructor(options: ResumeOptions<TEvent>) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
    this.position = options.after ?? null;
    this.#stopWatching = options.socket.onOnline?.(() => this.#pause.wake());
  }

  async run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#setState({ status: "connecting" });
      const outcome = await this.#attempt();
      if (outcome.ended === "closed") return;
      if (outcome.ended === "last") return this.#finish({ status: "ended" });
      const failure = await this.#failureOf(outcome.reason);
      if (failure) return this.#finish({ status: "failed", error: failure });
      if (this.#closing.signal.aborted) return;
      const wait = this.#backoff.next();
      this.#setState({ status: "waiting", retryAt: Date.now() + wait, reason: reasonOf(outcome.reason) });
      await this.#pause.wait(wait, this.#closing.signal);
    }
  }

  close(): void {
    this.#closing.abort();
    this.#stopWatching?.();
    this.#leave?.();
  }

  #finish(state: ConnectionState): void {
    this.#stopWatching?.();
    this.#setState(state);
  }

  #attempt(): Promise<Outcome> {
    return new Promise((resolve) => {
      let isOver = false;
      // Events wait for a resync that is being loaded, so that they are told in order.
      let queue: Promise<void> = Promise.resolve();
      const end = (outcome: Outcome): void => {
        if (isOver) return;
        isOver = true;
        this.#leave = null;
        leave();
        resolve(outcome);
      };
      const take = async (event: TEvent): Promise<void> => {
        if (isOver) return;
        try {
          if (await this.#take(event)) end({ ended: "last" });
        } catch (reason) {
          end({ ended: "lost", reason });
        }
      };
      const leave = this.#options.socket.subscribe(
        this.#options.document.toString(),
        this.#options.variables(this.position),
        {
          next: ({ data, errors }) => {
            if (errors?.length && !data) return end({ ended: "lost", reason: errors });
            if (data) queue = queue.then(() => take(this.#options.event(data as Record<string, unknown>)));
          },
          error: (reason) => end({ ended: "lost", reason }),
          complete: () => void queue.then(() => end({ ended: "lost", reason: new ConnectionLost("The stream ended.") })),
        },
      );
      this.#leave = () => end({ ended: "closed" });
      if (this.#closing.signal.aborted) this.#leave();
    });
  }

  /** Tell one event, unless it was told before. True when it was the last one. */
  async #take(event: TEvent): Promise<boolean> {
    if (this.#closing.signal.aborted) return false;
    this.#backoff.reset();
    if (this.state.status !== "live") this.#setState({ status: "live" });
    const meaning = this.#options.kind(event, this.position);
    if (meaning.kind === "numbered") {
      if (this.position?.epoch === meaning.position.epoch && meaning.position.seq <= this.position.seq) return false;
      this.position = meaning.position;
    } else if (meaning.kind === "hello") {
      if (this.position?.epoch !== meaning.position.epoch) this.position = meaning.position;
    } else if (meaning.kind === "resync") {
      const loaded = await this.#options.onResync?.(event, meaning.position);
      this.position = loaded ?? meaning.position;
    }
    this.#options.onEvent(event);
    return this.#options.isLast?.(event) ?? false;
  }

  /** The error that no further attempt can mend; undefined when one may. */
  async #failureOf(reason: unknown): Promise<Error | undefined> {
    const refusal = refusalOf(reason);
    if (refusal?.isFinal) return refusal;
    const isForbidden = refusal?.isAboutLogin || closeCodeOf(reason) === 4403;
    const { tokens } = this.#options.socket;
    if (!isForbidden || !tokens) return undefined;
    try {
      const fresh = await tokens.renew(await tokens.current());
      return fresh ? undefined : (refusal ?? new OperationRefused([{ message: "Log in again." }]));
    } catch {
      return undefined; // no network just now: the next attempt asks again
    }
  }

  #setState(state: ConnectionState): void {
    if (this.#closing.signal.aborted) return;
    this.state = state;
    this.#options.onState?.(state);
  }
}

function refusalOf(reason: unknown): OperationRefused | undefined {
  if (reason instanceof OperationRefused) return reason;
  return Array.isArray(reason) ? new OperationRefused(reason as GraphQLErrorJson[]) : undefined;
}

function closeCodeOf(reason: unknown): number | undefined {
  const code = (reason as { code?: unknown } | null)?.code;
  return typeof code === "number" ? code : undefined;
}

function reasonOf(reason: unknown): string {
  if (reason instanceof Error) return reason.message;
  return refusalOf(reason)?.message ?? (closeCodeOf(reason) ? `connection closed (${closeCodeOf(reason)})` : "connection lost");
}
