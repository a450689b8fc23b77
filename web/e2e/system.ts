/** One system for all browser tests: two gateways, so that one can be killed, and a ready check. */
import type { TestProject } from "vitest/node";

import { type RunningSystem, startSystem } from "../testing/system.js";

declare module "vitest" {
  interface ProvidedContext {
    readonly origin: string;
  }
}

let system: RunningSystem;

export async function setup(project: TestProject): Promise<void> {
  // Everybody of a test comes from one address, and signs up within a minute.
  system = await startSystem({ gateways: 2, environment: { READY_CHECK_SECONDS: "120" } });
  project.provide("origin", system.url);
}

export async function teardown(): Promise<void> {
  await system?.stop();
}
