/** One WebSocket for all subscriptions of a page: token at the start and whenever it is renewed, and a dead line noticed. */
import { type Client, createClient } from "graphql-ws";

import type { TokenSource } from "./tokens.js";

export interface LiveSocketOptions {
  /** Address of the GraphQL endpoint, ws: or wss:; http: and https: are changed to them. */
  readonly url: string;
  readonly tokens?: TokenSource;
  /** Needed where there is no global WebSocket (Node before 22). */
  readonly webSocketImpl?: unknown;
  /** Milliseconds between pings, and for which an answer is awaited. */
  readonly pingInterval?: number;
  readonly pongTimeout?: number;
}

export interface SubscriptionSink {
  next(value: { data?: unknown; errors?: readonly unknown[] }): void;
  error(reason: unknown): void;
  complete(): void;
}

const OPEN = 1;

interface RawSocket {
  readonly readyState: number;
  send(text: string): void;
}

export class LiveSocket {
  readonly tokens: TokenSource | null;
  readonly #client: Client;
  readonly #stopWatching: () => void;
  readonly #onlineListeners = new Set<() => void>();
  #raw: RawSocket | null = null;
  #pongTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveSocketOptions) {
    this.tokens = options.tokens ?? null;
    this.#client = createClient({
      url: options.url.replace(/^http/, "ws"),
      // Resubscribing is ours: graphql-ws would send the first variables again, and with them an old cursor.
      retryAttempts: 0,
      lazyCloseTimeout: 3_000,
      keepAlive: options.pingInterval ?? 10_000,
      connectionAckWaitTimeout: 10_000,
      ...(options.webSocketImpl ? { webSocketImpl: options.webSocketImpl } : {}),
      connectionParams: async () => {
        const token = await this.tokens?.current();
        return token ? { authorization: `Bearer ${token}` } : {};
      },
      on: {
        connected: (socket) => {
          this.#raw = socket as RawSocket;
        },
        ping: (received) => {
          if (received) return;
          clearTimeout(this.#pongTimer);
          this.#pongTimer = setTimeout(() => this.drop(), options.pongTimeout ?? 8_000);
        },
        pong: (received) => {
          if (received) clearTimeout(this.#pongTimer);
        },
        closed: () => {
          clearTimeout(this.#pongTimer);
          this.#raw = null;
        },
      },
    });
    const stopTokens = this.tokens?.onChange((token) => this.#tokenChanged(token));
    const stopNetwork = watchNetwork(
      () => this.drop(),
      () => this.#onlineListeners.forEach((listener) => listener()),
    );
    this.#stopWatching = () => {
      stopTokens?.();
      stopNetwork();
    };
  }

  /** Start one subscription; the returned function ends it. No retries: see resume.ts. */
  subscribe(query: string, variables: Record<string, unknown>, sink: SubscriptionSink): () => void {
    return this.#client.subscribe({ query, variables }, sink as never);
  }

  /** Break the line off without saying goodbye, as a lost network does. Subscriptions come back by themselves. */
  drop(): void {
    // A socket that is still being opened has its own time limit, and breaking it off is an error under Node.
    if (this.#raw?.readyState === OPEN) this.#client.terminate();
  }

  /** Called when the browser says that the network is back. */
  onOnline(listener: () => void): () => void {
    this.#onlineListeners.add(listener);
    return () => this.#onlineListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#stopWatching();
    clearTimeout(this.#pongTimer);
    await this.#client.dispose();
  }

  #tokenChanged(token: string | null): void {
    if (token === null) {
      this.drop();
    } else if (this.#raw?.readyState === OPEN) {
      // The gateway takes a new token for the socket in a ping, so the subscriptions on it go on undisturbed.
      this.#raw.send(JSON.stringify({ type: "ping", payload: { authorization: `Bearer ${token}` } }));
    }
  }
}

function watchNetwork(onOffline: () => void, onOnline: () => void): () => void {
  if (typeof window === "undefined") return () => undefined;
  window.addEventListener("offline", onOffline);
  window.addEventListener("online", onOnline);
  return () => {
    window.removeEventListener("offline", onOffline);
    window.removeEventListener("online", onOnline);
  };
}
