/**
 * The Yjs provider of Tandem. Reading order: operations (what is sent), base64, outbox (what is not stored yet),
 * cursors (awareness), provider (all of it together).
 */
export { fromBase64, toBase64 } from "./base64.js";
export { SESSION_EVENTS, type SessionEvent } from "./operations.js";
export { MAX_UPDATE_BYTES } from "./outbox.js";
export { type ProviderOptions, type ProviderStatus, SessionProvider } from "./provider.js";
