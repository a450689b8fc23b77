import { defineConfig } from "vitest/config";

// Vitest reports failures with it, and Node has it from 21 on.
const GroupingMap = Map as unknown as { groupBy?: unknown };
GroupingMap.groupBy ??= (items: Iterable<unknown>, keyOf: (item: unknown) => unknown) => {
  const groups = new Map<unknown, unknown[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

const resolve = { conditions: ["source"] };
const ssr = { resolve: { conditions: ["source"] } };

/** unit: no network; integration: the real system under Node; browser: the real system in Chromium. */
export default defineConfig({
  test: {
    projects: [
      { resolve, ssr, test: { name: "unit", include: ["{packages/*,explorer,practice}/test/*.test.ts"] } },
      { resolve, ssr, test: { name: "integration", include: ["packages/*/integration/*.test.ts"], testTimeout: 240_000, hookTimeout: 180_000, fileParallelism: false } },
      { resolve, ssr, test: { name: "browser", include: ["e2e/*.test.ts"], globalSetup: ["e2e/system.ts"], testTimeout: 400_000, hookTimeout: 300_000, fileParallelism: false } },
    ],
  },
});
