/** The bar of a room: who is here, whether all is saved, the phase, the language, run and submit, and what else can be done. */
import { ChangeLanguageDocument, EndSessionDocument, type Language, RunCodeDocument, SubmitSolutionDocument } from "@tandem/schema";
import { useState } from "react";

import { http, refusalOf } from "../api";
import { Dialog, Refusal } from "../parts";
import { type Action, useAction } from "../useAction";
import { inWords, LANGUAGES } from "../words";
import { Guests } from "./Guests";
import { Phase } from "./Phase";
import { SwapRoles } from "./SwapRoles";
import type { Room, Session } from "./useRoom";

interface RoomBarProps {
  readonly room: Room;
  readonly session: Session;
  readonly me: { readonly id: string };
  readonly isOver: boolean;
}

export function RoomBar({ room, session, me, isOver }: RoomBarProps) {
  const action = useAction(room.reload);
  const canWrite = !isOver && session.myRole !== "VIEWER" && session.myRole !== null;
  const canLead = canWrite && session.myRole !== "CANDIDATE";
  return (
    <div className="roombar">
      <People room={room} session={session} myId={me.id} />
      <Saved room={room} session={session} isOver={isOver} />
      {!isOver && <Phase session={session} elapsed={room.elapsed} canLead={canLead} />}
      {canWrite && <Doing room={room} session={session} action={action} />}
      {canWrite && <More session={session} action={action} canLead={canLead} />}
      <Refusal message={action.problem} />
    </div>
  );
}

function People({ room, session, myId }: { readonly room: Room; readonly session: Session; readonly myId: string }) {
  return (
    <ul className="people" aria-label="Who is here">
      {session.participants.map(({ userId, user, color, role }) => {
        const isHere = room.online.has(userId);
        return (
          <li key={userId} title={isHere ? "here" : "away"}>
            <span className="dot" style={{ background: isHere ? color : "transparent", borderColor: color }} aria-hidden="true" />
            {userId === myId ? "You" : user.name}
            {role !== "PEER" && <small> ({inWords(role).toLowerCase()})</small>}
            <span className="hidden">{isHere ? " is here" : " is away"}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** Whether what one wrote is on the server's disk, said as it is. */
function Saved({ room, session, isOver }: { readonly room: Room; readonly session: Session; readonly isOver: boolean }) {
  const { status } = room;
  if (!status) return null;
  const [word, tone] = isOver
    ? [`Ended${session.endReason ? `: ${inWords(session.endReason).toLowerCase()}` : ""}`, ""]
    : status.refusal
      ? [status.refusal.message, "bad"]
      : status.connection.status !== "live"
        ? [status.unsaved > 0 ? "Reconnecting; your changes are kept" : "Reconnecting…", "warn"]
        : status.unsaved > 0
          ? ["Saving…", "warn"]
          : [session.myRole === "VIEWER" ? "You are watching" : "Saved", "good"];
  return (
    <span className={`saved ${tone}`} role="status" data-unsaved={status.unsaved}>
      {word}
    </span>
  );
}

interface DoingProps {
  readonly room: Room;
  readonly session: Session;
  readonly action: Action;
}

function Doing({ room, session, action }: DoingProps) {
  const { provider, status } = room;
  const sessionId = session.id;
  const start = async (isSubmission: boolean): Promise<string | null> => {
    // The server runs what it has on disk: what is written here has to be there first.
    await provider?.flush();
    const result = isSubmission
      ? (await http.request(SubmitSolutionDocument, { input: { sessionId } })).submitSolution
      : (await http.request(RunCodeDocument, { input: { sessionId } })).runCode;
    if (result.__typename === "Run") room.addRun(result);
    return refusalOf(result);
  };
  const language = (status?.language || session.language) as Language;
  const toolchain = room.toolchains.find((each) => each.language === language);
  const isBlocked = action.isBusy || !toolchain;
  const why = toolchain ? `${toolchain.version}` : "Code in this language cannot be run here";
  return (
    <div className="actions">
      <label>
        <span className="hidden">Language</span>
        <select
          value={language}
          disabled={action.isBusy}
          onChange={(event) => {
            const input = { sessionId, language: event.target.value as Language };
            action.run(async () => refusalOf((await http.request(ChangeLanguageDocument, { input })).changeLanguage));
          }}
        >
          {Object.entries(LANGUAGES).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button type="button" disabled={isBlocked} title={`Run the samples: ${why}`} onClick={() => action.run(() => start(false))}>
        Run
      </button>
      <button type="button" className="primary" disabled={isBlocked} title={`Judge on all cases: ${why}`} onClick={() => action.run(() => start(true))}>
        Submit
      </button>
      {!toolchain && <span className="quiet">{LANGUAGES[language]} cannot be run here.</span>}
    </div>
  );
}

type Asked = "swap" | "guests" | "end" | null;

function More({ session, action, canLead }: { readonly session: Session; readonly action: Action; readonly canLead: boolean }) {
  const [asked, setAsked] = useState<Asked>(null);
  const close = (): void => setAsked(null);
  const end = (): void => {
    close();
    action.run(async () => refusalOf((await http.request(EndSessionDocument, { input: { sessionId: session.id } })).endSession));
  };
  return (
    <div className="actions">
      {canLead && (
        <button type="button" onClick={() => setAsked("swap")}>
          Swap roles
        </button>
      )}
      <button type="button" onClick={() => setAsked("guests")}>
        Guests
      </button>
      <button type="button" className="danger" disabled={action.isBusy} onClick={() => setAsked("end")}>
        End
      </button>
      {asked === "swap" && <SwapRoles session={session} onClose={close} />}
      {asked === "guests" && <Guests session={session} canLead={canLead} onClose={close} />}
      {asked === "end" && (
        <Dialog title="End the session?" onClose={close}>
          <p>It ends for both of you. The code, the chat and the runs stay in your history.</p>
          <div className="buttons">
            <button type="button" className="danger" onClick={end}>
              End it
            </button>
            <button type="button" onClick={close}>
              Go on
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
