/**
 * The Yjs provider of Tandem. Reading order: operations (what is sent), base64, split (what is too large
 * for one update), outbox (what is not stored yet), cursors (awareness), provider (all of it together).
 */
export { fromBase64, toBase64 } from "./base64.js";
export { SESSION_EVENTS, type SessionEvent } from "./operations.js";
export { type ProviderOptions, type ProviderStatus, SessionProvider } from "./provider.js";
