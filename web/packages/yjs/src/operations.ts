/** The operations of the provider, as text: they are valid against schema/ and need no code generator. */
export const DOCUMENT = /* GraphQL */ `
  query ProviderDocument($sessionId: ID!) {
    document(sessionId: $sessionId) { epoch seq textName language updates }
  }`;

export const PUSH_UPDATES = /* GraphQL */ `
  mutation ProviderPushUpdates($input: PushUpdatesInput!) {
    pushUpdates(input: $input) {
      __typename
      ... on UpdatesAcknowledged { seq clientSeq isDuplicate }
      ... on EpochChanged { currentEpoch }
      ... on RateLimited { retryAfter }
      ... on Error { code message retryable }
    }
  }`;

export const SET_AWARENESS = /* GraphQL */ `
  mutation ProviderSetAwareness($input: SetAwarenessInput!) {
    setAwareness(input: $input) { __typename ... on Error { code message retryable } }
  }`;

/** Everything that happens in a session; write your own with more fields where these are not enough. */
export const SESSION_EVENTS = /* GraphQL */ `
  subscription ProviderSessionEvents($sessionId: ID!, $after: Int, $epoch: ID) {
    sessionEvents(sessionId: $sessionId, after: $after, epoch: $epoch) {
      __typename
      seq
      ... on SessionHello { epoch headSeq resumedFrom role language textName onlineUserIds awareness }
      ... on SessionResync { reason epoch headSeq }
      ... on DocumentUpdated { userId updates }
      ... on DocumentTextChanged { language textName cause userId }
      ... on SessionPresenceChanged { onlineUserIds }
      ... on SessionAwarenessChanged { userId update }
      ... on SessionEnded { endReason }
    }
  }`;

export interface LoadedDocument {
  readonly epoch: string;
  readonly seq: number;
  readonly textName: string;
  readonly language: string;
  readonly updates: readonly string[];
}

export interface PushAnswer {
  readonly __typename: string;
  readonly seq?: number;
  readonly isDuplicate?: boolean;
  readonly currentEpoch?: string;
  readonly retryAfter?: number;
  readonly code?: string;
  readonly message?: string;
  readonly retryable?: boolean;
}

/** What the provider reads of an event; an own document may select more. */
export interface SessionEvent {
  readonly __typename?: string;
  readonly seq?: number | null;
  readonly epoch?: string;
  readonly updates?: readonly string[];
  readonly update?: string;
  readonly awareness?: readonly string[];
  readonly textName?: string;
  readonly language?: string;
}
