/** Runs of the code, as both see them: the newest one with its cases, older ones by their verdict. */
import type { RunPartsFragment } from "../gql/graphql";
import { clock, VERDICTS } from "../words";

type Case = RunPartsFragment["cases"][number];

export function Runs({ runs }: { readonly runs: readonly RunPartsFragment[] }) {
  const [newest, ...older] = runs;
  if (!newest) return <p className="quiet">Run tries the samples; Submit has the code judged on all cases. Both of you see what comes out.</p>;
  return (
    <div aria-live="polite">
      <OneRun run={newest} />
      {older.length > 0 && (
        <ul className="older">
          {older.map((run) => (
            <li key={run.id} className="quiet">
              {clock(run.createdAt)} {run.kind === "SUBMIT" ? "submitted" : "run"} by {run.startedBy?.name ?? "somebody"}:{" "}
              {run.verdict ? `${VERDICTS[run.verdict]}, ${run.passed}/${run.total}` : "running"}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function OneRun({ run }: { readonly run: RunPartsFragment }) {
  if (run.status === "RUNNING") {
    return (
      <p role="status">
        <span className="spinner" aria-hidden="true" /> {run.startedBy?.name ?? "Somebody"} {run.kind === "SUBMIT" ? "submitted" : "runs"} the code…
      </p>
    );
  }
  const isGood = run.verdict === "ACCEPTED" || run.verdict === "COMPLETED";
  const shown = run.cases.filter((each) => !each.isHidden);
  const hidden = run.cases.filter((each) => each.isHidden);
  return (
    <>
      <h2 className={isGood ? "good" : "bad"}>
        {isGood ? "✓" : "✗"} {run.verdict ? VERDICTS[run.verdict] : "Finished"}: {run.passed} of {run.total}
        <small>
          {" "}
          {typeof run.timeMs === "number" && `${run.timeMs.toFixed(0)} ms`} {typeof run.memoryKb === "number" && `· ${(run.memoryKb / 1024).toFixed(1)} MiB`}
        </small>
      </h2>
      {run.compileOutput && <pre>{run.compileOutput}</pre>}
      {shown.map((each) => (
        <OneCase key={each.number} each={each} />
      ))}
      {hidden.length > 0 && (
        <p className="dots" aria-label={`${hidden.filter((each) => each.verdict === "ACCEPTED").length} of ${hidden.length} hidden cases passed`}>
          Hidden:{" "}
          {hidden.map((each) => (
            <span key={each.number} title={VERDICTS[each.verdict]} className={each.verdict === "ACCEPTED" ? "good" : "bad"}>
              {each.verdict === "ACCEPTED" ? "●" : "○"}
            </span>
          ))}
        </p>
      )}
    </>
  );
}

function OneCase({ each }: { readonly each: Case }) {
  const isGood = each.verdict === "ACCEPTED" || each.verdict === "COMPLETED";
  return (
    <details className="case" open={!isGood}>
      <summary>
        <span className={isGood ? "good" : "bad"}>{isGood ? "✓" : "✗"}</span> Case {each.number}: {VERDICTS[each.verdict]} <small className="quiet">{each.timeMs.toFixed(0)} ms</small>
      </summary>
      <dl>
        <Line name="Input" value={each.input} />
        <Line name="Expected" value={each.expected} />
        <Line name="Got" value={each.actual} />
        <Line name="Printed" value={each.stdout} />
        <Line name="Errors" value={each.stderr} />
        <Line name="Difference" value={each.difference} />
      </dl>
    </details>
  );
}

function Line({ name, value }: { readonly name: string; readonly value: string | null | undefined }) {
  if (!value) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <pre>{value}</pre>
      </dd>
    </>
  );
}
