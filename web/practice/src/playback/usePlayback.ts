/** Everything of a session that is played back: loaded page by page, with how far loading has come. */
import { PlaybackDocument, type PlaybackQuery, SessionHistoryDocument, SessionMessagesDocument, VersionDocument } from "@tandem/schema";
import { useCallback, useEffect, useState } from "react";

import { explain, http } from "../api";
import { type Entry, Replay } from "./replay";

const PAGE = 400; // entries at once, as the document asks: 500 cost more than the gateway lets one operation cost
const MAX_ENTRIES = 100_000;

export interface Loaded {
  readonly session: PlaybackQuery["session"];
  readonly replay: Replay;
}

export interface Playback {
  readonly loaded: Loaded | null;
  readonly problem: string | null;
  /** Entries so far, while it loads. */
  readonly count: number;
  readonly reload: () => void;
}

export function usePlayback(id: string): Playback {
  const [state, setState] = useState<Omit<Playback, "reload">>({ loaded: null, problem: null, count: 0 });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    setState((before) => ({ ...before, problem: null }));
    load(id, leaving.signal, (count) => setState((before) => ({ ...before, count }))).then(
      (loaded) => setState({ loaded, problem: null, count: loaded.replay.length }),
      (error: unknown) => {
        if (!leaving.signal.aborted) setState((before) => ({ ...before, problem: explain(error) }));
      },
    );
    return () => leaving.abort();
  }, [id, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return { ...state, reload };
}

async function load(id: string, signal: AbortSignal, tell: (count: number) => void): Promise<Loaded> {
  const { session } = await http.request(PlaybackDocument, { id }, { signal });
  const entries: Entry[] = [];
  for (let isMore = true; isMore && entries.length < MAX_ENTRIES; ) {
    const { sessionHistory } = await http.request(SessionHistoryDocument, { id, after: entries.at(-1)?.seq ?? 0 }, { signal });
    entries.push(...sessionHistory);
    isMore = sessionHistory.length >= PAGE;
    tell(entries.length);
  }
  const shown = new Map<number, string>();
  for (const { kind, seq } of entries) {
    if (kind !== "text_changed") continue;
    const { sessionVersion } = await http.request(VersionDocument, { id, seq }, { signal });
    shown.set(seq, sessionVersion.textName);
  }
  return { session: await withWholeChat(session, signal), replay: new Replay(entries, shown) };
}

async function withWholeChat(session: PlaybackQuery["session"], signal: AbortSignal): Promise<PlaybackQuery["session"]> {
  const edges = [...session.messages.edges];
  let { pageInfo } = session.messages;
  while (pageInfo.hasNextPage && pageInfo.endCursor && edges.length < MAX_ENTRIES) {
    const { messages } = (await http.request(SessionMessagesDocument, { id: session.id, after: pageInfo.endCursor }, { signal })).session;
    edges.push(...messages.edges);
    ({ pageInfo } = messages);
  }
  return { ...session, messages: { edges, pageInfo } };
}
