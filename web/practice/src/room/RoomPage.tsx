/** The room: question, editor, chat, runs; on a phone one of them at a time. */
import { useState } from "react";

import { explain, http, refusalOf } from "../api";
import type { Language } from "../gql/graphql";
import { ChangeLanguage, EndSession, RunCode, SubmitSolution } from "../operations";
import { Loading, Problem } from "../parts";
import { QuestionText } from "../QuestionText";
import { inWords, LANGUAGES } from "../words";
import { Chat } from "./Chat";
import { Editor } from "./Editor";
import { Feedback } from "./Feedback";
import { Runs } from "./Runs";
import { type Room, useRoom } from "./useRoom";

interface Me {
  readonly id: string;
  readonly name: string;
}

const PANES = ["Question", "Code", "Talk"] as const;

export default function RoomPage({ id, me }: { readonly id: string; readonly me: Me }) {
  const room = useRoom(id);
  const [pane, setPane] = useState<(typeof PANES)[number]>("Code");
  const { session, provider, status } = room;
  if (!session) return room.problem ? <Problem message={room.problem} onRetry={room.reload} /> : <Loading what="the room" />;
  const isOver = session.status === "ENDED" || status?.refusal?.code === "SESSION_CLOSED";
  const mine = session.participants.find(({ userId }) => userId === me.id);
  const isReadOnly = isOver || status?.refusal != null || mine === undefined;
  return (
    <main className="room" tabIndex={-1} data-pane={pane}>
      <h1 className="hidden">Session: {session.question?.title ?? "no question"}</h1>
      <div className="roombar">
        <People room={room} myId={me.id} />
        <Saved room={room} isOver={isOver} />
        <Actions room={room} isOver={isOver} />
      </div>
      <div className="panetabs" role="tablist" aria-label="Parts of the room">
        {PANES.map((name) => (
          <button key={name} type="button" role="tab" aria-selected={pane === name} onClick={() => setPane(name)}>
            {name}
          </button>
        ))}
      </div>
      <div className="pane question-pane" role="region" aria-label="Question" tabIndex={0}>{session.question ? <QuestionText question={session.question} level="h2" /> : <p className="quiet">No question.</p>}</div>
      <div className="pane code-pane">
        {provider && status?.isLoaded && status.textName ? (
          <Editor provider={provider} textName={status.textName} language={status.language as Language} isReadOnly={isReadOnly} me={{ name: me.name, color: mine?.color ?? "#64748b" }} />
        ) : status?.refusal ? (
          <Problem message={status.refusal.message} />
        ) : (
          <Loading what="the code" />
        )}
        <section className="runs" aria-label="Runs" tabIndex={0}>
          <Runs runs={room.runs} />
        </section>
      </div>
      <div className="pane talk-pane">
        {isOver && <Feedback sessionId={id} />}
        <Chat room={room} sessionId={id} myId={me.id} isOver={isOver} />
      </div>
    </main>
  );
}

function People({ room, myId }: { readonly room: Room; readonly myId: string }) {
  return (
    <ul className="people" aria-label="Who is here">
      {room.session?.participants.map(({ userId, user, color, role }) => {
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
function Saved({ room, isOver }: { readonly room: Room; readonly isOver: boolean }) {
  const { status } = room;
  if (!status) return null;
  const [word, tone] = isOver
    ? [`Ended${room.session?.endReason ? `: ${inWords(room.session.endReason).toLowerCase()}` : ""}`, ""]
    : status.refusal
      ? [status.refusal.message, "bad"]
      : status.connection.status !== "live"
        ? [status.unsaved > 0 ? "Reconnecting; your changes are kept" : "Reconnecting…", "warn"]
        : status.unsaved > 0
          ? ["Saving…", "warn"]
          : ["Saved", "good"];
  return (
    <span className={`saved ${tone}`} role="status" data-unsaved={status.unsaved}>
      {word}
    </span>
  );
}

function Actions({ room, isOver }: { readonly room: Room; readonly isOver: boolean }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { session, provider, status } = room;
  if (!session || isOver || session.myRole === "VIEWER") return null;
  const sessionId = session.id;
  const run = (work: () => Promise<string | null>): void => {
    setBusy(true);
    setProblem(null);
    work()
      .then(setProblem, (error: unknown) => setProblem(explain(error)))
      .finally(() => setBusy(false));
  };
  const start = async (isSubmission: boolean): Promise<string | null> => {
    // The server runs what it has on disk: what is written here has to be there first.
    await provider?.flush();
    const result = isSubmission
      ? (await http.request(SubmitSolution, { input: { sessionId } })).submitSolution
      : (await http.request(RunCode, { input: { sessionId } })).runCode;
    if (result.__typename === "Run") room.addRun(result);
    return refusalOf(result);
  };
  const language = (status?.language || session.language) as Language;
  const runnable = room.toolchains.some((toolchain) => toolchain.language === language);
  return (
    <div className="actions">
      <label>
        <span className="hidden">Language</span>
        <select
          value={language}
          disabled={isBusy}
          onChange={(event) => {
            const input = { sessionId, language: event.target.value as Language };
            run(async () => refusalOf((await http.request(ChangeLanguage, { input })).changeLanguage));
          }}
        >
          {Object.entries(LANGUAGES).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button type="button" disabled={isBusy || !runnable} title={runnable ? "Run the samples" : "Code in this language cannot be run here"} onClick={() => run(() => start(false))}>
        Run
      </button>
      <button type="button" className="primary" disabled={isBusy || !runnable} onClick={() => run(() => start(true))}>
        Submit
      </button>
      <button
        type="button"
        className="danger"
        disabled={isBusy}
        onClick={() => {
          if (confirm("End the session for both of you?")) run(async () => refusalOf((await http.request(EndSession, { input: { sessionId } })).endSession));
        }}
      >
        End
      </button>
      {problem && (
        <span className="problem" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}
