/** A session's history as something to scrub through: for every step the texts as they were, and who wrote each part. */
import type { SessionHistoryQuery } from "@tandem/schema";

export type Entry = SessionHistoryQuery["sessionHistory"][number];

/** A stretch of text by one author; null: the server (starter code), or a deleted account. */
export interface Stretch {
  readonly text: string;
  readonly userId: string | null;
}

export interface Moment {
  /** The text that was shown. */
  readonly textName: string | null;
  readonly stretches: readonly Stretch[];
}

type Texts = ReadonlyMap<string, readonly Stretch[]>;

interface Checkpoint {
  readonly texts: Texts;
  readonly shown: string | null;
}

const CHECKPOINT_EVERY = 100; // entries: to go back costs at most so many steps

export class Replay {
  readonly entries: readonly Entry[];
  /** The text that a `text_changed` entry shows, by its number: the history itself does not tell. */
  readonly #shownBySeq: ReadonlyMap<number, string>;
  readonly #checkpoints: Checkpoint[] = [{ texts: new Map(), shown: null }];

  constructor(entries: readonly Entry[], shownBySeq: ReadonlyMap<number, string> = new Map()) {
    this.entries = entries;
    this.#shownBySeq = shownBySeq;
  }

  get length(): number {
    return this.entries.length;
  }

  /** What was seen after the first `count` entries. */
  at(count: number): Moment {
    const wanted = Math.max(0, Math.min(count, this.entries.length));
    const { texts, shown } = this.#stateAt(wanted);
    return { textName: shown, stretches: shown === null ? [] : (texts.get(shown) ?? []) };
  }

  #stateAt(count: number): Checkpoint {
    const known = Math.min(Math.floor(count / CHECKPOINT_EVERY), this.#checkpoints.length - 1);
    let state = this.#checkpoints[known] as Checkpoint;
    for (let index = known * CHECKPOINT_EVERY; index < count; index += 1) {
      state = this.#after(state, this.entries[index] as Entry);
      if ((index + 1) % CHECKPOINT_EVERY === 0) this.#checkpoints[(index + 1) / CHECKPOINT_EVERY] = state;
    }
    return state;
  }

  #after({ texts, shown }: Checkpoint, entry: Entry): Checkpoint {
    if (entry.kind === "text_changed") return { texts, shown: this.#shownBySeq.get(entry.seq) ?? shown };
    if (!entry.textName || entry.edits.length === 0) return { texts, shown };
    const next = entry.edits.reduce((stretches, edit) => edited(stretches, edit, entry.userId ?? null), texts.get(entry.textName) ?? []);
    // The first text is shown from its starter code on; later ones when they are changed to.
    return { texts: new Map(texts).set(entry.textName, next), shown: shown ?? entry.textName };
  }
}

/** At `position` (UTF-16 units) `deleted` units go and `inserted` comes. */
export function edited(stretches: readonly Stretch[], edit: Entry["edits"][number], userId: string | null): readonly Stretch[] {
  const before = slice(stretches, 0, edit.position);
  const after = slice(stretches, edit.position + edit.deleted, Infinity);
  return joined([...before, { text: edit.inserted, userId }, ...after]);
}

function slice(stretches: readonly Stretch[], start: number, end: number): Stretch[] {
  const result: Stretch[] = [];
  let at = 0;
  for (const { text, userId } of stretches) {
    const part = text.slice(Math.max(0, start - at), Math.max(0, end - at));
    if (part && at < end) result.push({ text: part, userId });
    at += text.length;
  }
  return result;
}

/** Neighbours by the same author are one. */
function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of stretches) {
    if (stretch.text === "") continue;
    const last = result.at(-1);
    if (last?.userId === stretch.userId) result[result.length - 1] = { text: last.text + stretch.text, userId: last.userId };
    else result.push(stretch);
  }
  return result;
}

export function textOf(stretches: readonly Stretch[]): string {
  return stretches.map(({ text }) => text).join("");
}

/** Milliseconds until the next entry when it is played at `speed`: pauses of people are cut short. */
export function waitBefore(previous: Entry | undefined, next: Entry, speed: number): number {
  const gap = previous ? Date.parse(next.at) - Date.parse(previous.at) : 0;
  return Math.min(Math.max(gap, 20), 2_000) / speed;
}
