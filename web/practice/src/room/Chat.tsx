/** The chat of a room: say, answer, change, take back; who is writing; sent once however often it is tried. */
import { type ChatMessageFragment, DeleteMessageDocument, EditMessageDocument, SendMessageDocument, SetTypingDocument } from "@tandem/schema";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";

import { explain, http, refusalOf } from "../api";
import { Refusal } from "../parts";
import { clock } from "../words";
import type { Room } from "./useRoom";

const EDIT_WINDOW = 15 * 60_000; // milliseconds, as the server has it
const QUOTED = 80; // characters of a message that is answered

type Draft = { readonly kind: "new" } | { readonly kind: "reply" | "edit"; readonly message: ChatMessageFragment };

interface ChatProps {
  readonly room: Room;
  readonly sessionId: string;
  readonly myId: string;
  readonly canWrite: boolean;
}

export function Chat({ room, sessionId, myId, canWrite }: ChatProps) {
  const [draft, setDraft] = useState<Draft>({ kind: "new" });
  const [problem, setProblem] = useState<string | null>(null);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Newer browsers return a promise here, which would be no cleanup.
    void end.current?.scrollIntoView({ block: "nearest" });
  }, [room.messages.length]);

  const takeBack = (messageId: string): void => {
    setProblem(null);
    http.request(DeleteMessageDocument, { input: { sessionId, messageId } }).then(
      ({ deleteMessage }) => (deleteMessage.__typename === "SessionMessage" ? room.addMessage(deleteMessage) : setProblem(refusalOf(deleteMessage))),
      (error: unknown) => setProblem(explain(error)),
    );
  };
  const typing = room.session?.participants.filter(({ userId }) => userId !== myId && room.typing.has(userId)) ?? [];
  return (
    <section className="chat" aria-label="Chat">
      <ol aria-live="polite" tabIndex={0} aria-label="Messages">
        {room.messages.length === 0 && <li className="quiet">{canWrite ? "Say hello." : "Nothing was said."}</li>}
        {room.messages.map((message) => (
          <Message key={message.id} message={message} isMine={message.author?.id === myId} canWrite={canWrite} onDraft={setDraft} onTakeBack={takeBack} />
        ))}
      </ol>
      <div ref={end} />
      <p className="quiet typing" role="status">
        {typing.length > 0 && `${typing.map(({ user }) => user.name).join(", ")} is writing…`}
      </p>
      <Refusal message={problem} />
      {canWrite && <Composer key={draft.kind === "new" ? "new" : `${draft.kind} ${draft.message.id}`} sessionId={sessionId} draft={draft} onDone={() => setDraft({ kind: "new" })} onSaid={room.addMessage} />}
    </section>
  );
}

interface MessageProps {
  readonly message: ChatMessageFragment;
  readonly isMine: boolean;
  readonly canWrite: boolean;
  readonly onDraft: (draft: Draft) => void;
  readonly onTakeBack: (messageId: string) => void;
}

function Message({ message, isMine, canWrite, onDraft, onTakeBack }: MessageProps) {
  const { author, createdAt, deletedAt, editedAt, replyTo } = message;
  const canChange = canWrite && isMine && !deletedAt && Date.now() - Date.parse(createdAt) < EDIT_WINDOW;
  return (
    <li className={isMine ? "mine" : ""}>
      <span className="quiet">
        {isMine ? "You" : (author?.name ?? "deleted user")} · {clock(createdAt)}
        {editedAt && !deletedAt && " · changed"}
      </span>
      <p>
        {replyTo && (
          <q>
            {replyTo.author?.name ?? "deleted user"}: {replyTo.deletedAt ? "taken back" : replyTo.message.slice(0, QUOTED)}
          </q>
        )}
        {deletedAt ? <em>taken back</em> : message.message}
      </p>
      {canWrite && !deletedAt && (
        <span className="tools">
          <button type="button" onClick={() => onDraft({ kind: "reply", message })}>
            Answer
          </button>
          {canChange && (
            <>
              <button type="button" onClick={() => onDraft({ kind: "edit", message })}>
                Change
              </button>
              <button type="button" onClick={() => onTakeBack(message.id)}>
                Take back
              </button>
            </>
          )}
        </span>
      )}
    </li>
  );
}

interface ComposerProps {
  readonly sessionId: string;
  readonly draft: Draft;
  readonly onDone: () => void;
  readonly onSaid: (message: ChatMessageFragment) => void;
}

function Composer({ sessionId, draft, onDone, onSaid }: ComposerProps) {
  const [text, setText] = useState(draft.kind === "edit" ? draft.message.message : "");
  const [problem, setProblem] = useState<string | null>(null);
  const nonce = useRef<string>(crypto.randomUUID());
  const field = useRef<HTMLInputElement>(null);
  const sayTyping = useTyping(sessionId);
  useEffect(() => {
    if (draft.kind !== "new") field.current?.focus();
  }, [draft.kind]);

  const say = async () => {
    const message = text.trim();
    if (draft.kind === "edit") return (await http.request(EditMessageDocument, { input: { sessionId, messageId: draft.message.id, message } })).editMessage;
    // The nonce stays until it worked, so that a second try does not say it twice.
    const input = { sessionId, message, nonce: nonce.current, replyToId: draft.kind === "reply" ? draft.message.id : null };
    return (await http.request(SendMessageDocument, { input })).sendMessage;
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!text.trim()) return;
    setProblem(null);
    try {
      const answer = await say();
      if (answer.__typename !== "SessionMessage") setProblem(refusalOf(answer));
      else {
        onSaid(answer);
        nonce.current = crypto.randomUUID();
        setText("");
        onDone();
      }
    } catch (error) {
      setProblem(`${explain(error)} Your message was not sent.`);
    }
    sayTyping(false);
  };
  const leaveByEscape = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && draft.kind !== "new") onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)} onKeyDown={leaveByEscape}>
      {draft.kind !== "new" && (
        <p className="quiet drafted">
          {draft.kind === "edit" ? "Changing" : `Answering ${draft.message.author?.name ?? "deleted user"}`}: {draft.message.message.slice(0, QUOTED)}{" "}
          <button type="button" onClick={onDone}>
            Never mind
          </button>
        </p>
      )}
      <Refusal message={problem} />
      <input
        ref={field}
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
        {draft.kind === "edit" ? "Change" : "Send"}
      </button>
    </form>
  );
}

/** Tell the other that one writes: at most every 3 s, and that one stopped. */
function useTyping(sessionId: string): (isTyping: boolean) => void {
  const last = useRef({ isTyping: false, at: 0 });
  return (isTyping) => {
    const now = Date.now();
    if (isTyping === last.current.isTyping && (!isTyping || now - last.current.at < 3_000)) return;
    last.current = { isTyping, at: now };
    http.request(SetTypingDocument, { input: { sessionId, isTyping } }).catch(() => undefined);
  };
}
