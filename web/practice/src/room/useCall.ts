/** A call on the signals of a session: made when the room opens, left when it closes. */
import { Call, type CallState } from "@tandem/call";
import { ConnectionLost } from "@tandem/live";
import { IceServersDocument, SendSignalDocument } from "@tandem/schema";
import { useEffect, useRef, useState } from "react";

import { http } from "../api";
import type { RoomEvent } from "./useRoom";

interface UseCallOptions {
  readonly sessionId: string;
  readonly partnerId: string;
  readonly isPolite: boolean;
  readonly isPartnerHere: boolean;
  readonly listen: (listener: (event: RoomEvent) => void) => () => void;
}

export function useCall({ sessionId, partnerId, isPolite, isPartnerHere, listen }: UseCallOptions): { readonly call: Call | null; readonly state: CallState | null } {
  const [state, setState] = useState<CallState | null>(null);
  const call = useRef<Call | null>(null);

  useEffect(() => {
    const created = new Call({
      isPolite,
      iceServers: () => iceServers(sessionId),
      send: async (kind, payload) => {
        // Who hangs up may be leaving the page: the browser gives up other requests then.
        const options = { keepalive: kind === "HANG_UP" };
        const { sendSignal } = await http.request(SendSignalDocument, { input: { sessionId, toUserId: partnerId, kind, payload } }, options);
        if ("retryable" in sendSignal && sendSignal.retryable) throw new ConnectionLost(sendSignal.message);
      },
      onState: setState,
    });
    call.current = created;
    setState(created.state);
    const stop = listen((event) => {
      if (event.__typename === "SessionSignalReceived" && event.fromUserId === partnerId) created.receive(event.kind, event.payload);
    });
    const leave = (): void => created.leave();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      stop();
      leave();
      call.current = null;
    };
  }, [sessionId, partnerId, isPolite, listen]);

  useEffect(() => {
    if (isPartnerHere) call.current?.partnerCameBack();
  }, [isPartnerHere]);
  return { call: call.current, state };
}

async function iceServers(sessionId: string): Promise<RTCIceServer[]> {
  const { iceServers: servers } = await http.request(IceServersDocument, { sessionId });
  return servers.map(({ urls, username, credential }) => ({ urls, ...(username && credential ? { username, credential } : {}) }));
}
