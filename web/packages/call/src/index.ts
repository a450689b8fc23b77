/**
 * Audio and video for the two people of a session. Reading order: signals (what is sent), negotiation (who gives way),
 * devices (camera and microphone as they are), call (all of it together).
 */
export { Call, type CallOptions, type CallState } from "./call.js";
export { type DeviceState, openDevices } from "./devices.js";
export { Negotiation, type NegotiationOptions } from "./negotiation.js";
export { decodeSignal, encodeSignal, type Signal, type SignalKind } from "./signals.js";
