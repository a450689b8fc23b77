/** The chat of a room: messages, who is typing, sending once however often it is tried. */
import { type FormEvent, useEffect, useRef, useState } from "react";

import { explain, http, refusalOf } from "../api";
import { SendMessage, SetTyping } from "../operations";
import { clock } from "../words";
import type { Room } from "./useRoom";

export function Chat({ room, sessionId, myId, isOver }: { readonly room: Room; readonly sessionId: string; readonly myId: string; readonly isOver: boolean }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const end = useRef<HTMLDivElement>(null);
  const nonce = useRef<string>(crypto.randomUUID());
  const sayTyping = useTyping(sessionId);
  useEffect(() => {
    // Newer browsers return a promise here, which would be no cleanup.
    void end.current?.scrollIntoView({ block: "nearest" });
  }, [room.messages]);

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!text.trim()) return;
    setProblem(null);
    try {
      // The nonce stays until it worked, so that a second try does not say it twice.
      const { sendMessage } = await http.request(SendMessage, { input: { sessionId, message: text.trim(), nonce: nonce.current } });
      if (sendMessage.__typename === "SessionMessage") {
        room.addMessage(sendMessage);
        nonce.current = crypto.randomUUID();
        setText("");
      } else setProblem(refusalOf(sendMessage));
    } catch (error) {
      setProblem(`${explain(error)} Your message was not sent.`);
    }
    sayTyping(false);
  };

  const typing = room.session?.participants.filter(({ userId }) => userId !== myId && room.typing.has(userId)) ?? [];
  return (
    <section className="chat" aria-label="Chat">
      <ol aria-live="polite">
        {room.messages.length === 0 && <li className="quiet">Say hello.</li>}
        {room.messages.map((message) => (
          <li key={message.id} className={message.author?.id === myId ? "mine" : ""}>
            <span className="quiet">
              {message.author?.id === myId ? "You" : (message.author?.name ?? "deleted user")} · {clock(message.createdAt)}
            </span>
            <p>{message.deletedAt ? <em>taken back</em> : message.message}</p>
          </li>
        ))}
      </ol>
      <div ref={end} />
      <p className="quiet typing" role="status">
        {typing.length > 0 && `${typing.map(({ user }) => user.name).join(", ")} is writing…`}
      </p>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {!isOver && (
        <form onSubmit={(event) => void send(event)}>
          <input
            aria-label="Message"
            placeholder="Message"
            maxLength={4000}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              sayTyping(event.target.value !== "");
            }}
          />
          <button type="submit" disabled={!text.trim()}>
            Send
          </button>
        </form>
      )}
    </section>
  );
}

/** Tell the other that one writes: at most every 3 s, and that one stopped. */
function useTyping(sessionId: string): (isTyping: boolean) => void {
  const last = useRef({ isTyping: false, at: 0 });
  return (isTyping) => {
    const now = Date.now();
    if (isTyping === last.current.isTyping && (!isTyping || now - last.current.at < 3_000)) return;
    last.current = { isTyping, at: now };
    http.request(SetTyping, { input: { sessionId, isTyping } }).catch(() => undefined);
  };
}
