// Times of Apollo's planner: node apollo_planning.js CASES_FILE RUNS prints the best time of each operation in milliseconds as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { QueryPlanner } = require("@apollo/query-planner");
const { Supergraph, operationFromDocument } = require("@apollo/federation-internals");
const { parse } = require("graphql");

const [file, runs] = process.argv.slice(2);
const times = [];
for (const { supergraph, operations } of JSON.parse(readFileSync(file, "utf8"))) {
  const parsed = Supergraph.build(supergraph);
  const planner = new QueryPlanner(parsed, { cache: { get: async () => undefined, set: async () => {} } });
  for (const text of operations) {
    try {
      const operation = operationFromDocument(parsed.apiSchema(), parse(text));
      let best = Infinity;
      for (let run = 0; run < Number(runs); run++) {
        const started = performance.now();
        planner.buildQueryPlan(operation);
        best = Math.min(best, performance.now() - started);
      }
      times.push(best);
    } catch {
      // It cannot be planned: there is no time to measure.
    }
  }
}
console.log(JSON.stringify(times));
