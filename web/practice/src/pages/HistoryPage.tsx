/** What has been: level, rating over time, matches. */
import { useState } from "react";

import { useQuery } from "../api";
import { History } from "../operations";
import { DifficultyMark, Empty, Loading, Problem } from "../parts";
import { day, inWords, LANGUAGES } from "../words";

export function HistoryPage() {
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const { data, problem, isLoading, reload } = useQuery(History, { after: cursors.at(-1) ?? null });
  if (!data && problem) return <Problem message={problem} onRetry={reload} />;
  if (!data) return <Loading what="your history" />;
  const { me } = data;
  if (!me) return <Problem message="Log in to see your history." />;
  const { edges, pageInfo } = me.matchHistory;
  const ratings = (me.ratingHistory?.edges ?? []).map((edge) => edge.node).reverse();
  return (
    <main className="page">
      <h1>{me.name}</h1>
      <dl className="figures">
        <Figure name="Level" value={inWords(me.skillLevel)} />
        <Figure name="Rating" value={me.skill ? `${Math.round(me.skill.rating)} ± ${Math.round(me.skill.deviation)}` : "–"} />
        <Figure name="Solved" value={String(me.progress.solved)} />
        <Figure name="Streak" value={`${me.progress.currentStreak} d (best ${me.progress.longestStreak})`} />
      </dl>
      {ratings.length > 1 && <RatingChart ratings={ratings} />}
      <h2>Sessions</h2>
      {edges.length === 0 && (
        <Empty>
          Nothing here yet. <a href="#/match">Find a partner</a> for the first one.
        </Empty>
      )}
      <ul className="list" aria-busy={isLoading}>
        {edges.map(({ node }) => (
          <li key={node.id}>
            <a className="row" href={node.session ? `#/rooms/${node.session.id}` : "#/history"}>
              <span className="title">{node.question?.title ?? "No question yet"}</span>
              <span className="topics">
                with {node.partner?.name ?? "a deleted user"} · {LANGUAGES[node.language]} · {day(node.createdAt)} ·{" "}
                {inWords(node.session?.status ?? node.status).toLowerCase()}
              </span>
              <DifficultyMark value={node.difficulty} />
            </a>
          </li>
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

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function RatingChart({ ratings }: { readonly ratings: readonly { readonly rating: number; readonly recordedAt: string }[] }) {
  const values = ratings.map((each) => each.rating);
  const [low, high] = [Math.min(...values) - 20, Math.max(...values) + 20];
  const points = values.map((value, index) => `${(index / (values.length - 1)) * 600},${120 - ((value - low) / (high - low)) * 120}`);
  const words = `Rating from ${Math.round(values[0] ?? 0)} to ${Math.round(values.at(-1) ?? 0)} over ${values.length} sessions`;
  return (
    <svg className="chart" viewBox="-4 -4 608 128" role="img" aria-label={words} preserveAspectRatio="none">
      <polyline points={points.join(" ")} />
    </svg>
  );
}
