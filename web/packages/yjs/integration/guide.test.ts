/** The code that docs/frontend.md shows, as it stands there, run by two people against the real system. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";

import type * as FirstRoom from "../examples/firstRoom.js";
import { type RunningSystem, startSystem } from "../../../testing/system.js";

const GUIDE = resolve(import.meta.dirname, "../../../../docs/frontend.md");
let system: RunningSystem;
let folder: string;

beforeAll(async () => {
  system = await startSystem();
  // Below this package, so that its imports are found.
  folder = mkdtempSync(join(import.meta.dirname, ".guide-"));
  vi.stubGlobal("WebSocket", WebSocket); // browsers have one, and so has Node from 22 on
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await system?.stop();
});

function guideCode(): string {
  const code = /```ts\n(import { followMatch[^]*?)```/.exec(readFileSync(GUIDE, "utf8"))?.[1];
  if (!code) throw new Error("docs/frontend.md shows no code that begins with its imports.");
  return code;
}

/** The guide's module for one person, each with a storage of its own, as two browsers have. */
async function browserOf(name: string): Promise<typeof FirstRoom> {
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, guideCode().replace("http://localhost:4000/graphql", system.graphql));
  return (await import(file)) as typeof FirstRoom;
}

test("the guide goes from nothing to two people in one room, in 50 lines", async () => {
  expect(guideCode().trimEnd().split("\n").length).toBeLessThanOrEqual(50);
  const [ada, bob] = [await browserOf("ada"), await browserOf("bob")];
  const unique = `${Date.now()}.${Math.floor(Math.random() * 1e6)}`;
  await ada.signUp("Ada", `ada.${unique}@example.org`, "a long password of Ada");
  await bob.signUp("Bob", `bob.${unique}@example.org`, "a long password of Bob");
  await expect(bob.signUp("Bob", `bob.${unique}@example.org`, "a long password of Bob")).rejects.toThrow();
  const [hers, his] = await Promise.all([ada.findPartner(), bob.findPartner()]);
  expect(hers).toBe(his);
  const statuses: boolean[] = [];
  const [one, other] = [ada.openRoom(hers, (isSaved) => statuses.push(isSaved)), bob.openRoom(his, () => undefined)];
  await vi.waitFor(() => expect([one, other].map(({ status }) => status.isLoaded && status.connection.status)).toEqual(["live", "live"]), { timeout: 60_000, interval: 100 });
  one.text.insert(0, "# from the guide\n");
  await one.flush();
  await vi.waitFor(() => expect(other.text.toString()).toMatch(/^# from the guide\n/), { timeout: 60_000, interval: 100 });
  expect(statuses).toContain(false);
  expect(statuses.at(-1)).toBe(true);
  for (const [provider, { socket, tokens }] of [[one, ada], [other, bob]] as const) {
    provider.destroy();
    tokens.close();
    await socket.close();
  }
});
