/** People who may watch: a link for them, and the way out. */
import { InviteViewerDocument, RemoveViewerDocument } from "@tandem/schema";
import { useState } from "react";

import { http, refusalOf } from "../api";
import { Dialog, LinkToGive, Refusal } from "../parts";
import { linkTo } from "../router";
import { useAction } from "../useAction";
import type { Session } from "./useRoom";

export function Guests({ session, canLead, onClose }: { readonly session: Session; readonly canLead: boolean; readonly onClose: () => void }) {
  const { problem, isBusy, run } = useAction();
  const [link, setLink] = useState<string | null>(null);
  const viewers = session.participants.filter(({ role }) => role === "VIEWER");
  const invite = async (): Promise<string | null> => {
    const { inviteViewer } = await http.request(InviteViewerDocument, { input: { sessionId: session.id } });
    if (inviteViewer.__typename !== "Invitation") return refusalOf(inviteViewer);
    setLink(linkTo("watch", inviteViewer.code));
    return null;
  };
  return (
    <Dialog title="Guests" onClose={onClose}>
      <p>A guest sees the code, the chat and the runs, and can change nothing.</p>
      {viewers.length > 0 && (
        <ul className="lines">
          {viewers.map(({ userId, user }) => (
            <li key={userId}>
              <span>{user.name}</span>
              {canLead && (
                <button
                  type="button"
                  className="small"
                  disabled={isBusy}
                  onClick={() => run(async () => refusalOf((await http.request(RemoveViewerDocument, { input: { sessionId: session.id, userId } })).removeViewer))}
                >
                  Send away
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {link && <LinkToGive label="Whoever has this link can watch; it is shown only now" link={link} />}
      <Refusal message={problem} />
      <div className="buttons">
        <button type="button" className="primary" disabled={isBusy} onClick={() => run(invite)}>
          Make a link
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
