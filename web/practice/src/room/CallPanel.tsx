/** The call of a room: join without being asked for anything before, see who is muted, and know why nothing is seen. */
import type { CallState, DeviceState } from "@tandem/call";
import { useEffect, useRef } from "react";

import type { RoomEvent } from "./useRoom";
import { useCall } from "./useCall";

interface CallPanelProps {
  readonly sessionId: string;
  readonly partner: { readonly id: string; readonly name: string };
  readonly isPolite: boolean;
  readonly isPartnerHere: boolean;
  readonly listen: (listener: (event: RoomEvent) => void) => () => void;
}

export function CallPanel({ sessionId, partner, isPolite, isPartnerHere, listen }: CallPanelProps) {
  const { call, state } = useCall({ sessionId, partnerId: partner.id, isPolite, isPartnerHere, listen });
  if (!call || !state) return null;
  const { status } = state;
  return (
    <section className="call" aria-label="Call" data-status={status}>
      {status === "away" ? (
        <button type="button" className={state.isRinging ? "primary" : ""} onClick={() => void call.join()}>
          {state.isRinging ? `${partner.name} is calling: join` : "Start a call"}
        </button>
      ) : (
        <>
          <div className="screens">
            <Screen stream={state.remote} isMuted={false} label={`${partner.name}'s picture`} isShown={state.partner?.video === true && state.remote !== null} instead={insteadOf(state, partner.name)} />
            <Screen stream={state.local} isMuted label="Your picture" isShown={state.video === "on"} instead={state.video === "off" ? "Your camera is off" : deviceWord("camera", state.video)} />
          </div>
          <p className="quiet" role="status">
            {wordOf(state, partner.name)}
          </p>
          <div className="buttons">
            <Toggle what="microphone" state={state.audio} onChange={(isOn) => void call.setMicrophone(isOn)} />
            <Toggle what="camera" state={state.video} onChange={(isOn) => void call.setCamera(isOn)} />
            <button type="button" className="danger small" onClick={() => call.leave()}>
              Leave the call
            </button>
          </div>
        </>
      )}
    </section>
  );
}

function Toggle({ what, state, onChange }: { readonly what: "microphone" | "camera"; readonly state: DeviceState; readonly onChange: (isOn: boolean) => void }) {
  const isOn = state === "on";
  const isThere = state === "on" || state === "off";
  return (
    <button type="button" className="small" aria-pressed={isOn} title={isThere ? undefined : deviceWord(what, state)} onClick={() => onChange(!isOn)}>
      {what === "microphone" ? "Microphone" : "Camera"} {isThere ? state : "missing"}
    </button>
  );
}

interface ScreenProps {
  readonly stream: MediaStream | null;
  readonly isMuted: boolean;
  readonly label: string;
  readonly isShown: boolean;
  readonly instead: string;
}

function Screen({ stream, isMuted, label, isShown, instead }: ScreenProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current && video.current.srcObject !== stream) video.current.srcObject = stream;
  }, [stream]);
  return (
    <div className="screen">
      {/* It stays when it is not shown: it also plays the voice. */}
      <video ref={video} autoPlay playsInline muted={isMuted} aria-label={label} hidden={!isShown} />
      {!isShown && <span>{instead}</span>}
    </div>
  );
}

function insteadOf({ status, partner }: CallState, name: string): string {
  if (status === "connected") return partner ? `${name} shows no picture` : name;
  return status === "reconnecting" ? "Reconnecting…" : `Waiting for ${name}`;
}

function wordOf(state: CallState, name: string): string {
  const word = {
    away: "",
    joining: "Asking for camera and microphone…",
    waiting: `${name} has to join, too.`,
    connecting: "Connecting…",
    connected: state.partner?.audio === false ? `${name} is muted.` : "Connected.",
    reconnecting: "The line is bad; connecting again…",
  }[state.status];
  const missing = [deviceWord("microphone", state.audio), deviceWord("camera", state.video)].filter(Boolean);
  return [word, ...missing].join(" ");
}

function deviceWord(what: "microphone" | "camera", state: DeviceState): string {
  switch (state) {
    case "absent":
      return `No ${what} was found.`;
    case "denied":
      return `This page may not use the ${what}.`;
    case "busy":
      return `Another program uses the ${what}.`;
    default:
      return "";
  }
}
