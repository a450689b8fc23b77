/** Example operations of every capability, valid against schema/ (checked by examples.test). */
import { SHORT_EXAMPLES } from "./shortExamples";

export interface Example {
  readonly group: string;
  readonly title: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}

const ID = "00000000-0000-0000-0000-000000000000";
const ERROR = "... on Error { code message }";

const LONG_EXAMPLES: readonly Example[] = [
  {
    group: "Across subgraphs",
    title: "My matches: partner, question, session",
    query: `
query MyMatches {
  me {
    name
    matches(first: 10) {
      partner { name skillLevel }
      question { title difficulty categories }
      session { status endedAt }
    }
  }
}`,
  },
  {
    group: "Across subgraphs",
    title: "Me: rating and progress",
    query: `
query Me {
  me {
    name
    skillLevel
    skill { rating deviation sessions byTopic { topic level rating } }
    progress { solved attempted currentStreak solvedByDifficulty { difficulty count } }
    ratingHistory(first: 10) { edges { node { recordedAt rating session { id } } } }
  }
}`,
  },
  {
    group: "Questions",
    title: "Search questions",
    query: `
query Search($filter: QuestionFilterInput) {
  questions(filter: $filter, order: RELEVANCE, first: 10) {
    totalCount
    edges { node { id title difficulty categories statistics { attempts acceptanceRate } } }
    pageInfo { hasNextPage endCursor }
  }
  questionFacets(filter: $filter) { difficulties { value count } categories { value count } }
}`,
    variables: { filter: { search: "array", difficulties: ["EASY", "MEDIUM"] } },
  },
  {
    group: "Questions",
    title: "One question with samples and starter code",
    query: `
query Question($slug: String!) {
  question(slug: $slug) {
    title description difficulty constraints
    samples { args expected explanation }
    starterCode(language: PYTHON) { language code }
    myProgress { status attempts bestTimeMs }
  }
}`,
    variables: { slug: "two-sum" },
  },
  {
    group: "Account",
    title: "Update my profile",
    query: `
mutation UpdateProfile($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    __typename
    ... on User { id name bio preferredLanguages selfAssessment version }
    ${ERROR}
  }
}`,
    variables: { input: { bio: "I like graphs.", preferredLanguages: ["PYTHON"], selfAssessment: "INTERMEDIATE" } },
  },
  {
    group: "Account",
    title: "Where I am logged in",
    query: `query Devices { myAuthSessions { id userAgent address createdAt lastUsedAt isCurrent } }`,
  },
  {
    group: "Matching",
    title: "Ask for a partner",
    query: `
mutation RequestMatch($input: RequestMatchInput!) {
  requestMatch(input: $input) {
    __typename
    ... on MatchTicket { id status skillLevel expiresAt cursor { epoch seq } }
    ... on AlreadyQueued { ticket { id createdAt } }
    ... on AlreadyInMatch { matchId }
    ${ERROR}
  }
}`,
    variables: { input: { language: "JAVA", difficulty: "EASY", topics: [] } },
  },
  {
    group: "Matching",
    title: "Follow my search (subscription)",
    query: `
subscription MatchEvents($after: MatchEventCursorInput) {
  matchEvents(after: $after) {
    __typename epoch seq at
    ... on MatchPosition { position { position waiting estimate { typicalSeconds sampleSize } } }
    ... on MatchRelaxed { stage }
    ... on MatchMade { match { id partner { name } question { title } session { id } } }
    ... on MatchCancelled { reason }
  }
}`,
  },
  {
    group: "Matching",
    title: "Why am I still waiting?",
    query: `
query Queue {
  queueStatus {
    ticket { id createdAt expiresAt }
    stage nextStage nextStageAt compatibleNow compatibleWhenFullyRelaxed
    position { position waiting estimate { typicalSeconds patientSeconds sampleSize } }
    relaxations { criterion compatible }
    depths { language difficulty waiting }
  }
}`,
  },
  {
    group: "Matching",
    title: "Stop waiting",
    query: `mutation Cancel { cancelMatch { __typename ... on MatchTicket { id status } ${ERROR} } }`,
  },
  {
    group: "Matching",
    title: "Invite somebody",
    query: `
mutation Invite($input: CreateMatchInvitationInput!) {
  createMatchInvitation(input: $input) {
    __typename
    ... on MatchInvitation { id token expiresAt }
    ${ERROR}
  }
}`,
    variables: { input: { language: "PYTHON", difficulty: "EASY" } },
  },
  {
    group: "Session",
    title: "A session with code and chat",
    query: `
query Session($id: ID!) {
  session(id: $id) {
    status language phase code
    participants { role isOnline user { name skillLevel } }
    question { title description }
    messages(first: 20) { edges { node { message createdAt author { name } } } }
  }
}`,
    variables: { id: ID },
  },
  {
    group: "Session",
    title: "Follow a session (subscription)",
    query: `
subscription SessionEvents($sessionId: ID!, $after: Int, $epoch: ID) {
  sessionEvents(sessionId: $sessionId, after: $after, epoch: $epoch) {
    __typename seq at
    ... on SessionHello { epoch headSeq role language onlineUserIds }
    ... on DocumentUpdated { userId updates }
    ... on SessionMessageChanged { change message { message author { name } } }
    ... on DocumentTextChanged { language textName cause }
    ... on SessionPresenceChanged { onlineUserIds }
    ... on SessionRunChanged { isFinished run { verdict passed total } }
    ... on SessionEnded { endReason }
  }
}`,
    variables: { sessionId: ID },
  },
  {
    group: "Session",
    title: "Say something",
    query: `
mutation Say($input: SendMessageInput!) {
  sendMessage(input: $input) { __typename ... on SessionMessage { id createdAt } ${ERROR} }
}`,
    variables: { input: { sessionId: ID, message: "Hello!" } },
  },
  {
    group: "Session",
    title: "Run the code",
    query: `
mutation Run($input: RunCodeInput!) {
  runCode(input: $input) { __typename ... on Run { id status } ${ERROR} }
}`,
    variables: { input: { sessionId: ID } },
  },
  {
    group: "Session",
    title: "Submit a solution",
    query: `
mutation Submit($input: SubmitSolutionInput!) {
  submitSolution(input: $input) { __typename ... on Run { id status } ${ERROR} }
}`,
    variables: { input: { sessionId: ID } },
  },
  {
    group: "Session",
    title: "Switch the language",
    query: `
mutation Switch($input: ChangeLanguageInput!) {
  changeLanguage(input: $input) { __typename ... on Session { language textName } ${ERROR} }
}`,
    variables: { input: { sessionId: ID, language: "JAVASCRIPT" } },
  },
  {
    group: "Session",
    title: "Servers for audio and video; languages that run",
    query: `
query Room($id: ID!) {
  iceServers(sessionId: $id) { urls username expiresAt }
  toolchains { language version }
}`,
    variables: { id: ID },
  },
  {
    group: "Session",
    title: "End it for both",
    query: `
mutation End($input: EndSessionInput!) {
  endSession(input: $input) { __typename ... on Session { status endedAt endReason } ${ERROR} }
}`,
    variables: { input: { sessionId: ID } },
  },
];

export const EXAMPLES: readonly Example[] = [...LONG_EXAMPLES, ...SHORT_EXAMPLES];
