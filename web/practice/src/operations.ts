/** Every operation of the page; graphql-codegen makes their types. */
import { graphql } from "./gql";

export const SignUp = graphql(/* GraphQL */ `
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) {
      __typename
      ... on AuthPayload { accessToken refreshToken expiresAt }
      ... on CheckYourMail { message }
      ... on Error { code message }
    }
  }
`);

export const LogIn = graphql(/* GraphQL */ `
  mutation LogIn($input: LogInInput!) {
    logIn(input: $input) {
      __typename
      ... on AuthPayload { accessToken refreshToken expiresAt }
      ... on Error { code message }
    }
  }
`);

export const Refresh = graphql(/* GraphQL */ `
  mutation Refresh($input: RefreshTokensInput!) {
    refreshTokens(input: $input) {
      __typename
      ... on AuthPayload { accessToken refreshToken expiresAt }
      ... on Error { code message }
    }
  }
`);

export const LogOut = graphql(/* GraphQL */ `
  mutation LogOut { logOut { ... on LoggedOut { endedSessions } ... on Error { code message } } }
`);

export const Me = graphql(/* GraphQL */ `
  query Me { me { id name skillLevel } currentMatch { id status session { id status } } }
`);

export const Questions = graphql(/* GraphQL */ `
  query Questions($filter: QuestionFilterInput, $order: QuestionOrder!, $after: String) {
    questions(filter: $filter, order: $order, first: 20, after: $after) {
      totalCount
      edges { node { id slug title difficulty categories myProgress { status } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const Categories = graphql(/* GraphQL */ `
  query Categories { categories { name count } }
`);

export const QuestionBySlug = graphql(/* GraphQL */ `
  query QuestionBySlug($slug: String!) {
    question(slug: $slug) { ...QuestionText starterCode { language code } myProgress { status attempts } statistics { attempts acceptanceRate } }
  }
  fragment QuestionText on Question {
    id title description difficulty categories constraints hiddenCaseCount
    samples { id args expected explanation }
    hints
    provenance { source url licence }
  }
`);

export const RequestMatch = graphql(/* GraphQL */ `
  mutation RequestMatch($input: RequestMatchInput!) {
    requestMatch(input: $input) {
      __typename
      ... on MatchTicket { id }
      ... on AlreadyInMatch { matchId }
      ... on Error { code message }
    }
  }
`);

export const CancelMatch = graphql(/* GraphQL */ `
  mutation CancelMatch { cancelMatch { __typename ... on Error { code message } } }
`);

export const ExtendTicket = graphql(/* GraphQL */ `
  mutation ExtendTicket { extendTicket { __typename ... on Error { code message } } }
`);

export const RespondToMatch = graphql(/* GraphQL */ `
  mutation AcceptMatch($matchId: ID!) { acceptMatch(matchId: $matchId) { __typename ... on Error { code message } } }
`);

export const DeclineMatch = graphql(/* GraphQL */ `
  mutation DeclineMatch($matchId: ID!) { declineMatch(matchId: $matchId) { __typename ... on Error { code message } } }
`);

export const LeaveMatch = graphql(/* GraphQL */ `
  mutation LeaveMatch($matchId: ID!) { leaveMatch(matchId: $matchId) { __typename ... on Error { code message } } }
`);

export const Queue = graphql(/* GraphQL */ `
  query Queue {
    queueStatus {
      ticket { id status language difficulty topics createdAt expiresAt }
      stage nextStage nextStageAt compatibleNow
      position { position waiting estimate { typicalSeconds patientSeconds sampleSize } }
      relaxations { criterion compatible }
      depths { language difficulty waiting }
    }
    currentMatch { id status respondBy partner { id name } session { id status } }
  }
`);

export const MatchEvents = graphql(/* GraphQL */ `
  subscription MatchEvents($after: MatchEventCursorInput) {
    matchEvents(after: $after) {
      __typename epoch seq
      ... on MatchProposed { respondBy match { id partner { name } } }
      ... on MatchMade { match { id partner { id name } session { id } } }
      ... on MatchEnded { reason match { id } }
      ... on MatchRequeued { reason }
      ... on MatchCancelled { reason }
    }
  }
`);

export const SessionById = graphql(/* GraphQL */ `
  query SessionById($id: ID!) {
    session(id: $id) { ...SessionParts }
    toolchains { language version }
  }
  fragment SessionParts on Session {
    id status language phase phaseEndsAt createdAt startedAt endedAt endReason myRole
    participants { userId role color isOnline user { id name } }
    question { ...QuestionText }
    messages(first: 100) { edges { node { ...ChatMessage } } }
  }
  fragment ChatMessage on SessionMessage { id message createdAt editedAt deletedAt nonce author { id name } }
`);

export const SessionEvents = graphql(/* GraphQL */ `
  subscription SessionEvents($sessionId: ID!, $after: Int, $epoch: ID) {
    sessionEvents(sessionId: $sessionId, after: $after, epoch: $epoch) {
      __typename seq
      ... on SessionHello { epoch headSeq resumedFrom role language textName onlineUserIds awareness }
      ... on SessionResync { epoch headSeq }
      ... on DocumentUpdated { userId updates }
      ... on DocumentTextChanged { language textName cause userId }
      ... on SessionAwarenessChanged { userId update }
      ... on SessionPresenceChanged { onlineUserIds }
      ... on SessionTypingChanged { userId isTyping }
      ... on SessionMessageChanged { change messageId message { ...ChatMessage } }
      ... on SessionRunChanged { runId isFinished run { ...RunParts } }
      ... on SessionPhaseChanged { phase endsAt }
      ... on SessionEnded { endReason userId }
    }
  }
  fragment RunParts on Run {
    id kind language status verdict passed total timeMs memoryKb compileOutput createdAt
    startedBy { id name }
    cases { number isHidden verdict timeMs memoryKb input expected actual stdout stderr difference }
  }
`);

export const SendMessage = graphql(/* GraphQL */ `
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) { __typename ... on SessionMessage { ...ChatMessage } ... on Error { code message } }
  }
