/** The question; for the interviewer hints and solution, one after the other; for everybody private notes. */
import { useState } from "react";

import { Markdown } from "../markdown";
import { QuestionText } from "../QuestionText";
import { Notes } from "./Notes";
import type { Session } from "./useRoom";

export function QuestionPane({ session, isOver }: { readonly session: Session; readonly isOver: boolean }) {
  const { question, interviewMaterial: material } = session;
  return (
    <>
      {session.round > 1 && <p className="quiet">Question {session.round}</p>}
      {question ? <QuestionText question={question} level="h2" hasHints={session.myRole === "PEER" || isOver} /> : <p className="quiet">No question was chosen: write whatever you like.</p>}
      {material && <Material key={question?.id} hints={material.hints} solution={material.solution} />}
      <Notes sessionId={session.id} isOver={isOver} />
    </>
  );
}

/** Hints are shown one by one, so that the interviewer gives them one by one. */
function Material({ hints, solution }: { readonly hints: readonly string[]; readonly solution: string }) {
  const [shown, setShown] = useState(0);
  return (
    <section className="note material" aria-labelledby="material">
      <h2 id="material">Only you see this</h2>
      {hints.length === 0 && <p className="quiet">This question has no hints.</p>}
      <ol aria-live="polite">
        {hints.slice(0, shown).map((hint) => (
          <li key={hint}>{hint}</li>
        ))}
      </ol>
      {shown < hints.length && (
        <button type="button" className="small" onClick={() => setShown(shown + 1)}>
          {shown === 0 ? "Show the first hint" : "Show the next hint"} ({shown} of {hints.length})
        </button>
      )}
      {solution && (
        <details>
          <summary>Solution</summary>
          <Markdown text={solution} heading="h3" />
        </details>
      )}
    </section>
  );
}
