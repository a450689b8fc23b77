/** The line to scrub on, with a mark for everything that is not typing, and a list of these to jump to. */
import { inWords } from "../words";
import type { Entry } from "./replay";

interface TimelineProps {
  readonly entries: readonly Entry[];
  readonly step: number;
  readonly colourOf: (userId: string | null | undefined) => string;
  readonly onStep: (step: number) => void;
}

/** One sign per kind, so that no colour has to be told apart; signs that plain fonts have. */
const SIGNS: Record<string, string> = { message_posted: "✉", run_finished: "▶", text_changed: "⇄", roles_changed: "⇅", question_changed: "?", phase_changed: "◷", ended: "■" };

export function Timeline({ entries, step, colourOf, onStep }: TimelineProps) {
  const place = (index: number): string => `${(index / Math.max(1, entries.length)) * 100}%`;
  const marked = entries.map((entry, index) => ({ entry, index: index + 1 })).filter(({ entry }) => entry.kind in SIGNS);
  return (
    <div className="timeline">
      <svg className="writers" viewBox={`0 0 ${Math.max(1, entries.length)} 1`} preserveAspectRatio="none" aria-hidden="true">
        {stretchesOf(entries).map(({ start, end, userId }) => (
          <rect key={start} x={start} width={end - start} y="0" height="1" style={{ fill: colourOf(userId) }} />
        ))}
      </svg>
      <input type="range" aria-label="Moment" min={0} max={entries.length} value={step} onChange={(event) => onStep(Number(event.target.value))} />
      {/* Marks may lie on each other: the list beside them says the same, and can be chosen from with any finger. */}
      <div className="marks" aria-hidden="true">
        {marked.map(({ entry, index }) => (
          <span key={entry.seq} style={{ left: place(index) }}>
            {SIGNS[entry.kind]}
          </span>
        ))}
      </div>
      {marked.length > 0 && (
        <label className="inline">
          Jump to{" "}
          <select value="" onChange={(event) => onStep(Number(event.target.value))}>
            <option value="" disabled>
              …
            </option>
            {marked.map(({ entry, index }) => (
              <option key={entry.seq} value={index}>
                {SIGNS[entry.kind]} {inWords(entry.kind)}, step {index}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

/** Who wrote when: neighbouring steps of typing by one person are one piece of the line. */
function stretchesOf(entries: readonly Entry[]): readonly { readonly start: number; readonly end: number; readonly userId: string | null }[] {
  const result: { start: number; end: number; userId: string | null }[] = [];
  entries.forEach(({ kind, userId }, index) => {
    if (kind !== "update" || !userId) return;
    const last = result.at(-1);
    if (last?.end === index && last.userId === userId) last.end = index + 1;
    else result.push({ start: index, end: index + 1, userId });
  });
  return result;
}
