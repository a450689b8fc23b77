/** What changes in a room while one is in it, event by event. Pure: the same events make the same room. */
import type { ChatMessageFragment, RunPartsFragment, SessionByIdQuery, SessionEventsSubscription, SessionPhase } from "@tandem/schema";

export interface Changing {
  readonly online: ReadonlySet<string>;
  readonly typing: ReadonlySet<string>;
  readonly messages: readonly ChatMessageFragment[];
  readonly runs: readonly RunPartsFragment[];
  /** Whether we give way when both make an offer of a call at once; null until the session says so. */
  readonly isPolite: boolean | null;
  /** The phase whose time is up. */
  readonly elapsed: SessionPhase | null;
}

export type Change =
  | SessionEventsSubscription["sessionEvents"]
  | { readonly __typename: "Loaded"; readonly session: SessionByIdQuery["session"] }
  | { readonly __typename: "Messages"; readonly messages: readonly ChatMessageFragment[] }
  | { readonly __typename: "Run"; readonly run: RunPartsFragment };

export const NOTHING: Changing = { online: new Set(), typing: new Set(), messages: [], runs: [], isPolite: null, elapsed: null };
const SHOWN_RUNS = 20;

export function reduce(state: Changing, change: Change): Changing {
  switch (change.__typename) {
    case "SessionHello":
      return { ...state, online: new Set(change.onlineUserIds), typing: new Set(), isPolite: change.isPolite };
    case "SessionPresenceChanged":
      return { ...state, online: new Set(change.onlineUserIds) };
    case "SessionTypingChanged": {
      const typing = new Set(state.typing);
      if (change.userId) typing[change.isTyping ? "add" : "delete"](change.userId);
      return { ...state, typing };
    }
    case "SessionMessageChanged":
      return change.message ? { ...state, messages: withMessages(state.messages, [change.message]) } : state;
    case "Messages":
      return { ...state, messages: withMessages(state.messages, change.messages) };
    case "SessionRunChanged":
      return change.run ? { ...state, runs: withRun(state.runs, change.run) } : state;
    case "Run":
      return { ...state, runs: withRun(state.runs, change.run) };
    case "Loaded":
      return loaded(state, change.session);
    case "SessionPhaseChanged":
      return { ...state, elapsed: null };
    case "SessionTimerElapsed":
      return { ...state, elapsed: change.phase };
    default:
      return state;
  }
}

function loaded(state: Changing, session: SessionByIdQuery["session"]): Changing {
  const messages = session.messages.edges.map((edge) => edge.node);
  const runs = [...session.runs].reverse().reduce(withRun, state.runs);
  return { ...state, messages: withMessages(state.messages, messages), runs };
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
  if (before) return known.map((each) => (each.id === run.id ? run : each));
  return [run, ...known].sort((one, other) => other.createdAt.localeCompare(one.createdAt)).slice(0, SHOWN_RUNS);
}
