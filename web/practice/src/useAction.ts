/** Something a person starts by a button: busy while it runs, its refusal in words. */
import { useState } from "react";

import { explain } from "./api";

export interface Action {
  readonly problem: string | null;
  readonly isBusy: boolean;
  /** Run `work`; what it resolves with is the refusal to show, null when all went well. */
  readonly run: (work: () => Promise<string | null>) => void;
}

export function useAction(onDone?: () => void): Action {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = (work: () => Promise<string | null>): void => {
    setBusy(true);
    setProblem(null);
    work()
      .then(setProblem, (error: unknown) => setProblem(explain(error)))
      .finally(() => {
        setBusy(false);
        onDone?.();
      });
  };
  return { problem, isBusy, run };
}
