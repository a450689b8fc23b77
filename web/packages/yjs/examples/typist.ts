/** Write a line into a session, and wait until it is stored: TOKEN=... node --experimental-strip-types examples/typist.ts SESSION [gateway] */
import { HttpClient, LiveSocket } from "@tandem/live";
import { WebSocket } from "ws";

import { SessionProvider } from "../src/index.js";

const [sessionId = "", gateway = "http://localhost:4000"] = process.argv.slice(2);
const token = process.env["TOKEN"] ?? null;
const tokens = { current: async () => token, renew: async () => null, onChange: () => () => undefined };
const url = `${gateway}/graphql`;
const socket = new LiveSocket({ url, tokens, webSocketImpl: WebSocket });

let hasWritten = false;
const provider = new SessionProvider({
  sessionId,
  http: new HttpClient({ url, tokens }),
  socket,
  onStatus: ({ isLoaded }) => {
    if (!isLoaded || hasWritten) return;
    hasWritten = true;
    provider.text.insert(0, "# hello\n");
    void provider.flush().then(async () => {
      console.log(provider.text.toString());
      provider.destroy();
      await socket.close();
    });
  },
});
