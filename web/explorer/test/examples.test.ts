/** The examples against the committed schema, and the plan as it is laid out. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { buildSchema, getVariableValues, type OperationDefinitionNode, parse, TypeInfo, validate, visit, visitWithTypeInfo } from "graphql";
import { expect, test } from "vitest";

import { apiSchemaText } from "../../testing/apiSchema";
import { EXAMPLES } from "../src/examples";
import { steps, totalMs } from "../src/plan";

const supergraph = readFileSync(resolve(import.meta.dirname, "../../../schema/supergraph.graphql"), "utf8");
const schema = buildSchema(apiSchemaText(supergraph), { assumeValidSDL: true });

test.each(EXAMPLES.map((example) => [example.title, example] as const))("the example %s is valid", (_, example) => {
  expect(validate(schema, parse(example.query)).map((error) => error.message)).toEqual([]);
});

test("every field that clients can begin with has an example", () => {
  const asked = new Set<string>();
  const info = new TypeInfo(schema);
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const note = (): void => void (roots.includes(info.getParentType() as never) && asked.add(`${info.getParentType()?.name}.${info.getFieldDef()?.name}`));
  for (const { query } of EXAMPLES) visit(parse(query), visitWithTypeInfo(info, { Field: note }));
  const all = roots.flatMap((type) => Object.keys(type?.getFields() ?? {}).map((name) => `${type?.name}.${name}`));
  expect(all.filter((name) => !asked.has(name) && !name.includes("._"))).toEqual([]);
});

test("the variables of an example fit its operation", () => {
  for (const { query, variables = {} } of EXAMPLES) {
    const operation = parse(query).definitions[0] as OperationDefinitionNode;
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    expect((errors ?? []).map((error) => error.message)).toEqual([]);
  }
});

test("fetches that wait for nothing share the first step, others come after all they wait for", () => {
  const fetch = (id: number, dependsOn: number[], startedMs: number) => ({
    ...{ id, dependsOn, startedMs, tookMs: 5, subgraph: "users", kind: "query", document: "{ a }", variables: [], paths: [""] },
  });
  const plan = { operation: "query", estimatedCost: 1, fetches: [fetch(1, [], 0), fetch(2, [], 0), fetch(3, [1], 6), fetch(4, [3, 2], 12)] };
  expect(steps(plan).map((step) => step.map((planned) => planned.fetch.id))).toEqual([[1, 2], [3], [4]]);
  expect(totalMs(plan)).toBe(17);
});