`);

export const SetTyping = graphql(/* GraphQL */ `
  mutation SetTyping($input: SetTypingInput!) { setTyping(input: $input) { __typename } }
`);

export const ChangeLanguage = graphql(/* GraphQL */ `
  mutation ChangeLanguage($input: ChangeLanguageInput!) {
    changeLanguage(input: $input) { __typename ... on Error { code message } }
  }
`);

export const SetPhase = graphql(/* GraphQL */ `
  mutation SetPhase($input: SetPhaseInput!) { setPhase(input: $input) { __typename ... on Error { code message } } }
`);

export const RunCode = graphql(/* GraphQL */ `
  mutation RunCode($input: RunCodeInput!) {
    runCode(input: $input) { __typename ... on Run { ...RunParts } ... on Error { code message } }
  }
`);

export const SubmitSolution = graphql(/* GraphQL */ `
  mutation SubmitSolution($input: SubmitSolutionInput!) {
    submitSolution(input: $input) { __typename ... on Run { ...RunParts } ... on Error { code message } }
  }
`);

export const EndSession = graphql(/* GraphQL */ `
  mutation EndSession($input: EndSessionInput!) {
    endSession(input: $input) { __typename ... on Session { id status } ... on Error { code message } }
  }
`);

export const History = graphql(/* GraphQL */ `
  query History($after: String) {
    me {
      id name skillLevel
      skill { rating deviation sessions }
      progress { solved attempted currentStreak longestStreak }
      ratingHistory(first: 50) { edges { node { recordedAt rating } } }
      matchHistory(first: 20, after: $after) {
        edges { node { id status language difficulty createdAt endedAt partner { name } question { slug title } session { id status endedAt } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const FeedbackOf = graphql(/* GraphQL */ `
  query FeedbackOf($id: ID!) {
    session(id: $id) {
      id
      feedback { given { ...FeedbackParts } received { ...FeedbackParts } }
    }
  }
  fragment FeedbackParts on Feedback { rating hasSolved comment createdAt author { name } }
`);

export const GiveFeedback = graphql(/* GraphQL */ `
  mutation GiveFeedback($input: GiveFeedbackInput!) {
    giveFeedback(input: $input) { __typename ... on Feedback { ...FeedbackParts } ... on Error { code message } }
  }
`);
