/** Private notes: saved by themselves a moment after the last key, never over what another tab has saved meanwhile. */
import { MyNotesDocument, SaveNotesDocument } from "@tandem/schema";
import { useEffect, useRef, useState } from "react";

import { explain, http, refusalOf, useQuery } from "../api";

const SAVE_AFTER = 1_000; // milliseconds without a key
const MAX_LENGTH = 50_000;

type State = "saved" | "changed" | "saving" | { readonly problem: string };

export function Notes({ sessionId, isOver }: { readonly sessionId: string; readonly isOver: boolean }) {
  const { data, problem, reload } = useQuery(MyNotesDocument, { id: sessionId });
  if (problem) {
    return (
      <p className="problem">
        Your notes cannot be loaded: {problem}{" "}
        <button type="button" className="small" onClick={reload}>
          Try again
        </button>
      </p>
    );
  }
  if (!data) return null;
  const { text, version } = data.session.myNotes;
  return <Sheet key={version} sessionId={sessionId} text={text} version={version} isOpen={text !== ""} isOver={isOver} onReload={reload} />;
}

interface SheetProps {
  readonly sessionId: string;
  readonly text: string;
  readonly version: number;
  readonly isOpen: boolean;
  readonly isOver: boolean;
  readonly onReload: () => void;
}

function Sheet({ sessionId, text, version, isOpen, isOver, onReload }: SheetProps) {
  const [draft, setDraft] = useState(text);
  const [state, setState] = useState<State>("saved");
  const known = useRef({ text, version });

  useEffect(() => {
    if (draft === known.current.text) return;
    setState("changed");
    const timer = setTimeout(() => {
      setState("saving");
      save(sessionId, draft, known.current.version).then((answer) => {
        if ("problem" in answer) return setState(answer);
        known.current = { text: draft, version: answer.version };
        setState("saved");
      });
    }, SAVE_AFTER);
    return () => clearTimeout(timer);
  }, [draft, sessionId]);

  const isFailed = typeof state === "object";
  return (
    <details className="notes" open={isOpen}>
      <summary>My notes{isOver ? "" : " (nobody else sees them)"}</summary>
      <textarea aria-label="My notes" rows={6} maxLength={MAX_LENGTH} value={draft} onChange={(event) => setDraft(event.target.value)} />
      <p className={isFailed ? "problem" : "quiet"} role="status">
        {isFailed ? state.problem : { saved: draft ? "Saved" : "", changed: "…", saving: "Saving…" }[state]}
        {isFailed && (
          <button type="button" className="small" onClick={onReload}>
            Load what is stored
          </button>
        )}
      </p>
    </details>
  );
}

async function save(sessionId: string, text: string, expectedVersion: number): Promise<{ readonly version: number } | { readonly problem: string }> {
  try {
    const { saveNotes } = await http.request(SaveNotesDocument, { input: { sessionId, text, expectedVersion } });
    if (saveNotes.__typename === "Notes") return { version: saveNotes.version };
    if (saveNotes.__typename === "VersionConflict") return { problem: "Another tab has saved other notes. Copy what you want to keep." };
    return { problem: refusalOf(saveNotes) ?? "Not saved." };
  } catch (error) {
    return { problem: `${explain(error)} Not saved; the next key tries again.` };
  }
}
