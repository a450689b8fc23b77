/** The room: question, editor, runs, call and chat; on a phone one of them at a time. */
import type { Language } from "@tandem/schema";
import { useState } from "react";

import { Loading, LoadingPart, Problem, ProblemPage } from "../parts";
import { CallPanel } from "./CallPanel";
import { Chat } from "./Chat";
import { Editor } from "./Editor";
import { Feedback } from "./Feedback";
import { QuestionPane } from "./QuestionPane";
import { RoomBar } from "./RoomBar";
import { Runs } from "./Runs";
import { useRoom } from "./useRoom";

const PANES = ["Question", "Code", "Talk"] as const;

export default function RoomPage({ id, me }: { readonly id: string; readonly me: { readonly id: string; readonly name: string } }) {
  const room = useRoom(id);
  const [pane, setPane] = useState<(typeof PANES)[number]>("Code");
  const [note, setNote] = useState<string | null>(null);
  const { session, provider, status } = room;
  if (!session) return room.problem ? <ProblemPage title="Room" message={room.problem} onRetry={room.reload} /> : <Loading what="the room" />;
  const isOver = session.status === "ENDED" || status?.refusal?.code === "SESSION_CLOSED";
  const mine = session.participants.find(({ userId }) => userId === me.id);
  const isViewer = mine === undefined || mine.role === "VIEWER";
  const isReadOnly = isOver || isViewer || status?.refusal != null;
  const partner = session.participants.find(({ userId, role }) => userId !== me.id && role !== "VIEWER");
  return (
    <main className="room" tabIndex={-1} data-pane={pane}>
      <h1 className="hidden">Session: {session.question?.title ?? "no question"}</h1>
      <RoomBar room={room} session={session} me={me} isOver={isOver} />
      <div className="panetabs" role="tablist" aria-label="Parts of the room">
        {PANES.map((name) => (
          <button key={name} type="button" role="tab" aria-selected={pane === name} onClick={() => setPane(name)}>
            {name}
          </button>
        ))}
      </div>
      <div className="pane question-pane" role="region" aria-label="Question" tabIndex={0}>
        <QuestionPane session={session} isOver={isOver} />
      </div>
      <div className="pane code-pane">
        {provider && status?.isLoaded && status.textName ? (
          <Editor provider={provider} textName={status.textName} language={status.language as Language} isReadOnly={isReadOnly} me={{ name: me.name, color: mine?.color ?? "#64748b" }} onNote={setNote} />
        ) : status?.refusal ? (
          <Problem message={status.refusal.message} />
        ) : (
          <LoadingPart what="the code" />
        )}
        {note && (
          <p className="note warn" role="alert">
            {note}{" "}
            <button type="button" className="small" onClick={() => setNote(null)}>
              Understood
            </button>
          </p>
        )}
        <section className="runs" aria-label="Runs" tabIndex={0}>
          <Runs room={room} sessionId={id} canRun={!isReadOnly} />
        </section>
      </div>
      <div className="pane talk-pane">
        {isOver && (
          <p>
            <a className="button" href={`#/playback/${id}`}>
              Play it back
            </a>
          </p>
        )}
        {isOver && !isViewer && <Feedback sessionId={id} />}
        {!isOver && !isViewer && partner && room.isPolite !== null && (
          <CallPanel sessionId={id} partner={{ id: partner.userId, name: partner.user.name }} isPolite={room.isPolite} isPartnerHere={room.online.has(partner.userId)} listen={room.listen} />
        )}
        <Chat room={room} sessionId={id} myId={me.id} canWrite={!isOver && !isViewer} />
      </div>
    </main>
  );
}
