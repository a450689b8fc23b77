/** What has been: one's matches, each with its session to look at and to play back. */
import { MatchHistoryDocument, type MatchHistoryQuery, RequestRematchDocument } from "@tandem/schema";
import { useState } from "react";

import { http, refusalOf, useQuery } from "../api";
import { DifficultyMark, Empty, Loading, ProblemPage, Refusal } from "../parts";
import { useAction } from "../useAction";
import { day, inWords, LANGUAGES, VERDICTS } from "../words";

type PastMatch = NonNullable<MatchHistoryQuery["me"]>["matchHistory"]["edges"][number]["node"];

export function HistoryPage() {
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const { data, problem, isLoading, reload } = useQuery(MatchHistoryDocument, { after: cursors.at(-1) ?? null });
  if (!data && problem) return <ProblemPage title="History" message={problem} onRetry={reload} />;
  if (!data) return <Loading what="your history" />;
  if (!data.me) return <ProblemPage title="History" message="Log in to see your history." />;
  const { edges, pageInfo } = data.me.matchHistory;
  return (
    <main className="page" tabIndex={-1}>
      <h1>History</h1>
      <Refusal message={problem} />
      {edges.length === 0 && (
        <Empty>
          Nothing here yet. <a href="#/match">Find a partner</a> for the first session.
        </Empty>
      )}
      <ul className="list" aria-busy={isLoading}>
        {edges.map(({ node }) => (
          <Row key={node.id} match={node} />
        ))}
      </ul>
      <div className="pager">
        {cursors.length > 1 && (
          <button type="button" onClick={() => setCursors((before) => before.slice(0, -1))}>
            ← Newer
          </button>
        )}
        {pageInfo.hasNextPage && (
          <button type="button" onClick={() => setCursors((before) => [...before, pageInfo.endCursor ?? null])}>
            Older →
          </button>
        )}
      </div>
    </main>
  );
}

function Row({ match }: { readonly match: PastMatch }) {
  const { problem, isBusy, run } = useAction();
  const [isAsked, setAsked] = useState(false);
  const newestRun = match.session?.runs[0];
  const askAgain = async (): Promise<string | null> => {
    const { requestRematch } = await http.request(RequestRematchDocument, { matchId: match.id });
    const refusal = refusalOf(requestRematch);
    setAsked(refusal === null);
    return refusal;
  };
  const title = match.question?.title ?? "No question yet";
  return (
    <li className="past">
      <div className="what">
        <span className="title">{title}</span>
        <span className="topics">
          with {match.partner?.name ?? "a deleted user"} · {LANGUAGES[match.language]} · {day(match.createdAt)} · {inWords(match.session?.status ?? match.status).toLowerCase()}
          {newestRun?.verdict && ` · ${VERDICTS[newestRun.verdict].toLowerCase()} ${newestRun.passed}/${newestRun.total}`}
        </span>
        <Refusal message={problem} />
      </div>
      <DifficultyMark value={match.difficulty} />
      <div className="buttons">
        {match.session && (
          <>
            <a className="button small" href={`#/rooms/${match.session.id}`} aria-label={`Look at ${title}`}>
              Look
            </a>
            <a className="button small" href={`#/playback/${match.session.id}`} aria-label={`Play back ${title}`}>
              Play back
            </a>
          </>
        )}
        {match.partner && match.endedAt && (
          <button type="button" className="small" disabled={isBusy || isAsked} onClick={() => run(askAgain)} aria-label={`Ask ${match.partner.name} again`}>
            {isAsked ? "Asked" : "Again"}
          </button>
        )}
      </div>
    </li>
  );
}
