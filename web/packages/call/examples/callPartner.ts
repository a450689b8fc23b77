/** A call in a session: wire the signals of a SessionProvider to a Call, and its streams to two video elements. */
import { Call } from "@tandem/call";
import type { HttpClient } from "@tandem/live";

const SEND = "mutation($input: SendSignalInput!) { sendSignal(input: $input) { __typename ... on Error { code message } } }";
const SERVERS = "query($id: ID!) { iceServers(sessionId: $id) { urls username credential } }";

export function callPartner(
  http: HttpClient,
  session: { readonly id: string; readonly partnerId: string; readonly isPolite: boolean },
  [me, partner]: readonly [HTMLVideoElement, HTMLVideoElement],
): Call {
  return new Call({
    isPolite: session.isPolite, // of SessionHello
    iceServers: async () => (await http.request<{ iceServers: RTCIceServer[] }>(SERVERS, { id: session.id })).iceServers,
    send: async (kind, payload) => {
      await http.request(SEND, { input: { sessionId: session.id, toUserId: session.partnerId, kind, payload } });
    },
    onState: ({ local, remote }) => {
      me.srcObject = local;
      partner.srcObject = remote;
    },
  });
  // In onEvent of the provider: SessionSignalReceived -> call.receive(event.kind, event.payload)
}
