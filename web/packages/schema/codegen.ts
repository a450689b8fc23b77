import { readFileSync } from "node:fs";

import type { CodegenConfig } from "@graphql-codegen/cli";

import { apiSchemaText } from "../../testing/apiSchema";

/** Types and documents from the committed supergraph, as a front end of one's own would make them. */
const config: CodegenConfig = {
  schema: apiSchemaText(readFileSync(new URL("../../../schema/supergraph.graphql", import.meta.url), "utf8")),
  documents: ["documents/*.graphql"],
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        useTypeImports: true,
        enumsAsTypes: true,
        // Only where an operation asks for it: what is not asked for does not come.
        skipTypename: true,
        dedupeFragments: true,
        scalars: { DateTime: "string", Base64: "string", ID: "string", JSON: "unknown" },
      },
    },
  },
};

export default config;
