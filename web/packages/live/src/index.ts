/**
 * GraphQL over HTTP and WebSocket for Tandem. Reading order: errors, tokens (who is logged in), http (queries and
 * mutations), socket (one WebSocket), backoff, resume (a subscription that loses nothing), streams (Tandem's two).
 */
export { Backoff, type BackoffOptions, Pause } from "./backoff.js";
export { ConnectionLost, type GraphQLErrorJson, OperationRefused } from "./errors.js";
export { type Document, HttpClient, type HttpClientOptions, type RequestOptions, type TypedDocument } from "./http.js";
export {
  type ConnectionState,
  type EventKind,
  type Position,
  type ResumedSubscription,
  type ResumeOptions,
  resumeSubscription,
  type Subscriber,
} from "./resume.js";
export { LiveSocket, type LiveSocketOptions, type SubscriptionSink } from "./socket.js";
export { followMatch, followSession, type StreamEvent } from "./streams.js";
export { type RefreshTokens, TokenKeeper, type TokenKeeperOptions, type Tokens, type TokenSource, type TokenStorage } from "./tokens.js";
