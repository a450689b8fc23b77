/** The two streams of Tandem, ready to use: what happens to a search for a partner, and what happens in a session. */
import { type EventKind, type Position, type ResumedSubscription, type ResumeOptions, resumeSubscription } from "./resume.js";

/** What every event of both streams has. */
export interface StreamEvent {
  readonly __typename?: string;
  readonly seq?: number | null;
  readonly epoch?: string;
}

type OwnOptions<TEvent> = Omit<ResumeOptions<TEvent>, "variables" | "event" | "kind" | "isLast">;

/**
 * Follow `matchEvents`. The document must declare `$after: MatchEventCursorInput` and select `__typename seq epoch`.
 * `MatchPosition` carries the cursor of the event before it, so it is never counted.
 */
export function followMatch<TEvent extends StreamEvent>(options: OwnOptions<TEvent>): ResumedSubscription {
  return resumeSubscription<TEvent>({
    ...options,
    variables: (after) => ({ after }),
    event: (data) => data["matchEvents"] as TEvent,
    kind: (event) => {
      const position = { epoch: event.epoch ?? "", seq: event.seq ?? 0 };
      if (event.__typename === "MatchPosition") return { kind: "ephemeral" };
      return { kind: event.__typename === "MatchResync" ? "resync" : "numbered", position };
    },
  });
}

/**
 * Follow `sessionEvents`. The document must declare `$sessionId: ID!, $after: Int, $epoch: ID` and select
 * `__typename seq`, and `epoch headSeq resumedFrom` of SessionHello and SessionResync.
 */
export function followSession<TEvent extends StreamEvent>(
  options: OwnOptions<TEvent> & { readonly sessionId: string },
): ResumedSubscription {
  return resumeSubscription<TEvent>({
    ...options,
    variables: (after) => ({ sessionId: options.sessionId, after: after?.seq ?? null, epoch: after?.epoch ?? null }),
    event: (data) => data["sessionEvents"] as TEvent,
    kind: sessionEventKind,
    isLast: (event) => event.__typename === "SessionEnded",
  });
}

function sessionEventKind(event: StreamEvent, current: Position | null): EventKind {
  const place = event as { epoch?: string; headSeq?: number; resumedFrom?: number | null };
  if (event.__typename === "SessionHello") {
    return { kind: "hello", position: { epoch: place.epoch ?? "", seq: place.resumedFrom ?? place.headSeq ?? 0 } };
  }
  if (event.__typename === "SessionResync") {
    return { kind: "resync", position: { epoch: place.epoch ?? "", seq: place.headSeq ?? 0 } };
  }
  if (typeof event.seq !== "number") return { kind: "ephemeral" };
  return { kind: "numbered", position: { epoch: current?.epoch ?? "", seq: event.seq } };
}
