/** Watch one's own search for a partner: TOKEN=... node --experimental-strip-types examples/watch.ts [gateway] */
import { WebSocket } from "ws";

import { followMatch, LiveSocket, type StreamEvent } from "../src/index.js";

const token = process.env["TOKEN"] ?? null;
const tokens = { current: async () => token, renew: async () => null, onChange: () => () => undefined };
const socket = new LiveSocket({ url: `${process.argv[2] ?? "http://localhost:4000"}/graphql`, tokens, webSocketImpl: WebSocket });

followMatch<StreamEvent>({
  socket,
  document: "subscription($after: MatchEventCursorInput) { matchEvents(after: $after) { __typename epoch seq at } }",
  onEvent: (event) => console.log(event),
  onState: (state) => console.error(state),
});
