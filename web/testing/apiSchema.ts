/** The schema that clients see, out of the supergraph: without what composition added and what is inaccessible. */
import { type ASTNode, type DocumentNode, Kind, parse, print, visit } from "graphql";

const INTERNAL_TYPE = /^(join__|link__|core__)/;
const INTERNAL_DIRECTIVE = /^(join__|link$|core$|tag$|inaccessible$|composeDirective$|authenticated$|requiresScopes$|policy$|cost$|listSize$|context__)/;

export function apiSchemaText(supergraph: string): string {
  return print(apiSchema(parse(supergraph, { noLocation: true })));
}

function apiSchema(document: DocumentNode): DocumentNode {
  return visit(document, {
    enter(node: ASTNode) {
      if (node.kind === Kind.DIRECTIVE_DEFINITION && INTERNAL_DIRECTIVE.test(node.name.value)) return null;
      if ("name" in node && node.kind !== Kind.DIRECTIVE && node.name && INTERNAL_TYPE.test(node.name.value)) return null;
      if ("directives" in node && node.directives?.some((directive) => directive.name.value === "inaccessible")) return null;
      if (node.kind === Kind.DIRECTIVE && INTERNAL_DIRECTIVE.test(node.name.value)) return null;
      return undefined;
    },
  }) as DocumentNode;
}
