/** The connection to the gateway, and the hook by which pages load what they show. */
import { ConnectionLost, HttpClient, LiveSocket, OperationRefused, TokenKeeper, type TypedDocument } from "@tandem/live";
import { RefreshTokensDocument } from "@tandem/schema";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";

const ENDPOINT = new URL("/graphql", location.href).href;

/** For what needs no log-in: entering, and refreshing tokens. */
export const visitorHttp = new HttpClient({ url: ENDPOINT });

export const tokens = new TokenKeeper({
  storage: localStorage,
  key: "tandem.tokens",
  refresh: async (refreshToken) => {
    const { refreshTokens } = await visitorHttp.request(RefreshTokensDocument, { input: { refreshToken } });
    return refreshTokens.__typename === "AuthPayload" ? refreshTokens : null;
  },
});

export const http = new HttpClient({ url: ENDPOINT, tokens });
export const socket = new LiveSocket({ url: ENDPOINT, tokens });

export function useIsLoggedIn(): boolean {
  return useSyncExternalStore(
    (changed) => tokens.onChange(changed),
    () => tokens.isLoggedIn,
  );
}

export function useIsOnline(): boolean {
  return useSyncExternalStore(watchNetwork, () => navigator.onLine);
}

function watchNetwork(changed: () => void): () => void {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}

export interface Loaded<TData> {
  readonly data: TData | null;
  readonly problem: string | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** Load an operation's data, again whenever the variables change; null variables: not yet. */
export function useQuery<TData, TVariables>(document: TypedDocument<TData, TVariables>, variables: TVariables | null): Loaded<TData> {
  const [state, setState] = useState<{ data: TData | null; problem: string | null; isLoading: boolean }>({ data: null, problem: null, isLoading: true });
  const [attempt, setAttempt] = useState(0);
  const key = variables === null ? null : JSON.stringify(variables);
  useEffect(() => {
    if (key === null) return;
    const leaving = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    http.request(document, JSON.parse(key) as TVariables, { signal: leaving.signal }).then(
      (data) => setState({ data, problem: null, isLoading: false }),
      (error: unknown) => {
        if (!leaving.signal.aborted) setState((before) => ({ ...before, problem: explain(error), isLoading: false }));
      },
    );
    return () => leaving.abort();
  }, [document, key, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  // What failed for want of a network is asked for again when it is back.
  const isOnline = useIsOnline();
  const hasFailed = useRef(false);
  hasFailed.current = state.problem !== null;
  useEffect(() => {
    if (isOnline && hasFailed.current) reload();
  }, [isOnline, reload]);
  return { ...state, reload };
}

/** What to tell people about an error. */
export function explain(error: unknown): string {
  if (error instanceof ConnectionLost) return navigator.onLine ? "The server does not answer." : "You are offline.";
  if (error instanceof OperationRefused) return error.message;
  return error instanceof Error ? error.message : "Something went wrong.";
}

/** The error among the members of a result union; null for what is none. */
export function refusalOf(result: { readonly __typename?: string } | null | undefined): string | null {
  const error = result as { readonly code?: string; readonly message?: string } | null | undefined;
  return error?.code && error.message ? error.message : null;
}
