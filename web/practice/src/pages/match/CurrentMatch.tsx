/** A partner was found: the ready check, then the way to the room. */
import { AcceptMatchDocument, DeclineMatchDocument, LeaveMatchDocument, type QueueQuery } from "@tandem/schema";
import { useState } from "react";

import { http, refusalOf } from "../../api";
import { LoadingPart, Refusal } from "../../parts";
import { useAction } from "../../useAction";
import { useNow } from "../../useNow";
import { duration, inWords } from "../../words";

type Match = NonNullable<QueueQuery["currentMatch"]>;

export function CurrentMatch({ match, onDone }: { readonly match: Match; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  const partner = match.partner?.name ?? "somebody";
  if (match.status === "PROPOSED") return <ReadyCheck match={match} partner={partner} onDone={onDone} />;
  return (
    <section className="card" aria-label="Your match">
      <h2>You and {partner}</h2>
      {match.session ? (
        <a className="button primary" href={`#/rooms/${match.session.id}`}>
          Go to the room
        </a>
      ) : (
        <LoadingPart what="a question and a room for you two" />
      )}
      <Refusal message={problem} />
      <div className="buttons">
        <button type="button" className="danger" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(LeaveMatchDocument, { matchId: match.id })).leaveMatch))}>
          Leave this match
        </button>
      </div>
    </section>
  );
}

function ReadyCheck({ match, partner, onDone }: { readonly match: Match; readonly partner: string; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  const [isAccepted, setAccepted] = useState(false);
  const now = useNow();
  const accept = async (): Promise<string | null> => {
    const refusal = refusalOf((await http.request(AcceptMatchDocument, { matchId: match.id })).acceptMatch);
    setAccepted(refusal === null);
    return refusal;
  };
  return (
    <section className="card" aria-label="Ready check">
      <div role="status">
        <h2>{isAccepted ? `Waiting for ${partner}` : `${partner} was found. Are you here?`}</h2>
      </div>
      <p>
        {match.partner && `Level: ${inWords(match.partner.skillLevel).toLowerCase()}. `}
        {match.respondBy && `Both have to say so within ${duration((Date.parse(match.respondBy) - now) / 1000)}.`}
      </p>
      <Refusal message={problem} />
      <div className="buttons">
        {!isAccepted && (
          <button type="button" className="primary" disabled={isBusy} onClick={() => run(accept)}>
            I am here
          </button>
        )}
        <button type="button" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(DeclineMatchDocument, { matchId: match.id })).declineMatch))}>
          Not now
        </button>
      </div>
    </section>
  );
}
