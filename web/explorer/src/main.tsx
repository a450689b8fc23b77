/** GraphiQL with Tandem's log-in and examples above it and the query plan beside it. Nothing comes from another host. */
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./explorer.css";

import type { GraphiQLPlugin } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

import { type Example, EXAMPLES } from "./examples";
import { fetcher } from "./fetcher";
import { PlanPane } from "./PlanPane";
import { Toolbar, useShowExample } from "./Toolbar";

function Explorer() {
  const [wanted, setWanted] = useState<Example | null>(null);
  return (
    <div className="explorer">
      <Toolbar onShow={setWanted} />
      <div className="columns">
        <GraphiQL fetcher={fetcher} defaultQuery={EXAMPLES[0]?.query.trim() ?? ""} defaultEditorToolsVisibility="variables" plugins={NO_PLUGINS}>
          <GraphiQL.Logo>
            <Shower example={wanted} />
          </GraphiQL.Logo>
        </GraphiQL>
        <PlanPane />
      </div>
    </div>
  );
}

const NO_PLUGINS: GraphiQLPlugin[] = [];

/** Stands where the logo would: inside GraphiQL, where the editors can be reached. */
function Shower({ example }: { readonly example: Example | null }) {
  const show = useShowExample();
  const shown = useRef<Example | null>(null);
  useEffect(() => {
    if (example && shown.current !== example) {
      shown.current = example;
      show(example);
    }
  });
  return null;
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Explorer />);
