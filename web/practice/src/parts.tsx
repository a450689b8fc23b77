/** Small parts that every page uses: what is shown while loading, when nothing is there, and when it went wrong. */
import { type ReactNode, useEffect, useRef, useState } from "react";

import type { Difficulty } from "@tandem/schema";
import { inWords } from "./words";

export function Loading({ what }: { readonly what: string }) {
  return (
    <main className="state" role="status" aria-busy="true">
      <span className="spinner" aria-hidden="true" /> Loading {what}…
    </main>
  );
}

/** The same within a page. */
export function LoadingPart({ what }: { readonly what: string }) {
  return (
    <div className="state" role="status">
      <span className="spinner" aria-hidden="true" /> Loading {what}…
    </div>
  );
}

export function Problem({ message, onRetry }: { readonly message: string; readonly onRetry?: () => void }) {
  return (
    <div className="state problem" role="alert">
      <p>{message}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** A page that is nothing but its problem. */
export function ProblemPage({ title, message, onRetry }: { readonly title: string; readonly message: string; readonly onRetry?: () => void }) {
  return (
    <main className="page narrow" tabIndex={-1}>
      <h1>{title}</h1>
      {onRetry ? <Problem message={message} onRetry={onRetry} /> : <Problem message={message} />}
    </main>
  );
}

export function Empty({ children }: { readonly children: ReactNode }) {
  return <div className="state">{children}</div>;
}

/** The refusal of an action, beside its button. */
export function Refusal({ message }: { readonly message: string | null }) {
  if (!message) return null;
  return (
    <p className="problem" role="alert">
      {message}
    </p>
  );
}

export function DifficultyMark({ value }: { readonly value: Difficulty }) {
  return <span className={`mark ${value.toLowerCase()}`}>{inWords(value)}</span>;
}

export function Dialog({ title, children, onClose }: { readonly title: string; readonly children: ReactNode; readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

/** A link to give to somebody, with a button that copies it. */
export function LinkToGive({ label, link }: { readonly label: string; readonly link: string }) {
  const [isCopied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const copy = (): void => {
    field.current?.select();
    navigator.clipboard?.writeText(link).then(
      () => setCopied(true),
      () => undefined, // the link is selected: people copy it by hand
    );
  };
  return (
    <div className="given">
      <label>
        {label}
        <input ref={field} readOnly value={link} onFocus={(event) => event.target.select()} />
      </label>
      <button type="button" onClick={copy}>
        {isCopied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
