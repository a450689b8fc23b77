/** The documents against the committed schema: valid, each once, and no mutation that would miss an error. */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import { buildSchema, type FieldNode, Kind, type OperationDefinitionNode, parse, specifiedRules, NoUnusedFragmentsRule, validate } from "graphql";
import { expect, test } from "vitest";

import { apiSchemaText } from "../../../testing/apiSchema";
import * as generated from "../src/index";

const ROOT = resolve(import.meta.dirname, "../../../..");
const schema = buildSchema(apiSchemaText(readFileSync(resolve(ROOT, "schema/supergraph.graphql"), "utf8")), { assumeValidSDL: true });
const folder = resolve(import.meta.dirname, "../documents");
const text = readdirSync(folder).map((name) => readFileSync(resolve(folder, name), "utf8")).join("\n");
const operations = parse(text).definitions.filter((definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION);

test("all documents together are valid against the schema that clients see", () => {
  const rules = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);
  expect(validate(schema, parse(text), rules).map((error) => error.message)).toEqual([]);
});

test("every operation is exported as a document that is its text", () => {
  const exported = generated as Record<string, unknown>;
  const missing = operations.map((operation) => `${operation.name?.value}Document`).filter((name) => !String(exported[name]).includes(name.replace(/Document$/, "")));
  expect(missing).toEqual([]);
});

test.each(operations.filter((each) => each.operation === "mutation").map((each) => [each.name?.value, each] as const))("%s hears of every error", (_, { selectionSet }) => {
  for (const field of selectionSet.selections as readonly FieldNode[]) {
    const parts = field.selectionSet?.selections ?? [];
    expect(parts.some((part) => part.kind === Kind.FIELD && part.name.value === "__typename")).toBe(true);
    expect(parts.some((part) => part.kind === Kind.INLINE_FRAGMENT && part.typeCondition?.name.value === "Error")).toBe(true);
  }
});
