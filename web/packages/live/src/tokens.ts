/** The tokens of the person who is logged in: kept, shared between tabs, and refreshed once before they end. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** ISO time at which the access token ends. */
  readonly expiresAt: string;
}

/** Where tokens stay between page loads; `localStorage` fits. */
export interface TokenStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** `null` means that the refresh token is no longer good: the person has to log in again. */
export type RefreshTokens = (refreshToken: string) => Promise<Tokens | null>;

export interface TokenKeeperOptions {
  readonly refresh: RefreshTokens;
  readonly storage?: TokenStorage;
  readonly key?: string;
  /** Milliseconds before its end at which an access token is replaced. */
  readonly margin?: number;
}

/** What the other parts of this package need of tokens. */
export interface TokenSource {
  /** The access token to send; null for visitors. Refreshes it first when it is about to end. */
  current(): Promise<string | null>;
  /** The last token was refused: get another one. */
  renew(refused: string | null): Promise<string | null>;
  /** Called with each new access token, and with null after a log-out. */
  onChange(listener: (accessToken: string | null) => void): () => void;
}

export class TokenKeeper implements TokenSource {
  readonly #options: Required<Omit<TokenKeeperOptions, "storage">>;
  readonly #storage: TokenStorage | null;
  readonly #listeners = new Set<(accessToken: string | null) => void>();
  #tokens: Tokens | null = null;
  #refreshing: Promise<string | null> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TokenKeeperOptions) {
    this.#options = { key: "tandem.tokens", margin: 60_000, ...options };
    this.#storage = options.storage ?? null;
    this.#tokens = this.#stored();
    this.#planRefresh();
  }

  get isLoggedIn(): boolean {
    return this.#tokens !== null;
  }

  /** Keep the tokens of a log-in; null logs out. */
  set(tokens: Tokens | null): void {
    this.#tokens = tokens;
    if (tokens) this.#storage?.setItem(this.#options.key, JSON.stringify(tokens));
    else this.#storage?.removeItem(this.#options.key);
    this.#planRefresh();
    for (const listener of this.#listeners) listener(tokens?.accessToken ?? null);
  }

  async current(): Promise<string | null> {
    if (this.#tokens && this.#millisecondsLeft(this.#tokens) < this.#options.margin / 2) {
      return this.renew(this.#tokens.accessToken).catch(() => this.#tokens?.accessToken ?? null);
    }
    return this.#tokens?.accessToken ?? null;
  }

  async renew(refused: string | null): Promise<string | null> {
    if (this.#tokens && this.#tokens.accessToken !== refused) return this.#tokens.accessToken;
    this.#refreshing ??= this.#refresh(refused).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  onChange(listener: (accessToken: string | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stop the timer that refreshes ahead of time. */
  close(): void {
    clearTimeout(this.#timer);
  }

  async #refresh(refused: string | null): Promise<string | null> {
    return withLock(this.#options.key, async () => {
      // Another tab may have been faster; its tokens are the good ones, ours would count as used twice.
      const stored = this.#stored();
      if (stored && stored.accessToken !== refused && stored.accessToken !== this.#tokens?.accessToken) {
        this.set(stored);
        return stored.accessToken;
      }
      if (!this.#tokens) return null;
      const fresh = await this.#options.refresh(this.#tokens.refreshToken);
      this.set(fresh);
      return fresh?.accessToken ?? null;
    });
  }

  #stored(): Tokens | null {
    const text = this.#storage?.getItem(this.#options.key);
    if (!text) return this.#storage ? null : this.#tokens;
    try {
      const value = JSON.parse(text) as Partial<Tokens>;
      return value.accessToken && value.refreshToken && value.expiresAt ? (value as Tokens) : null;
    } catch {
      return null;
    }
  }

  #millisecondsLeft(tokens: Tokens): number {
    return Date.parse(tokens.expiresAt) - Date.now();
  }

  #planRefresh(): void {
    clearTimeout(this.#timer);
    if (!this.#tokens) return;
    const { accessToken } = this.#tokens;
    const wait = Math.max(1_000, this.#millisecondsLeft(this.#tokens) - this.#options.margin);
    this.#timer = setTimeout(() => void this.renew(accessToken).catch(() => this.#planRefresh()), wait);
    // A program under Node may end although the timer still runs.
    (this.#timer as { unref?: () => void }).unref?.();
  }
}

/** Never refresh in two tabs at once, where the browser can tell. */
async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
  return locks ? ((await locks.request(name, work)) as T) : work();
}
