/** The rating over time with its uncertainty, overall or of one topic; as a table for those who do not see the chart. */
import { RatingHistoryDocument, type RatingHistoryQuery } from "@tandem/schema";
import { useState } from "react";

import { useQuery } from "../api";
import { LoadingPart, Problem } from "../parts";
import { day, inWords } from "../words";

type Point = NonNullable<NonNullable<RatingHistoryQuery["me"]>["ratingHistory"]>["edges"][number]["node"];

const [WIDTH, HEIGHT] = [600, 160];
const MARGIN = 10;

export function RatingChart({ topics }: { readonly topics: readonly string[] }) {
  const [topic, setTopic] = useState("overall");
  const { data, problem, reload } = useQuery(RatingHistoryDocument, { topic });
  const points = (data?.me?.ratingHistory?.edges ?? []).map((edge) => edge.node).reverse();
  return (
    <section className="card spaced" aria-labelledby="rating">
      <div className="headline">
        <h2 id="rating">Rating</h2>
        <label className="inline">
          <span className="hidden">Rating of</span>
          <select value={topic} onChange={(event) => setTopic(event.target.value)}>
            <option value="overall">Overall</option>
            {topics
              .filter((each) => each !== "overall")
              .map((each) => (
                <option key={each}>{each}</option>
              ))}
          </select>
        </label>
      </div>
      {problem && <Problem message={problem} onRetry={reload} />}
      {!data && !problem && <LoadingPart what="your ratings" />}
      {data && points.length === 0 && <p className="quiet">Not measured yet: the first session with feedback or a submission moves it.</p>}
      {points.length > 0 && <Chart points={points} />}
    </section>
  );
}

function Chart({ points }: { readonly points: readonly Point[] }) {
  const low = Math.min(...points.map(({ rating, deviation }) => rating - deviation));
  const high = Math.max(...points.map(({ rating, deviation }) => rating + deviation));
  const x = (index: number): number => (points.length === 1 ? WIDTH / 2 : MARGIN + (index / (points.length - 1)) * (WIDTH - 2 * MARGIN));
  const y = (value: number): number => HEIGHT - MARGIN - ((value - low) / Math.max(1, high - low)) * (HEIGHT - 2 * MARGIN);
  const line = points.map(({ rating }, index) => `${x(index)},${y(rating)}`).join(" ");
  const band = [
    ...points.map(({ rating, deviation }, index) => `${x(index)},${y(rating + deviation)}`),
    ...points.map(({ rating, deviation }, index) => `${x(index)},${y(rating - deviation)}`).reverse(),
  ].join(" ");
  const [first, last] = [points[0], points.at(-1)];
  const words = `Rating from ${Math.round(first?.rating ?? 0)} to ${Math.round(last?.rating ?? 0)} over ${points.length} ${points.length === 1 ? "session" : "sessions"}`;
  return (
    <>
      <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        <polygon points={band} />
        <polyline points={line} />
        {points.map(({ rating, recordedAt }, index) => (
          <circle key={recordedAt} cx={x(index)} cy={y(rating)} r="4" />
        ))}
      </svg>
      <p className="quiet">
        {words}; the band is the uncertainty ({Math.round(low)} to {Math.round(high)}).
      </p>
      <details>
        <summary>As a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Rating</th>
              <th scope="col">Level</th>
            </tr>
          </thead>
          <tbody>
            {[...points].reverse().map(({ recordedAt, rating, deviation, level }) => (
              <tr key={recordedAt}>
                <td>{day(recordedAt)}</td>
                <td>
                  {Math.round(rating)} ± {Math.round(deviation)}
                </td>
                <td>{inWords(level)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
