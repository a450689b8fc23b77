import "./app.css";

import { createRoot } from "react-dom/client";

import { App } from "./App";
import { Rescue } from "./Rescue";

const root = document.getElementById("root");
if (root) createRoot(root).render(
    <Rescue>
      <App />
    </Rescue>,
  );
