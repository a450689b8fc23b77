/** The query plan of the last answer, as the gateway tells it, laid out as a tree of what waits for what. */
export interface Fetch {
  readonly id: number;
  readonly subgraph: string;
  readonly kind: string;
  readonly document: string;
  readonly variables: readonly string[];
  readonly dependsOn: readonly number[];
  readonly paths: readonly string[];
  readonly startedMs?: number;
  readonly tookMs?: number;
  readonly bytes?: number;
  /** The other fetches that went out in the same request. */
  readonly sentWith?: readonly number[];
}

export interface Plan {
  readonly operation: string;
  readonly estimatedCost: number;
  readonly fetches: readonly Fetch[];
}

export interface PlannedFetch {
  readonly fetch: Fetch;
  /** 0 for what starts at once, one more than the latest of what it waits for. */
  readonly step: number;
}

/** Fetches by step; those of one step run side by side. */
export function steps(plan: Plan): PlannedFetch[][] {
  const byId = new Map(plan.fetches.map((fetch) => [fetch.id, fetch]));
  const known = new Map<number, number>();
  const stepOf = (id: number): number => {
    const found = known.get(id);
    if (found !== undefined) return found;
    known.set(id, 0);
    const waits = byId.get(id)?.dependsOn ?? [];
    const step = waits.length === 0 ? 0 : 1 + Math.max(...waits.map(stepOf));
    known.set(id, step);
    return step;
  };
  const result: PlannedFetch[][] = [];
  for (const fetch of plan.fetches) {
    const step = stepOf(fetch.id);
    (result[step] ??= []).push({ fetch, step });
  }
  return result;
}

/** Milliseconds from the first fetch's start to the last one's end. */
export function totalMs(plan: Plan): number {
  return Math.max(0, ...plan.fetches.map((fetch) => (fetch.startedMs ?? 0) + (fetch.tookMs ?? 0)));
}

type Listener = () => void;

/** Holds the last plan for the pane beside GraphiQL. */
class LastPlan {
  #plan: Plan | null = null;
  readonly #listeners = new Set<Listener>();

  readonly get = (): Plan | null => this.#plan;

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(plan: Plan | null): void {
    this.#plan = plan;
    for (const listener of this.#listeners) listener();
  }
}

export const lastPlan = new LastPlan();
