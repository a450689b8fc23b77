/** A session played back: the code over time with who wrote it, and chat, runs and all the rest on the same line. */
import { ExportSessionDocument, type ExportFormat, RestoreVersionDocument } from "@tandem/schema";
import { useEffect, useState } from "react";

import { http, refusalOf } from "../api";
import { Empty, Loading, ProblemPage, Refusal } from "../parts";
import { go } from "../router";
import { useAction } from "../useAction";
import { clock, inWords, LANGUAGES } from "../words";
import { RunList } from "../room/Runs";
import { type Entry, waitBefore } from "./replay";
import { Timeline } from "./Timeline";
import { type Loaded, usePlayback } from "./usePlayback";

const SPEEDS = [1, 4, 16] as const;
/** Told with an endless colour of its own: what nobody of the two wrote. */
const NOBODY = "var(--quiet)";

export default function PlaybackPage({ id }: { readonly id: string }) {
  const { loaded, problem, count, reload } = usePlayback(id);
  if (problem) return <ProblemPage title="Playback" message={problem} onRetry={reload} />;
  if (!loaded) return <Loading what={count > 0 ? `the history (${count} steps)` : "the history"} />;
  return <Player loaded={loaded} />;
}

function Player({ loaded: { session, replay } }: { readonly loaded: Loaded }) {
  const [step, setStep] = useState(replay.length);
  const [speed, setSpeed] = useState<(typeof SPEEDS)[number]>(4);
  const [isPlaying, setPlaying] = useState(false);
  usePlaying(isPlaying, step, replay.entries, speed, setStep, () => setPlaying(false));

  const people = new Map(session.participants.map((participant) => [participant.userId, participant]));
  const nameOf = (userId: string | null | undefined): string => (userId ? (people.get(userId)?.user.name ?? "Somebody") : "Tandem");
  const entry = replay.entries[step - 1];
  const moment = replay.at(step);
  const until = entry?.at ?? session.createdAt;
  const messages = session.messages.edges.map((edge) => edge.node).filter((message) => message.createdAt <= until);
  const runs = session.runs.filter((run) => run.createdAt <= until);
  return (
    <main className="page playback" tabIndex={-1}>
      <div className="headline">
        <h1>{session.question?.title ?? "A session"}</h1>
        <a href={`#/rooms/${session.id}`}>To the room</a>
      </div>
      {replay.length === 0 ? (
        <Empty>Nothing has happened in this session.</Empty>
      ) : (
        <>
          <Timeline entries={replay.entries} step={step} colourOf={(userId) => people.get(userId ?? "")?.color ?? NOBODY} onStep={setStep} />
          <div className="buttons controls">
            <button type="button" className="primary" onClick={() => (step === replay.length && !isPlaying && setStep(0), setPlaying(!isPlaying))}>
              {isPlaying ? "Pause" : "Play"}
            </button>
            <label className="inline">
              <span className="hidden">Speed</span>
              <select value={speed} onChange={(event) => setSpeed(Number(event.target.value) as (typeof SPEEDS)[number])}>
                {SPEEDS.map((value) => (
                  <option key={value} value={value}>
                    {value}×
                  </option>
                ))}
              </select>
            </label>
            <p className="quiet now" role="status">
              {step} of {replay.length}
              {entry && `: ${clock(entry.at)}, ${nameOf(entry.userId)} ${deedOf(entry)}`}
            </p>
          </div>
          <div className="played">
            <section aria-label="Code at this moment">
              <p className="legend">
                {session.participants.map(({ userId, user, color }) => (
                  <span key={userId}>
                    <span className="dot" style={{ background: color, borderColor: color }} aria-hidden="true" /> {user.name}
                  </span>
                ))}
                <span className="quiet">{languageOf(moment.textName)}</span>
              </p>
              <pre className="attributed" tabIndex={0} aria-label="Code">
                {moment.stretches.map(({ text, userId }, index) => (
                  <span key={index} title={nameOf(userId)} style={userId ? { boxShadow: `inset 0 -2px ${people.get(userId)?.color ?? NOBODY}` } : undefined}>
                    {text}
                  </span>
                ))}
              </pre>
              <Keep session={session} seq={entry?.seq ?? null} />
            </section>
            <section aria-label="Runs and chat until this moment">
              <h2>Runs</h2>
              {runs.length > 0 ? <RunList runs={runs} /> : <p className="quiet">None yet.</p>}
              <h2>Chat</h2>
              {messages.length === 0 && <p className="quiet">Nothing yet.</p>}
              <ul className="lines">
                {messages.map((message) => (
                  <li key={message.id}>
                    <span>
                      <span className="quiet">
                        {message.author?.name ?? "deleted user"}, {clock(message.createdAt)}
                      </span>{" "}
                      {message.deletedAt ? <em>taken back</em> : message.message}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          </div>
        </>
      )}
    </main>
  );
}

/** Go on by itself, a step at a time, in people's own rhythm with the pauses cut short. */
function usePlaying(isPlaying: boolean, step: number, entries: readonly Entry[], speed: number, onStep: (step: number) => void, onEnd: () => void): void {
  useEffect(() => {
    if (!isPlaying) return;
    const next = entries[step];
    if (!next) return onEnd();
    const timer = setTimeout(() => onStep(step + 1), waitBefore(entries[step - 1], next, speed));
    return () => clearTimeout(timer);
    // The callbacks are other functions on each rendering and do the same.
  }, [isPlaying, step, entries, speed]);
}

function Keep({ session, seq }: { readonly session: Loaded["session"]; readonly seq: number | null }) {
  const { problem, isBusy, run } = useAction();
  const save = async (format: ExportFormat): Promise<null> => {
    const { sessionExport } = await http.request(ExportSessionDocument, { id: session.id, format });
    const address = URL.createObjectURL(new Blob([sessionExport.content], { type: sessionExport.contentType }));
    Object.assign(document.createElement("a"), { href: address, download: sessionExport.filename }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    return null;
  };
  const restore = async (): Promise<string | null> => {
    const refusal = refusalOf((await http.request(RestoreVersionDocument, { input: { sessionId: session.id, seq: seq ?? 0 } })).restoreVersion);
    if (refusal === null) go("rooms", session.id);
    return refusal;
  };
  return (
    <>
      <div className="buttons">
        <button type="button" disabled={isBusy} onClick={() => run(() => save("HTML"))}>
          Save as a page
        </button>
        <button type="button" disabled={isBusy} onClick={() => run(() => save("JSON"))}>
          Save as JSON
        </button>
        {session.status === "ACTIVE" && session.myRole !== "VIEWER" && seq !== null && (
          <button type="button" disabled={isBusy} onClick={() => run(restore)}>
            Go on from here
          </button>
        )}
      </div>
      <Refusal message={problem} />
    </>
  );
}

/** `code:PYTHON:2~57`: the language, and which text of it. */
function languageOf(textName: string | null): string {
  const language = /^code:([A-Z]+)/.exec(textName ?? "")?.[1];
  return language ? (LANGUAGES[language as keyof typeof LANGUAGES] ?? inWords(language)) : "";
}

const DEEDS: Record<string, string> = {
  update: "wrote",
  message_posted: "said something",
  message_edited: "changed a message",
  message_deleted: "took a message back",
  text_changed: "changed to another text",
  roles_changed: "swapped roles",
  question_changed: "began the next question",
  phase_changed: "began a phase",
  timer_elapsed: "says that the time is up",
  run_started: "ran the code",
  run_finished: "has the result",
  ended: "ended the session",
};

function deedOf(entry: Entry): string {
  if (entry.kind === "update" && !entry.userId) return "wrote the starter code";
  return DEEDS[entry.kind] ?? inWords(entry.kind).toLowerCase();
}
