/** Example operations of one field each: the parts of every capability that take an input or an id, and tell what became of it. */
import type { Example } from "./examples";

const ID = "00000000-0000-0000-0000-000000000000";
const NAME = /^(\w+)/;

/** `mutation SwapRoles($input: SwapRolesInput!) { swapRoles(input: $input) { __typename <selected> ... on Error { ... } } }` */
function change(group: string, title: string, field: string, inputType: string, input: Record<string, unknown>, selected = ""): Example {
  const query = `
mutation ${capital(field)}($input: ${inputType}!) {
  ${field}(input: $input) {
    __typename${selected ? `\n    ${selected}` : ""}
    ... on Error { code message }
  }
}`;
  return { group, title, query, variables: { input } };
}

/** A field with arguments of its own, or none. `call` is like `blockUser(userId: $userId)`, `declared` like `$userId: ID!`. */
function plain(group: string, title: string, kind: "query" | "mutation", call: string, declared: string, selected: string, variables?: Record<string, unknown>): Example {
  const head = `${kind} ${capital(NAME.exec(call)?.[1] ?? "Example")}${declared ? `(${declared})` : ""}`;
  const error = kind === "mutation" ? "\n    __typename\n    ... on Error { code message }" : "";
  return { group, title, query: `\n${head} {\n  ${call} {${error}\n    ${selected}\n  }\n}`, ...(variables ? { variables } : {}) };
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const SESSION = { sessionId: ID };
const AUTH = "... on AuthPayload { accessToken refreshToken expiresAt user { id name } }";
const MAIL = "... on CheckYourMail { message }";
const INVITATION = "... on MatchInvitation { id status }";
const ON_SESSION = "... on Session { id }";
const ON_QUESTION = "... on Question { id version status }";
const MESSAGE = "... on SessionMessage { id message editedAt deletedAt }";
const UPDATE = "AAA="; // an empty Yjs update: nothing is written by trying

export const SHORT_EXAMPLES: readonly Example[] = [
  change("People", "Sign up", "signUp", "SignUpInput", { name: "Ada", email: "ada@example.org", password: "a long password" }, `${AUTH} ${MAIL}`),
  change("People", "Log in", "logIn", "LogInInput", { email: "ada@example.org", password: "a long password" }, AUTH),
  change("People", "Refresh tokens", "refreshTokens", "RefreshTokensInput", { refreshToken: "..." }, AUTH),
  plain("People", "Log out", "mutation", "logOut", "", "... on LoggedOut { endedSessions }"),
  plain("People", "Log out on another device", "mutation", "revokeSession(sessionId: $sessionId)", "$sessionId: ID!", "... on LoggedOut { endedSessions }", { sessionId: ID }),
  plain("People", "Have the address confirmed", "mutation", "requestEmailVerification", "", MAIL),
  plain("People", "Confirm the address", "mutation", "verifyEmail(token: $token)", "$token: String!", "... on User { id emailVerified }", { token: "..." }),
  change("People", "Change my password", "changePassword", "ChangePasswordInput", { currentPassword: "a long password", newPassword: "a longer password" }, "... on Done { message }"),
  plain("People", "Forgot my password", "mutation", "requestPasswordReset(email: $email)", "$email: String!", MAIL, { email: "ada@example.org" }),
  change("People", "Choose a new password", "resetPassword", "ResetPasswordInput", { token: "...", newPassword: "a longer password" }, AUTH),
  plain("People", "Somebody else", "query", "user(id: $id)", "$id: ID!", "id name bio skillLevel preferredLanguages", { id: ID }),
  plain("People", "Have my data collected", "mutation", "requestDataExport", "", "... on DataExport { id isReady missing }"),
  plain("People", "My collected data", "query", "myDataExports", "", "id isReady requestedAt expiresAt missing"),
  plain("People", "One collection of my data", "query", "dataExport(id: $id)", "$id: ID!", "id isReady completedAt missing", { id: ID }),
  plain("People", "Delete my account", "mutation", "deleteMyAccount(password: $password)", "$password: String", "... on AccountErasure { receipt requestedAt missing }", { password: "a long password" }),
  plain("People", "How far the deletion is", "query", "accountErasure(receipt: $receipt)", "$receipt: ID!", "completedAt missing proofs { subgraph erasedAt }", { receipt: ID }),

  plain("Matching", "Wait longer", "mutation", "extendTicket", "", "... on MatchTicket { id expiresAt }"),
  plain("Matching", "My match", "query", "currentMatch", "", "id status respondBy partner { name } question { title } session { id status }"),
  plain("Matching", "A match by its id", "query", "match(id: $id)", "$id: ID!", "id status endReason partner { name } session { id }", { id: ID }),
  plain("Matching", "I am here (ready check)", "mutation", "acceptMatch(matchId: $matchId)", "$matchId: ID!", "... on Match { id status }", { matchId: ID }),
  plain("Matching", "Not now (ready check)", "mutation", "declineMatch(matchId: $matchId)", "$matchId: ID!", "... on Match { id status }", { matchId: ID }),
  plain("Matching", "Leave the match", "mutation", "leaveMatch(matchId: $matchId)", "$matchId: ID!", "... on Match { id status endReason }", { matchId: ID }),
  plain("Matching", "Ask a past partner again", "mutation", "requestRematch(matchId: $matchId)", "$matchId: ID!", INVITATION, { matchId: ID }),
  plain("Matching", "Open invitations", "query", "matchInvitations", "", "id status language difficulty expiresAt inviter { name } invitee { name }"),
  change("Matching", "Accept an invitation by link", "acceptMatchInvitation", "AcceptMatchInvitationInput", { token: "..." }, "... on Match { id session { id } }"),
  plain("Matching", "Withdraw or decline an invitation", "mutation", "closeMatchInvitation(id: $id)", "$id: ID!", INVITATION, { id: ID }),
  plain("Matching", "Do not meet somebody", "mutation", "blockUser(userId: $userId)", "$userId: ID!", "... on BlockedUsers { users { id name } }", { userId: ID }),
  plain("Matching", "Meet them again", "mutation", "unblockUser(userId: $userId)", "$userId: ID!", "... on BlockedUsers { users { id name } }", { userId: ID }),
  plain("Matching", "Whom I do not meet", "query", "blockedUsers", "", "id name"),
  { group: "Matching", title: "Topics to ask for", query: "query Topics { matchTopics }" },

  plain("Session", "My sessions", "query", "mySessions(first: $first)", "$first: Int!", "totalCount edges { node { id status language createdAt question { title } participants { role user { name } } } }", { first: 10 }),
  plain("Session", "The shared document", "query", "document(sessionId: $id)", "$id: ID!", "epoch seq textName language updates", { id: ID }),
  change("Session", "Write in the document", "pushUpdates", "PushUpdatesInput", { ...SESSION, updates: [UPDATE] }, "... on UpdatesAcknowledged { seq clientSeq isDuplicate }"),
  change("Session", "Move my cursor", "setAwareness", "SetAwarenessInput", { ...SESSION, update: UPDATE }),
  change("Session", "I am writing a message", "setTyping", "SetTypingInput", { ...SESSION, isTyping: true }),
  change("Session", "Change a message", "editMessage", "EditMessageInput", { ...SESSION, messageId: ID, message: "Hello again!" }, MESSAGE),
  change("Session", "Take a message back", "deleteMessage", "DeleteMessageInput", { ...SESSION, messageId: ID }, MESSAGE),
  change("Session", "Call: send a signal", "sendSignal", "SendSignalInput", { ...SESSION, toUserId: ID, kind: "OFFER", payload: "{}" }),
  change("Session", "Begin a phase with a timer", "setPhase", "SetPhaseInput", { ...SESSION, phase: "SOLVING", minutes: 30 }, "... on Session { phase phaseEndsAt }"),
  change("Session", "Swap roles, with a second question", "swapRoles", "SwapRolesInput", { ...SESSION, nextQuestionId: null }, "... on Session { round participants { role user { name } } }"),
  change("Session", "Save my private notes", "saveNotes", "SaveNotesInput", { ...SESSION, text: "Asks good questions.", expectedVersion: 0 }, "... on Notes { text version }"),
  change("Session", "Invite a partner to a new session", "invitePartner", "InvitePartnerInput", { language: "PYTHON" }, "... on Invitation { id code expiresAt }"),
  change("Session", "Invite somebody to watch", "inviteViewer", "InviteViewerInput", SESSION, "... on Invitation { id code expiresAt }"),
  change("Session", "Accept such an invitation", "acceptInvitation", "AcceptInvitationInput", { code: "..." }, ON_SESSION),
  change("Session", "Send a viewer away", "removeViewer", "RemoveViewerInput", { ...SESSION, userId: ID }, ON_SESSION),
  change("Session", "Give feedback", "giveFeedback", "GiveFeedbackInput", { ...SESSION, rating: 4, hasSolved: true, rubric: [{ axis: "communication", score: 5 }], comment: "Clear ideas." }, "... on Feedback { rating createdAt }"),

  plain("Playback", "A session step by step", "query", "sessionHistory(sessionId: $id, after: $after)", "$id: ID!, $after: Int!", "seq at kind userId textName edits { position deleted inserted }", { id: ID, after: 0 }),
  plain("Playback", "The code at one moment", "query", "sessionVersion(sessionId: $id, seq: $seq)", "$id: ID!, $seq: Int!", "textName language code", { id: ID, seq: 1 }),
  plain("Playback", "All of it in one file", "query", "sessionExport(sessionId: $id, format: $format)", "$id: ID!, $format: ExportFormat!", "filename contentType content", { id: ID, format: "JSON" }),
  change("Playback", "Go on from an earlier version", "restoreVersion", "RestoreVersionInput", { ...SESSION, seq: 1 }, "... on Session { textName }"),

  plain("Questions", "Categories", "query", "categories", "", "name count"),

  change("Authors", "Write a question", "createQuestion", "CreateQuestionInput", { content: { title: "Sum of two", description: "Add `a` and `b`.", difficulty: "EASY" } }, ON_QUESTION),
  change("Authors", "Change a question", "updateQuestion", "UpdateQuestionInput", { id: ID, expectedVersion: 1, changes: { hints: ["Try `+`."] } }, ON_QUESTION),
  change("Authors", "Change some test cases", "editTestCases", "EditTestCasesInput", { id: ID, expectedVersion: 1, edits: [{ add: { case: { args: [1, 2], expected: 3 } } }] }, ON_QUESTION),
  change("Authors", "Publish a question", "publishQuestion", "QuestionVersionInput", { id: ID, expectedVersion: 1 }, ON_QUESTION),
  change("Authors", "Retire a question", "retireQuestion", "QuestionVersionInput", { id: ID, expectedVersion: 1 }, ON_QUESTION),

  plain("Admins", "All accounts", "query", "users(filter: $filter)", "$filter: UserFilterInput", "totalCount edges { node { id name email role status } }", { filter: { search: "ada" } }),
  change("Admins", "Make an account", "createUser", "CreateUserInput", { name: "Ada", email: "ada@example.org" }, "... on User { id role }"),
  change("Admins", "Give a role", "setUserRole", "SetUserRoleInput", { userId: ID, role: "MODERATOR" }, "... on User { id role }"),
  change("Admins", "Keep somebody out", "suspendUser", "SuspendUserInput", { userId: ID, reason: "Spam" }, "... on User { id status }"),
  plain("Admins", "Let them in again", "mutation", "reinstateUser(userId: $userId)", "$userId: ID!", "... on User { id status }", { userId: ID }),
  plain("Admins", "Delete an account", "mutation", "deleteUser(userId: $userId)", "$userId: ID!", "... on AccountErasure { receipt }", { userId: ID }),
  plain("Admins", "What admins did", "query", "auditLog(first: $first)", "$first: Int!", "edges { node { action recordedAt actor { name } user { name } } }", { first: 20 }),
  plain("Admins", "Deletions without proof", "query", "unfinishedErasures", "", "receipt requestedAt missing"),
  plain("Admins", "How matching is doing", "query", "matchingThroughput(seconds: $seconds)", "$seconds: Int!", "matchesMade matchesPerMinute ticketsExpired waits { p50 p90 p99 } depths { language difficulty waiting }", { seconds: 3600 }),
];
