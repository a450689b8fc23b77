/** Ask for a partner, watch the queue as it is, say that you are there, and go to the room. */
import { followMatch } from "@tandem/live";
import { MatchEventsDocument, type MatchEventsSubscription, QueueDocument } from "@tandem/schema";
import { useEffect, useState } from "react";

import { socket, useQuery } from "../../api";
import { Loading, Problem, ProblemPage } from "../../parts";
import { go } from "../../router";
import { inWords } from "../../words";
import { Ask } from "./Ask";
import { CurrentMatch } from "./CurrentMatch";
import { Invitations } from "./Invitations";
import { Waiting } from "./Waiting";

type Event = MatchEventsSubscription["matchEvents"];

const RELOAD_EVERY = 5_000; // milliseconds: estimates and depths change without an event
const WHY_AGAIN: Record<string, string> = {
  DECLINED: "Your partner said: not now.",
  NO_RESPONSE: "Your partner did not answer.",
  QUESTION_UNAVAILABLE: "No question was found that fits you both.",
};

export function MatchPage({ myId }: { readonly myId: string | null }) {
  const queue = useQuery(QueueDocument, {});
  const [news, setNews] = useState<string | null>(null);
  const [isConnected, setConnected] = useState(true);
  const { reload } = queue;

  useEffect(() => {
    const stream = followMatch<Event>({
      socket,
      document: MatchEventsDocument,
      onEvent: (event) => {
        if (event.__typename === "MatchMade" && event.match?.session) {
          go("rooms", event.match.session.id);
          return;
        }
        const word = wordOf(event);
        if (word !== undefined) setNews(word);
        reload();
      },
      onResync: async () => reload(),
      onState: ({ status }) => setConnected(status !== "waiting" && status !== "failed"),
    });
    const timer = setInterval(reload, RELOAD_EVERY);
    return () => {
      stream.close();
      clearInterval(timer);
    };
  }, [reload]);

  const data = queue.data;
  if (!data) return queue.problem ? <ProblemPage title="Practise" message={queue.problem} onRetry={reload} /> : <Loading what="the queue" />;
  return (
    <main className="page narrow" tabIndex={-1}>
      <h1>Practise</h1>
      {queue.problem && <Problem message={queue.problem} onRetry={reload} />}
      {!isConnected && !queue.problem && (
        <p className="note warn" role="status">
          Reconnecting… Your place in line is kept.
        </p>
      )}
      {news && (
        <p className="note" role="status">
          {news}
        </p>
      )}
      {data.currentMatch ? (
        <CurrentMatch match={data.currentMatch} onDone={reload} />
      ) : data.queueStatus.ticket ? (
        <Waiting status={data.queueStatus} ticket={data.queueStatus.ticket} onDone={reload} />
      ) : (
        <Ask status={data.queueStatus} onDone={reload} />
      )}
      {!data.currentMatch && <Invitations invitations={data.matchInvitations} myId={myId} onDone={reload} />}
    </main>
  );
}

/** What to say about an event; undefined: nothing new, null: what was said no longer holds. */
function wordOf(event: Event): string | null | undefined {
  switch (event.__typename) {
    case "MatchExpired":
      return "Nobody was found in time. You can ask again at once.";
    case "MatchRequeued":
      return `${WHY_AGAIN[event.reason] ?? "The match did not come about."} You wait again, at your old place.`;
    case "MatchRelaxed":
      return `Your search was widened: ${inWords(event.stage).toLowerCase()}.`;
    case "MatchCancelled":
      return event.reason === "CANCELLED_BY_YOU" ? null : `Your search has ended: ${inWords(event.reason).toLowerCase()}.`;
    case "MatchAccepted":
      return event.isYou ? "You said that you are here. Waiting for your partner." : "Your partner is here. Are you?";
    case "MatchInvited":
      return `${event.invitation?.inviter?.name ?? "Somebody"} would like to practise with you again.`;
    case "MatchQueued":
    case "MatchProposed":
      return null;
    default:
      return undefined;
  }
}
