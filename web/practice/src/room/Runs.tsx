/** Runs of the code, as both see them: the newest one with its cases, older ones by their verdict; and cases of one's own. */
import { RunCodeDocument, type RunPartsFragment } from "@tandem/schema";
import { type FormEvent, useState } from "react";

import { http, refusalOf } from "../api";
import { Refusal } from "../parts";
import { useAction } from "../useAction";
import { clock, VERDICTS } from "../words";
import type { Room } from "./useRoom";

type Case = RunPartsFragment["cases"][number];

export function Runs({ room, sessionId, canRun }: { readonly room: Room; readonly sessionId: string; readonly canRun: boolean }) {
  return (
    <>
      {room.runs.length > 0 ? <RunList runs={room.runs} /> : <p className="quiet">{canRun ? "Run tries the samples; Submit has the code judged on all cases. Both of you see what comes out." : "Nothing was run."}</p>}
      {canRun && <OwnCase room={room} sessionId={sessionId} />}
    </>
  );
}

/** Arguments as a JSON list per line, e.g. [[1, 2], 3]. */
function OwnCase({ room, sessionId }: { readonly room: Room; readonly sessionId: string }) {
  const { problem, isBusy, run } = useAction();
  const [text, setText] = useState("");
  const sample = room.session?.question?.samples[0];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const cases = text.split("\n").map((line) => line.trim()).filter(Boolean);
    const wrong = cases.find((each) => !isJsonList(each));
    run(async () => {
      if (wrong !== undefined) return `${wrong.slice(0, 60)} is not a list of arguments in JSON.`;
      await room.provider?.flush();
      const { runCode } = await http.request(RunCodeDocument, { input: { sessionId, cases } });
      if (runCode.__typename === "Run") room.addRun(runCode);
      return refusalOf(runCode);
    });
  };
  return (
    <details className="own-case">
      <summary>Cases of your own</summary>
      <form onSubmit={submit} className="stack">
        <label>
          Arguments as a JSON list, a case per line
          <textarea rows={2} value={text} placeholder={sample ? JSON.stringify(sample.args) : "[1, 2]"} onChange={(event) => setText(event.target.value)} />
        </label>
        <Refusal message={problem} />
        <div>
          <button type="submit" className="small" disabled={isBusy || !text.trim()}>
            Run these
          </button>
        </div>
      </form>
    </details>
  );
}

function isJsonList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

export function RunList({ runs }: { readonly runs: readonly RunPartsFragment[] }) {
  const [newest, ...older] = runs;
  if (!newest) return null;
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
