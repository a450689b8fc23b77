/** The plan of the last answer, drawn: which subgraph was asked, after what, and how long it took. */
import { useSyncExternalStore } from "react";

import { type Fetch, lastPlan, type Plan, steps, totalMs } from "./plan";

const COLOURS: Record<string, string> = { users: "#4f46e5", questions: "#0d9488", matching: "#c2410c", collaboration: "#be185d" };

export function PlanPane() {
  const plan = useSyncExternalStore(lastPlan.subscribe, lastPlan.get);
  return (
    <aside className="plan" aria-label="Query plan">
      <h2>Query plan</h2>
      {plan ? <Steps plan={plan} /> : <p className="quiet">Run a query or a mutation: which subgraphs were asked, in what order and for how long is shown here.</p>}
    </aside>
  );
}

function Steps({ plan }: { readonly plan: Plan }) {
  const total = totalMs(plan);
  const byStep = steps(plan);
  return (
    <>
      <p className="quiet">
        {plan.fetches.length} {plan.fetches.length === 1 ? "fetch" : "fetches"} in {byStep.length} {byStep.length === 1 ? "step" : "steps"},{" "}
        {total.toFixed(1)} ms; estimated cost {plan.estimatedCost}
      </p>
      <ol className="steps">
        {byStep.map((fetches, index) => (
          <li key={index}>
            <h3>
              Step {index + 1}
              {fetches.length > 1 && <small> side by side</small>}
            </h3>
            {fetches.map(({ fetch }) => (
              <FetchCard key={fetch.id} fetch={fetch} total={total} plan={plan} />
            ))}
          </li>
        ))}
      </ol>
    </>
  );
}

function FetchCard({ fetch, total, plan }: { readonly fetch: Fetch; readonly total: number; readonly plan: Plan }) {
  const colour = COLOURS[fetch.subgraph] ?? "#64748b";
  const scale = total > 0 ? 100 / total : 0;
  const placesOf = (id: number): string => plan.fetches.find((other) => other.id === id)?.paths.join(", ") || `fetch ${id}`;
  const waitsFor = fetch.dependsOn.map((id) => plan.fetches.find((other) => other.id === id)?.subgraph ?? "?");
  return (
    <section className="fetch" style={{ borderLeftColor: colour }}>
      <div className="row">
        <b style={{ color: colour }}>{fetch.subgraph}</b>
        <span>{fetch.kind}</span>
        <span className="ms">{fetch.tookMs === undefined ? "not needed" : `${fetch.tookMs.toFixed(1)} ms`}</span>
      </div>
      <div className="track" aria-hidden="true">
        <div
          style={{ background: colour, left: `${(fetch.startedMs ?? 0) * scale}%`, width: `${Math.max(1, (fetch.tookMs ?? 0) * scale)}%` }}
        />
      </div>
      {fetch.paths.some(Boolean) && <div className="quiet">at {fetch.paths.filter(Boolean).join(", ")}</div>}
      {waitsFor.length > 0 && <div className="quiet">after {waitsFor.join(", ")}</div>}
      {fetch.sentWith && <div className="quiet">in one request with {fetch.sentWith.map(placesOf).join(", ")}</div>}
      <details>
        <summary>Document</summary>
        <pre>{spread(fetch.document)}</pre>
      </details>
    </section>
  );
}

/** Break a document that stands on one line, for reading. */
function spread(document: string): string {
  let depth = 0;
  return document
    .replace(/\s+/g, " ")
    .replace(/([{}])\s*|([^{}]+)/g, (part: string) => {
      const text = part.trim();
      if (text === "{") return `{\n${"  ".repeat(++depth)}`;
      if (text === "}") return `\n${"  ".repeat(Math.max(0, --depth))}}\n${"  ".repeat(depth)}`;
      return `${text} `;
    })
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n{2,}/g, "\n")
    .replace(/\n\s*\n/g, "\n")
    .trim();
}
