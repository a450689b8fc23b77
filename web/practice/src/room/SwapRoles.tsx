/** Change places, with the same question or with a second one. */
import { QuestionsDocument, SwapRolesDocument } from "@tandem/schema";
import { type FormEvent, useState } from "react";

import { http, refusalOf, useQuery } from "../api";
import { Dialog, Refusal } from "../parts";
import { useAction } from "../useAction";
import { inWords } from "../words";
import type { Session } from "./useRoom";

const OFFERED = 50;

export function SwapRoles({ session, onClose }: { readonly session: Session; readonly onClose: () => void }) {
  const { problem, isBusy, run } = useAction();
  const [wantsNext, setWantsNext] = useState(false);
  const difficulty = session.question?.difficulty;
  const variables = { filter: { difficulties: difficulty ? [difficulty] : [], languages: [session.language] }, order: "TITLE" as const, first: OFFERED };
  const questions = useQuery(QuestionsDocument, wantsNext ? variables : null);
  const nodes = questions.data?.questions.edges.map((edge) => edge.node).filter(({ id }) => id !== session.question?.id) ?? [];
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const next = wantsNext ? String(new FormData(event.currentTarget).get("question")) : null;
    run(async () => {
      const refusal = refusalOf((await http.request(SwapRolesDocument, { input: { sessionId: session.id, nextQuestionId: next } })).swapRoles);
      if (refusal === null) onClose();
      return refusal;
    });
  };
  return (
    <Dialog title="Swap roles" onClose={onClose}>
      <form onSubmit={submit} className="stack">
        <p>{session.myRole === "PEER" ? "You become the interviewer, your partner the candidate." : "Interviewer and candidate change places."}</p>
        <label className="inline">
          <input type="checkbox" checked={wantsNext} onChange={(event) => setWantsNext(event.target.checked)} /> Go on with a second question
        </label>
        {wantsNext && (
          <label>
            Second question
            <select name="question" required disabled={nodes.length === 0}>
              {nodes.map(({ id, title, myProgress }) => (
                <option key={id} value={id}>
                  {title}
                  {myProgress && ` (you: ${inWords(myProgress.status).toLowerCase()})`}
                </option>
              ))}
            </select>
          </label>
        )}
        <Refusal message={problem ?? questions.problem} />
        <div className="buttons">
          <button type="submit" className="primary" disabled={isBusy || (wantsNext && nodes.length === 0)}>
            Swap
          </button>
          <button type="button" onClick={onClose}>
            Not now
          </button>
        </div>
      </form>
    </Dialog>
  );
}
