/** Which operation of a document is meant to run, by the name that GraphiQL has for it. */
import { type DocumentNode, Kind, type OperationDefinitionNode, type OperationTypeNode, parse } from "graphql";

export interface ChosenOperation {
  readonly name: string | undefined;
  /** Undefined where the document cannot be read or the name fits none of several: the gateway says what is wrong. */
  readonly kind: OperationTypeNode | undefined;
}

/**
 * The operation of that name, or the only one there is. GraphiQL learns the names in a document a tenth of a second after it
 * changed: who runs it sooner sends the name that the document before it had.
 */
export function chosenOperation(query: string, name: string | null | undefined): ChosenOperation {
  const operations = operationsOf(query);
  const named = operations.find((operation) => operation.name?.value === name);
  const chosen = named ?? (operations.length === 1 ? operations[0] : undefined);
  return chosen ? { name: chosen.name?.value, kind: chosen.operation } : { name: name ?? undefined, kind: undefined };
}

function operationsOf(query: string): readonly OperationDefinitionNode[] {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch {
    return [];
  }
  return document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
}
