/** A file whose tests are the steps of one story: after one that failed, the rest would only wait for what never comes. */
import { beforeEach, onTestFailed } from "vitest";

import type { Visitor } from "./browser.js";

const SHOWN = 1_500; // characters of a page that are told when a step fails

/** `visitors` are asked what they see when a step fails. */
export function stepByStep(visitors: () => readonly (Visitor | undefined)[]): void {
  let failed: string | null = null;
  beforeEach(({ task, skip }) => {
    if (failed) skip(`after "${failed}" failed`);
    onTestFailed(async () => {
      failed ??= task.name;
      for (const visitor of visitors()) if (visitor) console.error(await seen(visitor));
    });
  });
}

async function seen({ page, errors }: Visitor): Promise<string> {
  const text = await page.locator("body").innerText({ timeout: 2_000 }).catch(String);
  return `${page.url()} shows:\n${text.slice(0, SHOWN)}\nwith the errors: ${errors.slice(-5).join("; ")}`;
}
