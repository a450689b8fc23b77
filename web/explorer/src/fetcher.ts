/** What GraphiQL sends: operations over HTTP with the plan asked for, subscriptions over our resumable socket's line. */
import type { Fetcher } from "@graphiql/toolkit";

import { chosenOperation } from "./chosenOperation";
import { lastPlan, type Plan } from "./plan";
import { ENDPOINT, socket, tokens } from "./session";

type Answer = { readonly extensions?: { readonly queryPlan?: Plan } & Record<string, unknown> };

export const fetcher: Fetcher = async ({ query, variables, operationName }, options) => {
  const chosen = chosenOperation(query, operationName);
  if (chosen.kind === "subscription") {
    return follow(query, (variables ?? {}) as Record<string, unknown>) as never;
  }
  const isIntrospection = chosen.name === "IntrospectionQuery";
  const token = await tokens.current();
  const response = await fetch(ENDPOINT, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(isIntrospection ? {} : { "gateway-query-plan": "include" }),
      // What stands in the headers editor wins.
      ...(options?.headers as Record<string, string> | undefined),
    },
    body: JSON.stringify({ query, variables, operationName: chosen.name }),
  });
  const answer = (await response.json()) as Answer;
  if (isIntrospection) return answer as never;
  const { queryPlan, ...extensions } = answer.extensions ?? {};
  lastPlan.set(queryPlan ?? null);
  // The plan is drawn beside the answer, which is easier to read without it.
  const { extensions: _, ...rest } = answer;
  return (Object.keys(extensions).length > 0 ? { ...rest, extensions } : rest) as never;
};

/** Each event as a result, until GraphiQL stops asking. */
function follow(query: string, variables: Record<string, unknown>): AsyncIterableIterator<unknown> {
  const waiting: unknown[] = [];
  let wake: (() => void) | null = null;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    wake?.();
  };
  const take = (value: unknown): void => {
    waiting.push(value);
    wake?.();
  };
  const leave = socket.subscribe(query, variables, {
    next: take,
    error: (reason) => {
      take({ errors: Array.isArray(reason) ? reason : [{ message: "The connection was lost; run the subscription again." }] });
      end();
    },
    complete: end,
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (waiting.length === 0 && !isOver) await new Promise<void>((resolve) => (wake = resolve));
      const value = waiting.shift();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      leave();
      end();
      return { done: true, value: undefined };
    },
  };
}
