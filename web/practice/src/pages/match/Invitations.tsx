/** Practise with somebody you know: an invitation by link, and those that are open. */
import {
  AcceptMatchInvitationDocument,
  CloseMatchInvitationDocument,
  CreateMatchInvitationDocument,
  type Difficulty,
  type Language,
  type MatchInvitationPartsFragment,
} from "@tandem/schema";
import { type FormEvent, useState } from "react";

import { http, refusalOf } from "../../api";
import { LinkToGive, Refusal } from "../../parts";
import { linkTo } from "../../router";
import { useAction } from "../../useAction";
import { clock, inWords, LANGUAGES } from "../../words";
import { WishFields } from "./Ask";

interface InvitationsProps {
  readonly invitations: readonly MatchInvitationPartsFragment[];
  readonly myId: string | null;
  readonly onDone: () => void;
}

export function Invitations({ invitations, myId, onDone }: InvitationsProps) {
  const open = invitations.filter((invitation) => invitation.status === "OPEN");
  return (
    <section className="card spaced" aria-labelledby="invitations">
      <h2 id="invitations">With somebody you know</h2>
      {open.length > 0 && (
        <ul className="lines">
          {open.map((invitation) => (
            <OpenInvitation key={invitation.id} invitation={invitation} myId={myId} onDone={onDone} />
          ))}
        </ul>
      )}
      <Invite onDone={onDone} />
    </section>
  );
}

function OpenInvitation({ invitation, myId, onDone }: { readonly invitation: MatchInvitationPartsFragment; readonly myId: string | null; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  const { id, invitee, inviter } = invitation;
  const isMine = inviter?.id === myId;
  const who = isMine ? (invitee ? `You asked ${invitee.name} again` : "Your link") : `${inviter?.name ?? "Somebody"} asks you`;
  return (
    <li>
      <span>
        {who}: {LANGUAGES[invitation.language]}, {inWords(invitation.difficulty).toLowerCase()}, until {clock(invitation.expiresAt)}
      </span>
      {!isMine && (
        <button type="button" className="primary small" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(AcceptMatchInvitationDocument, { input: { id } })).acceptMatchInvitation))}>
          Accept
        </button>
      )}
      <button type="button" className="small" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(CloseMatchInvitationDocument, { id })).closeMatchInvitation))}>
        {isMine ? "Withdraw" : "Decline"}
      </button>
      <Refusal message={problem} />
    </li>
  );
}

function Invite({ onDone }: { readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  const [link, setLink] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = { language: form.get("language") as Language, difficulty: form.get("difficulty") as Difficulty };
    run(async () => {
      const { createMatchInvitation: answer } = await http.request(CreateMatchInvitationDocument, { input });
      if (answer.__typename !== "MatchInvitation") return refusalOf(answer);
      // The token is told only this once.
      setLink(answer.token ? linkTo("join", answer.token) : null);
      return null;
    });
  };
  return (
    <form onSubmit={submit} aria-label="Invite by link" className="stack">
      <div className="fields">
        <WishFields />
      </div>
      <Refusal message={problem} />
      {link && <LinkToGive label="Give this link to your partner; it is shown only now" link={link} />}
      <div>
        <button type="submit" disabled={isBusy}>
          Make a link
        </button>
      </div>
    </form>
  );
}
