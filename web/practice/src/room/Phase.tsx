/** What the two are doing, and the time that is left for it; whoever leads begins the next phase. */
import { SetPhaseDocument, type SessionPhase } from "@tandem/schema";

import { http, refusalOf } from "../api";
import { Refusal } from "../parts";
import { useAction } from "../useAction";
import { useNow } from "../useNow";
import { inWords } from "../words";
import type { Session } from "./useRoom";

/** How long a phase usually takes, in minutes: a timer begins with it. */
const MINUTES: Record<SessionPhase, number> = { INTRODUCTION: 5, SOLVING: 30, REVIEW: 10, FEEDBACK: 5 };

export function Phase({ session, elapsed, canLead }: { readonly session: Session; readonly elapsed: SessionPhase | null; readonly canLead: boolean }) {
  const { problem, isBusy, run } = useAction();
  const begin = (phase: SessionPhase, minutes: number | null): void =>
    run(async () => refusalOf((await http.request(SetPhaseDocument, { input: { sessionId: session.id, phase, minutes } })).setPhase));
  return (
    <div className="phase">
      {canLead ? (
        <label>
          <span className="hidden">Phase</span>
          <select value={session.phase} disabled={isBusy} onChange={(event) => begin(event.target.value as SessionPhase, MINUTES[event.target.value as SessionPhase])}>
            {(Object.keys(MINUTES) as SessionPhase[]).map((phase) => (
              <option key={phase} value={phase}>
                {inWords(phase)}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <span>{inWords(session.phase)}</span>
      )}
      {session.phaseEndsAt ? (
        <Left until={session.phaseEndsAt} />
      ) : (
        canLead && (
          <button type="button" className="small" disabled={isBusy} onClick={() => begin(session.phase, MINUTES[session.phase])}>
            Start {MINUTES[session.phase]} min
          </button>
        )
      )}
      <span className="hidden" role="status">
        {elapsed && `The time for ${inWords(elapsed).toLowerCase()} is up.`}
      </span>
      <Refusal message={problem} />
    </div>
  );
}

function Left({ until }: { readonly until: string }) {
  const seconds = Math.round((Date.parse(until) - useNow()) / 1000);
  if (seconds <= 0) return <b className="bad timer">Time is up</b>;
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <b className={`timer ${seconds < 60 ? "warn" : ""}`} role="timer" aria-label={`${clock} left`}>
      {clock}
    </b>
  );
}
