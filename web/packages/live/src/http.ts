/** Queries and mutations over HTTP: a time limit, the token, one new try after a refused token, typed documents. */
import { ConnectionLost, type GraphQLErrorJson, OperationRefused } from "./errors.js";
import type { TokenSource } from "./tokens.js";

/** A document that knows its types, as graphql-codegen makes it; plain text works too. */
export interface TypedDocument<TData, TVariables> {
  toString(): string;
  readonly __apiType?: (variables: TVariables) => TData;
}

export type Document<TData, TVariables> = TypedDocument<TData, TVariables> | string;

export interface HttpClientOptions {
  /** Address of the GraphQL endpoint. */
  readonly url: string;
  readonly tokens?: TokenSource;
  readonly fetch?: typeof fetch;
  /** Milliseconds after which a request is given up. */
  readonly timeout?: number;
}

export interface RequestOptions {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  /** Let the request outlive the page. */
  readonly keepalive?: boolean;
}

interface Answer<TData> {
  readonly data?: TData | null;
  readonly errors?: readonly GraphQLErrorJson[];
}

export class HttpClient {
  readonly url: string;
  readonly tokens: TokenSource | null;
  readonly #fetch: typeof fetch;
  readonly #timeout: number;

  constructor(options: HttpClientOptions) {
    this.url = options.url;
    this.tokens = options.tokens ?? null;
    this.#fetch = options.fetch ?? ((...parameters) => fetch(...parameters));
    this.#timeout = options.timeout ?? 20_000;
  }

  /** The data of an operation. Throws ConnectionLost or OperationRefused; partial data is returned. */
  async request<TData = Record<string, unknown>, TVariables = Record<string, unknown>>(
    document: Document<TData, TVariables>,
    variables?: TVariables,
    options: RequestOptions = {},
  ): Promise<TData> {
    const token = (await this.tokens?.current()) ?? null;
    try {
      return await this.#send(document, variables, options, token);
    } catch (error) {
      if (!(error instanceof OperationRefused) || !error.isAboutLogin || !token) throw error;
      const fresh = await this.tokens?.renew(token);
      if (!fresh) throw error;
      return this.#send(document, variables, options, fresh);
    }
  }

  async #send<TData, TVariables>(
    document: Document<TData, TVariables>,
    variables: TVariables | undefined,
    options: RequestOptions,
    token: string | null,
  ): Promise<TData> {
    const limit = AbortSignal.timeout(this.#timeout);
    let response: Response;
    let answer: Answer<TData>;
    try {
      response = await this.#fetch(this.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/graphql-response+json, application/json",
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...options.headers,
        },
        body: JSON.stringify({ query: document.toString(), variables }),
        signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
        ...(options.keepalive ? { keepalive: true } : {}),
      });
      answer = (await response.json()) as Answer<TData>;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new ConnectionLost(`No answer from ${this.url}.`, { cause: error });
    }
    if (answer.data === undefined || answer.data === null) {
      if (response.status >= 500 && !answer.errors?.length) throw new ConnectionLost(`HTTP ${response.status}`);
      throw new OperationRefused(answer.errors ?? [{ message: `HTTP ${response.status} without data.` }]);
    }
    return answer.data;
  }
}
