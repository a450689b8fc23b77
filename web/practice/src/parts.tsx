/** Small parts that every page uses: what is shown while loading, when nothing is there, and when it went wrong. */
import type { ReactNode } from "react";

import type { Difficulty } from "./gql/graphql";
import { inWords } from "./words";

export function Loading({ what }: { readonly what: string }) {
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

export function Empty({ children }: { readonly children: ReactNode }) {
  return <div className="state">{children}</div>;
}

export function DifficultyMark({ value }: { readonly value: Difficulty }) {
  return <span className={`mark ${value.toLowerCase()}`}>{inWords(value)}</span>;
}
