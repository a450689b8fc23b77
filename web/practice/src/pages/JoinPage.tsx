/** Where links of invitations lead: to a match with whoever made the link, or to a session to watch. */
import { AcceptInvitationDocument, AcceptMatchInvitationDocument, QueueDocument } from "@tandem/schema";
import { useEffect, useState } from "react";

import { explain, http, refusalOf } from "../api";
import { Loading, ProblemPage } from "../parts";
import { go } from "../router";

const ROOM_WITHIN = 30_000; // milliseconds: the room is made after the match, by events
const ASK_EVERY = 700;

export function JoinPage({ token }: { readonly token: string }) {
  return <Accepting title="Invitation to practise" accept={() => joinMatch(token)} />;
}

export function WatchPage({ code }: { readonly code: string }) {
  return <Accepting title="Invitation to a session" accept={() => joinSession(code)} />;
}

/** The id of the session to go to, or why there is none. */
type Accepted = { readonly sessionId: string } | { readonly problem: string };

function Accepting({ title, accept }: { readonly title: string; readonly accept: () => Promise<Accepted> }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isLeft = false;
    setProblem(null);
    accept()
      .catch((error: unknown): Accepted => ({ problem: explain(error) }))
      .then((answer) => {
        if (isLeft) return;
        if ("sessionId" in answer) go("rooms", answer.sessionId);
        else setProblem(answer.problem);
      });
    return () => {
      isLeft = true;
    };
    // `accept` is another function on each rendering and does the same; another link is another page.
  }, [attempt]);
  if (!problem) return <Loading what="the room" />;
  return <ProblemPage title={title} message={problem} onRetry={() => setAttempt((count) => count + 1)} />;
}

async function joinMatch(token: string): Promise<Accepted> {
  const { acceptMatchInvitation: answer } = await http.request(AcceptMatchInvitationDocument, { input: { token } });
  // Whoever opens the link twice is in the match already.
  if (answer.__typename !== "Match" && answer.__typename !== "AlreadyInMatch") return { problem: refusalOf(answer) ?? "This link leads nowhere." };
  for (const deadline = Date.now() + ROOM_WITHIN; Date.now() < deadline; ) {
    const { currentMatch } = await http.request(QueueDocument, {});
    if (currentMatch?.session) return { sessionId: currentMatch.session.id };
    if (!currentMatch) return { problem: "The match has ended before its room was there." };
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  }
  return { problem: "The room is not there yet. Try again in a moment." };
}

async function joinSession(code: string): Promise<Accepted> {
  const { acceptInvitation: answer } = await http.request(AcceptInvitationDocument, { input: { code } });
  return answer.__typename === "Session" ? { sessionId: answer.id } : { problem: refusalOf(answer) ?? "This link leads nowhere." };
}
