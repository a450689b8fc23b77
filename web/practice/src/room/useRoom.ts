/** A room's state: loaded once, then kept up to date by the events of its session. */
import { type ChatMessageFragment, type RunPartsFragment, SessionByIdDocument, type SessionByIdQuery, SessionEventsDocument, type SessionEventsSubscription, SessionMessagesDocument } from "@tandem/schema";
import { SessionProvider, type ProviderStatus } from "@tandem/yjs";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";

import { http, socket, useQuery } from "../api";
import { type Changing, NOTHING, reduce } from "./roomState";

export type RoomEvent = SessionEventsSubscription["sessionEvents"];
export type Session = SessionByIdQuery["session"];

export interface Room extends Changing {
  readonly session: Session | null;
  readonly toolchains: SessionByIdQuery["toolchains"];
  readonly problem: string | null;
  readonly reload: () => void;
  readonly provider: SessionProvider<RoomEvent> | null;
  readonly status: ProviderStatus | null;
  readonly addMessage: (message: ChatMessageFragment) => void;
  readonly addRun: (run: RunPartsFragment) => void;
  /** Hear every event of the session; the returned function ends it. */
  readonly listen: (listener: (event: RoomEvent) => void) => () => void;
}

/** After these the session itself is another one. */
const RELOADING = new Set(["SessionEnded", "SessionResync", "SessionPhaseChanged", "SessionQuestionChanged", "SessionRolesChanged", "SessionPresenceChanged"]);
const MAX_MESSAGE_PAGES = 50; // of 100: what a long session has, with room to spare

export function useRoom(id: string): Room {
  const { data, problem, reload } = useQuery(SessionByIdDocument, useMemo(() => ({ id }), [id]));
  const [state, dispatch] = useReducer(reduce, NOTHING);
  const [status, setStatus] = useState<ProviderStatus | null>(null);
  const [provider, setProvider] = useState<SessionProvider<RoomEvent> | null>(null);
  const listeners = useRef(new Set<(event: RoomEvent) => void>());
  const reloadLatest = useRef(reload);
  reloadLatest.current = reload;

  useEffect(() => {
    const created = new SessionProvider<RoomEvent>({
      sessionId: id,
      http,
      socket,
      document: SessionEventsDocument,
      onStatus: setStatus,
      onEvent: (event) => {
        dispatch(event);
        if (RELOADING.has(event.__typename)) reloadLatest.current();
        for (const listener of listeners.current) listener(event);
      },
    });
    setProvider(created);
    setStatus(created.status);
    return () => created.destroy();
  }, [id]);

  useEffect(() => {
    if (!data) return;
    dispatch({ __typename: "Loaded", session: data.session });
    const leaving = new AbortController();
    void loadFurtherMessages(data.session, leaving.signal, (messages) => dispatch({ __typename: "Messages", messages }));
    return () => leaving.abort();
  }, [data]);

  const addMessage = useCallback((message: ChatMessageFragment) => dispatch({ __typename: "Messages", messages: [message] }), []);
  const addRun = useCallback((run: RunPartsFragment) => dispatch({ __typename: "Run", run }), []);
  const listen = useCallback((listener: (event: RoomEvent) => void) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  return { session: data?.session ?? null, toolchains: data?.toolchains ?? [], problem, reload, provider, status, ...state, addMessage, addRun, listen };
}

/** The chat behind the first page of it. */
async function loadFurtherMessages({ id, messages }: Session, signal: AbortSignal, take: (messages: readonly ChatMessageFragment[]) => void): Promise<void> {
  let { hasNextPage, endCursor } = messages.pageInfo;
  for (let page = 1; hasNextPage && endCursor && page < MAX_MESSAGE_PAGES; page += 1) {
    try {
      const { session } = await http.request(SessionMessagesDocument, { id, after: endCursor }, { signal });
      take(session.messages.edges.map((edge) => edge.node));
      ({ hasNextPage, endCursor } = session.messages.pageInfo);
    } catch {
      return; // left, or no network: loaded again with the session
    }
  }
}
