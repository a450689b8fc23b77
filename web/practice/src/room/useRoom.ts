/** A room's state: loaded once, then kept up to date by the events of its session. */
import { SessionProvider, type ProviderStatus } from "@tandem/yjs";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";

import { http, socket, useQuery } from "../api";
import type { ChatMessageFragment, RunPartsFragment, SessionByIdQuery, SessionEventsSubscription } from "../gql/graphql";
import { SessionById, SessionEvents } from "../operations";

export type RoomEvent = SessionEventsSubscription["sessionEvents"];
export type Session = SessionByIdQuery["session"];

export interface Room {
  readonly session: Session | null;
  readonly toolchains: SessionByIdQuery["toolchains"];
  readonly problem: string | null;
  readonly reload: () => void;
  readonly provider: SessionProvider<RoomEvent> | null;
  readonly status: ProviderStatus | null;
  readonly online: ReadonlySet<string>;
  readonly typing: ReadonlySet<string>;
  readonly messages: readonly ChatMessageFragment[];
  readonly runs: readonly RunPartsFragment[];
  readonly addMessage: (message: ChatMessageFragment) => void;
  readonly addRun: (run: RunPartsFragment) => void;
}

interface Changing {
  readonly online: ReadonlySet<string>;
  readonly typing: ReadonlySet<string>;
  readonly messages: readonly ChatMessageFragment[];
  readonly runs: readonly RunPartsFragment[];
}

type Action = RoomEvent | { readonly __typename: "Messages"; readonly messages: readonly ChatMessageFragment[] } | { readonly __typename: "Run"; readonly run: RunPartsFragment };

const NOTHING: Changing = { online: new Set(), typing: new Set(), messages: [], runs: [] };

export function reduce(state: Changing, action: Action): Changing {
  switch (action.__typename) {
    case "SessionHello":
    case "SessionPresenceChanged":
      return { ...state, online: new Set(action.onlineUserIds) };
    case "SessionTypingChanged": {
      const typing = new Set(state.typing);
      if (action.userId) typing[action.isTyping ? "add" : "delete"](action.userId);
      return { ...state, typing };
    }
    case "SessionMessageChanged":
      return action.message ? { ...state, messages: withMessages(state.messages, [action.message]) } : state;
    case "Messages":
      return { ...state, messages: withMessages(state.messages, action.messages) };
    case "SessionRunChanged":
      return action.run ? { ...state, runs: withRun(state.runs, action.run) } : state;
    case "Run":
      return { ...state, runs: withRun(state.runs, action.run) };
    default:
      return state;
  }
}

/** Each message once, the newest version of it, oldest first. */
function withMessages(known: readonly ChatMessageFragment[], added: readonly ChatMessageFragment[]): readonly ChatMessageFragment[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of added) byId.set(message.id, message);
  return [...byId.values()].sort((one, other) => one.createdAt.localeCompare(other.createdAt));
}

/** The newest run first; a finished one is never set back by a late word of its beginning. */
function withRun(known: readonly RunPartsFragment[], run: RunPartsFragment): readonly RunPartsFragment[] {
  const before = known.find((each) => each.id === run.id);
  if (before?.status === "FINISHED" && run.status !== "FINISHED") return known;
  return before ? known.map((each) => (each.id === run.id ? run : each)) : [run, ...known].slice(0, 20);
}

export function useRoom(id: string): Room {
  const { data, problem, reload } = useQuery(SessionById, useMemo(() => ({ id }), [id]));
  const [state, dispatch] = useReducer(reduce, NOTHING);
  const [status, setStatus] = useState<ProviderStatus | null>(null);
  const [provider, setProvider] = useState<SessionProvider<RoomEvent> | null>(null);
  const reloadLatest = useRef(reload);
  reloadLatest.current = reload;

  useEffect(() => {
    const created = new SessionProvider<RoomEvent>({
      sessionId: id,
      http,
      socket,
      document: SessionEvents,
      onStatus: setStatus,
      onEvent: (event) => {
        dispatch(event);
        if (RELOADING.has(event.__typename)) reloadLatest.current();
      },
    });
    setProvider(created);
    setStatus(created.status);
    return () => created.destroy();
  }, [id]);

  useEffect(() => {
    const messages = data?.session.messages.edges.map((edge) => edge.node);
    if (messages) dispatch({ __typename: "Messages", messages });
  }, [data]);

  const addMessage = useCallback((message: ChatMessageFragment) => dispatch({ __typename: "Messages", messages: [message] }), []);
  const addRun = useCallback((run: RunPartsFragment) => dispatch({ __typename: "Run", run }), []);
  return { session: data?.session ?? null, toolchains: data?.toolchains ?? [], problem, reload, provider, status, ...state, addMessage, addRun };
}

/** After these the session itself is another one. */
const RELOADING = new Set(["SessionEnded", "SessionResync", "SessionPhaseChanged", "SessionQuestionChanged", "SessionRolesChanged"]);
