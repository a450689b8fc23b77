/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** An invitation to accept. */
export type AcceptInvitationInput = {
  /** The code of the invitation. */
  code: string;
};

/** By the link's token, or by id where the invitation is meant for you. */
export type AcceptMatchInvitationInput = {
  /** Of an invitation that is meant for you. */
  id?: string | null | undefined;
  /** What the link carries. */
  token?: string | null | undefined;
};

/** The language to go on in. */
export type ChangeLanguageInput = {
  /** The language. */
  language: Language;
  /** The session it is about. */
  sessionId: string;
};

/** A private match for whoever holds the link. */
export type CreateMatchInvitationInput = {
  /** The difficulty of its question. */
  difficulty: Difficulty;
  /** The language of the match. */
  language: Language;
  /** Your own side of the interview. */
  role?: MatchRole;
  /** Categories of questions; none means any. */
  topics?: Array<string>;
};

/** An own message to take back. */
export type DeleteMessageInput = {
  /** The message. */
  messageId: string;
  /** The session it is about. */
  sessionId: string;
};

/** How hard a question is. */
export type Difficulty =
  | 'EASY'
  | 'HARD'
  | 'MEDIUM';

/** A change of an own message. */
export type EditMessageInput = {
  /** Its new text, up to 4000 characters. */
  message: string;
  /** The message. */
  messageId: string;
  /** The session it is about. */
  sessionId: string;
};

/** A session to end. */
export type EndSessionInput = {
  /** The session it is about. */
  sessionId: string;
};

/** What an export is written in. */
export type ExportFormat =
  | 'HTML'
  | 'JSON';

/** What you say of your partner. */
export type GiveFeedbackInput = {
  /** In words. */
  comment?: string;
  /** Whether your partner solved the question. */
  hasSolved?: boolean | null | undefined;
  /** From 1 to 5. */
  rating: number;
  /** The axes you rate. */
  rubric?: Array<RubricScoreInput>;
  /** The session it is about. */
  sessionId: string;
};

/** An invitation to watch a session. */
export type InviteViewerInput = {
  /** The session it is about. */
  sessionId: string;
};

/** A language that solutions can be written in. */
export type Language =
  | 'C'
  | 'CPP'
  | 'JAVA'
  | 'JAVASCRIPT'
  | 'PYTHON';

/** Who wants in. */
export type LogInInput = {
  /** The address the account was made with. */
  email: string;
  /** Its password. */
  password: string;
};

/** The `epoch` and `seq` of the last event you have. */
export type MatchEventCursorInput = {
  /** Which numbering `seq` belongs to. */
  epoch: string;
  /** The number of the last event you have. */
  seq: number;
};

/** Only an OPEN invitation can be accepted. */
export type MatchInvitationStatus =
  | 'ACCEPTED'
  | 'DECLINED'
  | 'EXPIRED'
  | 'OPEN'
  | 'WITHDRAWN';

/** Whom you want to meet; these are never relaxed. */
export type MatchPreferences = {
  /** True: nobody you met in the last days; false: such people later than others. */
  avoidRecentPartners?: boolean;
  /** The highest level the partner may have. */
  maxLevel?: SkillLevel;
  /** The lowest level the partner may have. */
  minLevel?: SkillLevel;
  /** Your side of the interview. */
  role?: MatchRole;
};

/** The side of the interview a person wants; two of the same side do not meet. */
export type MatchRole =
  | 'ANY'
  | 'CANDIDATE'
  | 'INTERVIEWER';

/** PROPOSED (ready check), FORMING (choosing a question), OPENING (making the session), ACTIVE, then COMPLETED or CANCELLED. */
export type MatchStatus =
  | 'ACTIVE'
  | 'CANCELLED'
  | 'COMPLETED'
  | 'FORMING'
  | 'OPENING'
  | 'PROPOSED';

/** How far you have come with a question; NEW: never met. */
export type ProgressFilter =
  | 'ATTEMPTED'
  | 'NEW'
  | 'SEEN'
  | 'SOLVED';

/** How far a person has come with a question; it only ever rises. */
export type ProgressStatus =
  | 'ATTEMPTED'
  | 'SEEN'
  | 'SOLVED';

/** What to find: any of the values within one criterion, all criteria together; empty means any. */
export type QuestionFilterInput = {
  /** Any of these, by the names of `categories`. */
  categories?: Array<string>;
  /** Any of these. */
  difficulties?: Array<Difficulty>;
  /** Solvable in any of these. */
  languages?: Array<Language>;
  /** How far you have come with them; needs a log-in. */
  progress?: Array<ProgressFilter>;
  /** Words; "in quotes" a phrase, -word without it, or for either. */
  search?: string | null | undefined;
  /** For authors; everybody else gets published ones. */
  statuses?: Array<QuestionStatus>;
  /** Any of these. */
  tags?: Array<string>;
};

/** How a list of questions is sorted. */
export type QuestionOrder =
  | 'EASIEST'
  | 'HARDEST'
  | 'NEWEST'
  | 'RELEVANCE'
  | 'TITLE';

/** Whether a question can be found: only published ones are. */
export type QuestionStatus =
  | 'DRAFT'
  | 'PUBLISHED'
  | 'RETIRED';

/** A refresh token to swap. */
export type RefreshTokensInput = {
  /** The last one that was handed out. */
  refreshToken: string;
};

/** A viewer to send away. */
export type RemoveViewerInput = {
  /** The session it is about. */
  sessionId: string;
  /** The viewer. */
  userId: string;
};

/** What you want to practise. */
export type RequestMatchInput = {
  /** Relaxed by one step after a while. */
  difficulty: Difficulty;
  /** Only people who ask for the same are matched. */
  language: Language;
  /** Whom to meet. */
  preferences?: MatchPreferences | null | undefined;
  /** Categories of questions; none means any. */
  topics?: Array<string>;
};

/** A version to go back to. */
export type RestoreVersionInput = {
  /** The number of the event after which the text was as wanted. */
  seq: number;
  /** The session it is about. */
  sessionId: string;
};

/** The rating of one axis. */
export type RubricScoreInput = {
  /** framing, trade_offs, correctness, code_quality or communication. */
  axis: string;
  /** From 1 to 5. */
  score: number;
};

/** Code to run. */
export type RunCodeInput = {
  /** Own cases: each the arguments as a JSON array. Left out: the samples of the question. */
  cases?: Array<string> | null | undefined;
  /** The session it is about. */
  sessionId: string;
  /** Run the code as a program of its own with this standard input instead. */
  stdin?: string | null | undefined;
};

/** What was asked for. */
export type RunKind =
  /** To see what the code does. */
  | 'RUN'
  /** To be judged on all cases. */
  | 'SUBMIT';

/** How far a run is. */
export type RunStatus =
  | 'FINISHED'
  | 'RUNNING';

/** Your private notes. */
export type SaveNotesInput = {
  /** Save only when they are still at this version (0: none yet). */
  expectedVersion?: number | null | undefined;
  /** The session it is about. */
  sessionId: string;
  /** All of the notes, up to 50,000 characters. */
  text: string;
};

/** A chat message to send. */
export type SendMessageInput = {
  /** The text, up to 4000 characters. */
  message: string;
  /** Any name for this message; the same one is sent once, however often it is asked for. */
  nonce?: string | null | undefined;
  /** The message it answers. */
  replyToId?: string | null | undefined;
  /** The session it is about. */
  sessionId: string;
};

/** A WebRTC signal for the other participant. */
export type SendSignalInput = {
  /** What it is. */
  kind: SignalKind;
  /** SDP, or an ICE candidate as JSON; up to 64 KiB. */
  payload: string;
  /** The session it is about. */
  sessionId: string;
  /** The other participant. */
  toUserId: string;
};

/** Why a session ended. */
export type SessionEndReason =
  /** Both left and did not come back. */
  | 'ABANDONED'
  /** One of the two ended it. */
  | 'FINISHED'
  /** Nothing happened for long. */
  | 'IDLE'
  /** The match was ended. */
  | 'MATCH_ENDED'
  /** One of the two deleted the account. */
  | 'USER_DELETED';

/** What happened to a chat message. */
export type SessionMessageChange =
  | 'DELETED'
  | 'EDITED'
  | 'POSTED';

/** What the two are doing. */
export type SessionPhase =
  | 'FEEDBACK'
  | 'INTRODUCTION'
  | 'REVIEW'
  | 'SOLVING';

/** Why a stream cannot be resumed. */
export type SessionResyncReason =
  | 'EPOCH_CHANGED'
  | 'TOO_FAR_BEHIND'
  | 'UNKNOWN_POSITION';

/** What somebody is in a session. */
export type SessionRole =
  | 'CANDIDATE'
  | 'INTERVIEWER'
  | 'PEER'
  | 'VIEWER';

/** Whether a session still runs. */
export type SessionStatus =
  | 'ACTIVE'
  | 'ENDED';

/** A phase to begin. */
export type SetPhaseInput = {
  /** How long; a timer runs for both when it is given. */
  minutes?: number | null | undefined;
  /** What comes now. */
  phase: SessionPhase;
  /** The session it is about. */
  sessionId: string;
};

/** Whether you are writing a message. */
export type SetTypingInput = {
  /** True while you write. */
  isTyping: boolean;
  /** The session it is about. */
  sessionId: string;
};

/** A new account. */
export type SignUpInput = {
  /** Needed to log in; nobody else sees it. */
  email: string;
  /** The name that others see; up to 80 characters. */
  name: string;
  /** From 8 to 200 characters. */
  password: string;
  /** What the person thinks of their own skill. Kept for them; it moves no rating and no level. */
  selfAssessment?: SkillLevel | null | undefined;
};

/** What a WebRTC signal is. */
export type SignalKind =
  | 'ANSWER'
  | 'CANDIDATE'
  | 'HANG_UP'
  | 'OFFER';

/** How a rating is shown to people. */
export type SkillLevel =
  | 'ADVANCED'
  | 'BEGINNER'
  | 'INTERMEDIATE';

/** A solution to be judged. */
export type SubmitSolutionInput = {
  /** The session it is about. */
  sessionId: string;
};

/** A swap of roles. */
export type SwapRolesInput = {
  /** A second question to go on with, with a text of its own. */
  nextQuestionId?: string | null | undefined;
  /** The session it is about. */
  sessionId: string;
};

/** PENDING and PROPOSED tickets are live; a person has at most one. */
export type TicketStatus =
  | 'CANCELLED'
  | 'DECLINED'
  | 'EXPIRED'
  | 'MATCHED'
  | 'PENDING'
  | 'PROPOSED';

/** Profile fields to change; null clears a field that may be empty. */
export type UpdateProfileInput = {
  /** An https address. */
  avatarUrl?: string | null | undefined;
  /** Plain text, up to 2000 characters. */
  bio?: string | null | undefined;
  /** The version you have read; if it has changed since, nothing is written. */
  expectedVersion?: number | null | undefined;
  /** Web addresses; up to 10. */
  links?: Array<string> | null | undefined;
  /** Up to 80 characters. */
  name?: string | null | undefined;
  /** Languages to practise in, the favourite first. */
  preferredLanguages?: Array<Language> | null | undefined;
  /** Topics to practise; up to 30. */
  preferredTopics?: Array<string> | null | undefined;
  /** What the person thinks of their own skill: it moves no rating and no level. Refused once sessions have measured it. */
  selfAssessment?: SkillLevel | null | undefined;
  /** Like Europe/Berlin. */
  timeZone?: string | null | undefined;
};

/** What came of a run or of one of its cases. */
export type Verdict =
  /** The answer is right. */
  | 'ACCEPTED'
  /** It does not compile. */
  | 'COMPILE_ERROR'
  /** It ran to its end; nothing to compare with. */
  | 'COMPLETED'
  /** The judge failed, not the code. */
  | 'INTERNAL_ERROR'
  /** It needed too much memory. */
  | 'MEMORY_LIMIT'
  /** An earlier case ended the run. */
  | 'NOT_RUN'
  /** It printed too much. */
  | 'OUTPUT_LIMIT'
  /** It crashed. */
  | 'RUNTIME_ERROR'
  /** It took too long. */
  | 'TIME_LIMIT'
  /** The answer is another than the expected one. */
  | 'WRONG_ANSWER';

export type RequestMatchMutationVariables = Exact<{
  input: RequestMatchInput;
}>;


export type RequestMatchMutation = { requestMatch:
    | { __typename: 'AccountBarred', code: string, message: string }
    | { __typename: 'AlreadyInMatch', matchId: string, code: string, message: string }
    | { __typename: 'AlreadyQueued', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'MatchTicket', id: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
   };

export type CancelMatchMutationVariables = Exact<{ [key: string]: never; }>;


export type CancelMatchMutation = { cancelMatch:
    | { __typename: 'MatchNotOpen', code: string, message: string }
    | { __typename: 'MatchTicket' }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotQueued', code: string, message: string }
   };

export type ExtendTicketMutationVariables = Exact<{ [key: string]: never; }>;


export type ExtendTicketMutation = { extendTicket:
    | { __typename: 'LifetimeUsedUp', code: string, message: string }
    | { __typename: 'MatchTicket' }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotQueued', code: string, message: string }
   };

export type AcceptMatchMutationVariables = Exact<{
  matchId: string;
}>;


export type AcceptMatchMutation = { acceptMatch:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'Match' }
    | { __typename: 'MatchNotFound', code: string, message: string }
    | { __typename: 'MatchNotOpen', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
   };

export type DeclineMatchMutationVariables = Exact<{
  matchId: string;
}>;


export type DeclineMatchMutation = { declineMatch:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'Match' }
    | { __typename: 'MatchNotFound', code: string, message: string }
    | { __typename: 'MatchNotOpen', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
   };

export type LeaveMatchMutationVariables = Exact<{
  matchId: string;
}>;


export type LeaveMatchMutation = { leaveMatch:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'Match' }
    | { __typename: 'MatchNotFound', code: string, message: string }
    | { __typename: 'MatchNotOpen', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
   };

export type QueueQueryVariables = Exact<{ [key: string]: never; }>;


export type QueueQuery = { queueStatus: { stage: string | null, nextStage: string | null, nextStageAt: string | null, compatibleNow: number | null, compatibleWhenFullyRelaxed: number | null, noShows: number, ticket: { id: string, status: TicketStatus, language: Language, difficulty: Difficulty, topics: Array<string>, role: MatchRole, avoidRecentPartners: boolean, skillLevel: SkillLevel, createdAt: string, expiresAt: string } | null, position: { position: number, waiting: number, estimate: { typicalSeconds: number | null, patientSeconds: number | null, sampleSize: number } } | null, relaxations: Array<{ criterion: string, compatible: number }>, depths: Array<{ language: Language, difficulty: Difficulty, waiting: number }> }, currentMatch: { id: string, status: MatchStatus, respondBy: string | null, partner: { id: string, name: string, skillLevel: SkillLevel } | null, session: { id: string, status: SessionStatus } | null } | null, matchInvitations: Array<{ id: string, status: MatchInvitationStatus, language: Language, difficulty: Difficulty, topics: Array<string>, expiresAt: string, inviter: { id: string, name: string } | null, invitee: { id: string, name: string } | null }> };

export type MatchInvitationPartsFragment = { id: string, status: MatchInvitationStatus, language: Language, difficulty: Difficulty, topics: Array<string>, expiresAt: string, inviter: { id: string, name: string } | null, invitee: { id: string, name: string } | null };

export type MatchEventsSubscriptionVariables = Exact<{
  after?: MatchEventCursorInput | null | undefined;
}>;


export type MatchEventsSubscription = { matchEvents:
    | { __typename: 'MatchAccepted', isYou: boolean, epoch: string, seq: number }
    | { __typename: 'MatchCancelled', reason: string, epoch: string, seq: number }
    | { __typename: 'MatchEnded', reason: string, epoch: string, seq: number, match: { id: string } | null }
    | { __typename: 'MatchExpired', epoch: string, seq: number }
    | { __typename: 'MatchInvited', epoch: string, seq: number, invitation: { id: string, status: MatchInvitationStatus, language: Language, difficulty: Difficulty, topics: Array<string>, expiresAt: string, inviter: { id: string, name: string } | null, invitee: { id: string, name: string } | null } | null }
    | { __typename: 'MatchMade', epoch: string, seq: number, match: { id: string, partner: { id: string, name: string } | null, session: { id: string } | null } | null }
    | { __typename: 'MatchPosition', epoch: string, seq: number }
    | { __typename: 'MatchProposed', respondBy: string, epoch: string, seq: number, match: { id: string, partner: { name: string } | null } | null }
    | { __typename: 'MatchQueued', epoch: string, seq: number }
    | { __typename: 'MatchRelaxed', stage: string, epoch: string, seq: number }
    | { __typename: 'MatchRequeued', reason: string, epoch: string, seq: number }
    | { __typename: 'MatchResync', epoch: string, seq: number }
   };

export type CreateMatchInvitationMutationVariables = Exact<{
  input: CreateMatchInvitationInput;
}>;


export type CreateMatchInvitationMutation = { createMatchInvitation:
    | { __typename: 'AccountBarred', code: string, message: string }
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'MatchBlocked', code: string, message: string }
    | { __typename: 'MatchInvitation', token: string | null, id: string, status: MatchInvitationStatus, language: Language, difficulty: Difficulty, topics: Array<string>, expiresAt: string, inviter: { id: string, name: string } | null, invitee: { id: string, name: string } | null }
    | { __typename: 'MatchInvitationNotFound', code: string, message: string }
    | { __typename: 'MatchInvitationNotOpen', code: string, message: string }
    | { __typename: 'MatchNotFound', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'TooManyMatchInvitations', code: string, message: string }
   };

export type AcceptMatchInvitationMutationVariables = Exact<{
  input: AcceptMatchInvitationInput;
}>;


export type AcceptMatchInvitationMutation = { acceptMatchInvitation:
    | { __typename: 'AccountBarred', code: string, message: string }
    | { __typename: 'AlreadyInMatch', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'Match', id: string, session: { id: string } | null }
    | { __typename: 'MatchBlocked', code: string, message: string }
    | { __typename: 'MatchInvitationNotFound', code: string, message: string }
    | { __typename: 'MatchInvitationNotOpen', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'PartnerBusy', code: string, message: string }
   };

export type CloseMatchInvitationMutationVariables = Exact<{
  id: string;
}>;


export type CloseMatchInvitationMutation = { closeMatchInvitation:
    | { __typename: 'AccountBarred', code: string, message: string }
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'MatchBlocked', code: string, message: string }
    | { __typename: 'MatchInvitation', id: string, status: MatchInvitationStatus }
    | { __typename: 'MatchInvitationNotFound', code: string, message: string }
    | { __typename: 'MatchInvitationNotOpen', code: string, message: string }
    | { __typename: 'MatchNotFound', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'TooManyMatchInvitations', code: string, message: string }
   };

export type RequestRematchMutationVariables = Exact<{
  matchId: string;
}>;


export type RequestRematchMutation = { requestRematch:
    | { __typename: 'AccountBarred', code: string, message: string }
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'MatchBlocked', code: string, message: string }
    | { __typename: 'MatchInvitation', id: string, status: MatchInvitationStatus, language: Language, difficulty: Difficulty, topics: Array<string>, expiresAt: string, inviter: { id: string, name: string } | null, invitee: { id: string, name: string } | null }
    | { __typename: 'MatchInvitationNotFound', code: string, message: string }
    | { __typename: 'MatchInvitationNotOpen', code: string, message: string }
    | { __typename: 'MatchNotFound', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'TooManyMatchInvitations', code: string, message: string }
   };

export type MatchHistoryQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type MatchHistoryQuery = { me: { id: string, matchHistory: { edges: Array<{ node: { id: string, status: MatchStatus, language: Language, difficulty: Difficulty, createdAt: string, endedAt: string | null, partner: { id: string, name: string } | null, question: { slug: string, title: string } | null, session: { id: string, status: SessionStatus, endedAt: string | null, runs: Array<{ verdict: Verdict | null, passed: number, total: number, kind: RunKind }> } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type TokensFragment = { accessToken: string, refreshToken: string, expiresAt: string };

export type SignUpMutationVariables = Exact<{
  input: SignUpInput;
}>;


export type SignUpMutation = { signUp:
    | { __typename: 'AuthPayload', accessToken: string, refreshToken: string, expiresAt: string }
    | { __typename: 'CheckYourMail', message: string }
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'EmailTaken', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'RateLimited', code: string, message: string }
   };

export type LogInMutationVariables = Exact<{
  input: LogInInput;
}>;


export type LogInMutation = { logIn:
    | { __typename: 'AccountSuspended', code: string, message: string }
    | { __typename: 'AuthPayload', accessToken: string, refreshToken: string, expiresAt: string }
    | { __typename: 'EmailNotVerified', code: string, message: string }
    | { __typename: 'InvalidCredentials', code: string, message: string }
    | { __typename: 'RateLimited', code: string, message: string }
   };

export type RefreshTokensMutationVariables = Exact<{
  input: RefreshTokensInput;
}>;


export type RefreshTokensMutation = { refreshTokens:
    | { __typename: 'AccountSuspended', code: string, message: string }
    | { __typename: 'AuthPayload', accessToken: string, refreshToken: string, expiresAt: string }
    | { __typename: 'RefreshTokenInvalid', code: string, message: string }
    | { __typename: 'RefreshTokenReused', code: string, message: string }
   };

export type LogOutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogOutMutation = { logOut:
    | { __typename: 'AccountSuspended', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'LoggedOut', endedSessions: number }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
   };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { id: string, name: string, skillLevel: SkillLevel } | null, currentMatch: { id: string, status: MatchStatus, session: { id: string, status: SessionStatus } | null } | null };

export type ProfilePartsFragment = { id: string, name: string, bio: string, timeZone: string | null, preferredLanguages: Array<Language>, preferredTopics: Array<string>, links: Array<string>, email: string | null, emailVerified: boolean | null, skillLevel: SkillLevel, selfAssessment: SkillLevel | null, version: number };

export type ProfileQueryVariables = Exact<{ [key: string]: never; }>;


export type ProfileQuery = { me: { id: string, name: string, bio: string, timeZone: string | null, preferredLanguages: Array<Language>, preferredTopics: Array<string>, links: Array<string>, email: string | null, emailVerified: boolean | null, skillLevel: SkillLevel, selfAssessment: SkillLevel | null, version: number, skill: { rating: number, deviation: number, sessions: number, byTopic: Array<{ topic: string, rating: number, deviation: number, sessions: number, level: SkillLevel }> } | null, progress: { solved: number, attempted: number, seen: number, currentStreak: number, longestStreak: number, solvedByDifficulty: Array<{ difficulty: Difficulty, count: number }> } } | null, myAuthSessions: Array<{ id: string, lastUsedAt: string, userAgent: string | null, isCurrent: boolean }>, blockedUsers: Array<{ id: string, name: string }> };

export type RatingHistoryQueryVariables = Exact<{
  topic: string;
}>;


export type RatingHistoryQuery = { me: { id: string, ratingHistory: { edges: Array<{ node: { recordedAt: string, rating: number, deviation: number, level: SkillLevel, session: { id: string } } }> } | null } | null };

export type UpdateProfileMutationVariables = Exact<{
  input: UpdateProfileInput;
}>;


export type UpdateProfileMutation = { updateProfile:
    | { __typename: 'AccountSuspended', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'SkillIsMeasured', code: string, message: string }
    | { __typename: 'User', id: string, name: string, bio: string, timeZone: string | null, preferredLanguages: Array<Language>, preferredTopics: Array<string>, links: Array<string>, email: string | null, emailVerified: boolean | null, skillLevel: SkillLevel, selfAssessment: SkillLevel | null, version: number }
    | { __typename: 'VersionConflict', currentVersion: number, code: string, message: string }
   };

export type RevokeSessionMutationVariables = Exact<{
  sessionId: string;
}>;


export type RevokeSessionMutation = { revokeSession:
    | { __typename: 'AccountSuspended', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'LoggedOut', endedSessions: number }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
   };

export type UnblockUserMutationVariables = Exact<{
  userId: string;
}>;


export type UnblockUserMutation = { unblockUser:
    | { __typename: 'BlockedUsers' }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
   };

export type BlockUserMutationVariables = Exact<{
  userId: string;
}>;


export type BlockUserMutation = { blockUser:
    | { __typename: 'BlockedUsers' }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
   };

export type PlaybackQueryVariables = Exact<{
  id: string;
}>;


export type PlaybackQuery = { session: { id: string, status: SessionStatus, createdAt: string, endedAt: string | null, language: Language, myRole: SessionRole | null, participants: Array<{ userId: string, role: SessionRole, color: string, isOnline: boolean, user: { id: string, name: string } }>, question: { title: string, difficulty: Difficulty } | null, messages: { edges: Array<{ node: { id: string, message: string, createdAt: string, editedAt: string | null, deletedAt: string | null, nonce: string | null, author: { id: string, name: string } | null, replyTo: { id: string, message: string, deletedAt: string | null, author: { id: string, name: string } | null } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, runs: Array<{ id: string, kind: RunKind, language: Language, status: RunStatus, verdict: Verdict | null, passed: number, total: number, timeMs: number | null, memoryKb: number | null, compileOutput: string | null, createdAt: string, startedBy: { id: string, name: string } | null, cases: Array<{ number: number, isHidden: boolean, verdict: Verdict, timeMs: number, memoryKb: number, input: string | null, expected: string | null, actual: string | null, stdout: string | null, stderr: string | null, difference: string | null }> }> } };

export type SessionHistoryQueryVariables = Exact<{
  id: string;
  after: number;
}>;


export type SessionHistoryQuery = { sessionHistory: Array<{ seq: number, at: string, kind: string, userId: string | null, textName: string | null, messageId: string | null, runId: string | null, edits: Array<{ position: number, deleted: number, inserted: string }> }> };

export type ExportSessionQueryVariables = Exact<{
  id: string;
  format: ExportFormat;
}>;


export type ExportSessionQuery = { sessionExport: { filename: string, contentType: string, content: string } };

export type RestoreVersionMutationVariables = Exact<{
  input: RestoreVersionInput;
}>;


export type RestoreVersionMutation = { restoreVersion:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'Session' }
    | { __typename: 'SessionClosed', code: string, message: string }
    | { __typename: 'Unavailable', code: string, message: string }
   };

export type VersionQueryVariables = Exact<{
  id: string;
  seq: number;
}>;


export type VersionQuery = { sessionVersion: { seq: number, textName: string, language: Language, code: string } };

export type QuestionTextFragment = { id: string, title: string, description: string, difficulty: Difficulty, categories: Array<string>, constraints: Array<string>, hiddenCaseCount: number, hints: Array<string> | null, samples: Array<{ id: string, args: unknown, expected: unknown, explanation: string }>, provenance: { source: string, url: string, licence: string } };

export type QuestionsQueryVariables = Exact<{
  filter?: QuestionFilterInput | null | undefined;
  order: QuestionOrder;
  first?: number;
  after?: string | null | undefined;
}>;


export type QuestionsQuery = { questions: { totalCount: number, edges: Array<{ node: { id: string, slug: string, title: string, difficulty: Difficulty, categories: Array<string>, myProgress: { status: ProgressStatus } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CategoriesQueryVariables = Exact<{ [key: string]: never; }>;


export type CategoriesQuery = { categories: Array<{ name: string, count: number }> };

export type QuestionBySlugQueryVariables = Exact<{
  slug: string;
}>;


export type QuestionBySlugQuery = { question: { id: string, title: string, description: string, difficulty: Difficulty, categories: Array<string>, constraints: Array<string>, hiddenCaseCount: number, hints: Array<string> | null, starterCode: Array<{ language: Language, code: string }>, myProgress: { status: ProgressStatus, attempts: number } | null, statistics: { attempts: number, acceptanceRate: number | null }, samples: Array<{ id: string, args: unknown, expected: unknown, explanation: string }>, provenance: { source: string, url: string, licence: string } } };

export type ChatMessageFragment = { id: string, message: string, createdAt: string, editedAt: string | null, deletedAt: string | null, nonce: string | null, author: { id: string, name: string } | null, replyTo: { id: string, message: string, deletedAt: string | null, author: { id: string, name: string } | null } | null };

export type RunPartsFragment = { id: string, kind: RunKind, language: Language, status: RunStatus, verdict: Verdict | null, passed: number, total: number, timeMs: number | null, memoryKb: number | null, compileOutput: string | null, createdAt: string, startedBy: { id: string, name: string } | null, cases: Array<{ number: number, isHidden: boolean, verdict: Verdict, timeMs: number, memoryKb: number, input: string | null, expected: string | null, actual: string | null, stdout: string | null, stderr: string | null, difference: string | null }> };

export type ParticipantPartsFragment = { userId: string, role: SessionRole, color: string, isOnline: boolean, user: { id: string, name: string } };

export type SessionPartsFragment = { id: string, status: SessionStatus, language: Language, round: number, phase: SessionPhase, phaseEndsAt: string | null, createdAt: string, startedAt: string | null, endedAt: string | null, endReason: SessionEndReason | null, myRole: SessionRole | null, participants: Array<{ userId: string, role: SessionRole, color: string, isOnline: boolean, user: { id: string, name: string } }>, question: { id: string, title: string, description: string, difficulty: Difficulty, categories: Array<string>, constraints: Array<string>, hiddenCaseCount: number, hints: Array<string> | null, samples: Array<{ id: string, args: unknown, expected: unknown, explanation: string }>, provenance: { source: string, url: string, licence: string } } | null, interviewMaterial: { hints: Array<string>, solution: string } | null, match: { id: string } | null };

export type SessionByIdQueryVariables = Exact<{
  id: string;
}>;


export type SessionByIdQuery = { session: { id: string, status: SessionStatus, language: Language, round: number, phase: SessionPhase, phaseEndsAt: string | null, createdAt: string, startedAt: string | null, endedAt: string | null, endReason: SessionEndReason | null, myRole: SessionRole | null, messages: { edges: Array<{ node: { id: string, message: string, createdAt: string, editedAt: string | null, deletedAt: string | null, nonce: string | null, author: { id: string, name: string } | null, replyTo: { id: string, message: string, deletedAt: string | null, author: { id: string, name: string } | null } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, runs: Array<{ id: string, kind: RunKind, language: Language, status: RunStatus, verdict: Verdict | null, passed: number, total: number, timeMs: number | null, memoryKb: number | null, compileOutput: string | null, createdAt: string, startedBy: { id: string, name: string } | null, cases: Array<{ number: number, isHidden: boolean, verdict: Verdict, timeMs: number, memoryKb: number, input: string | null, expected: string | null, actual: string | null, stdout: string | null, stderr: string | null, difference: string | null }> }>, participants: Array<{ userId: string, role: SessionRole, color: string, isOnline: boolean, user: { id: string, name: string } }>, question: { id: string, title: string, description: string, difficulty: Difficulty, categories: Array<string>, constraints: Array<string>, hiddenCaseCount: number, hints: Array<string> | null, samples: Array<{ id: string, args: unknown, expected: unknown, explanation: string }>, provenance: { source: string, url: string, licence: string } } | null, interviewMaterial: { hints: Array<string>, solution: string } | null, match: { id: string } | null }, toolchains: Array<{ language: Language, version: string }> };

export type SessionMessagesQueryVariables = Exact<{
  id: string;
  after: string;
}>;


export type SessionMessagesQuery = { session: { id: string, messages: { edges: Array<{ node: { id: string, message: string, createdAt: string, editedAt: string | null, deletedAt: string | null, nonce: string | null, author: { id: string, name: string } | null, replyTo: { id: string, message: string, deletedAt: string | null, author: { id: string, name: string } | null } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } };

export type SessionEventsSubscriptionVariables = Exact<{
  sessionId: string;
  after?: number | null | undefined;
  epoch?: string | null | undefined;
}>;


export type SessionEventsSubscription = { sessionEvents:
    | { __typename: 'DocumentTextChanged', language: Language, textName: string, cause: string, userId: string | null, seq: number | null }
    | { __typename: 'DocumentUpdated', userId: string | null, updates: Array<string>, seq: number | null }
    | { __typename: 'SessionAwarenessChanged', userId: string | null, update: string, seq: number | null }
    | { __typename: 'SessionEnded', endReason: SessionEndReason, userId: string | null, seq: number | null }
    | { __typename: 'SessionHello', epoch: string, headSeq: number, resumedFrom: number | null, role: SessionRole, isPolite: boolean, language: Language, textName: string, onlineUserIds: Array<string>, awareness: Array<string>, seq: number | null }
    | { __typename: 'SessionMessageChanged', change: SessionMessageChange, messageId: string, seq: number | null, message: { id: string, message: string, createdAt: string, editedAt: string | null, deletedAt: string | null, nonce: string | null, author: { id: string, name: string } | null, replyTo: { id: string, message: string, deletedAt: string | null, author: { id: string, name: string } | null } | null } | null }
    | { __typename: 'SessionPhaseChanged', phase: SessionPhase, endsAt: string | null, seq: number | null }
    | { __typename: 'SessionPresenceChanged', onlineUserIds: Array<string>, seq: number | null }
    | { __typename: 'SessionQuestionChanged', round: number, seq: number | null, question: { id: string, title: string } }
    | { __typename: 'SessionResync', reason: SessionResyncReason, epoch: string, headSeq: number, seq: number | null }
    | { __typename: 'SessionRolesChanged', seq: number | null, participants: Array<{ userId: string, role: SessionRole, color: string, isOnline: boolean, user: { id: string, name: string } }> }
    | { __typename: 'SessionRunChanged', runId: string, isFinished: boolean, seq: number | null, run: { id: string, kind: RunKind, language: Language, status: RunStatus, verdict: Verdict | null, passed: number, total: number, timeMs: number | null, memoryKb: number | null, compileOutput: string | null, createdAt: string, startedBy: { id: string, name: string } | null, cases: Array<{ number: number, isHidden: boolean, verdict: Verdict, timeMs: number, memoryKb: number, input: string | null, expected: string | null, actual: string | null, stdout: string | null, stderr: string | null, difference: string | null }> } | null }
    | { __typename: 'SessionSignalReceived', fromUserId: string, kind: SignalKind, payload: string, seq: number | null }
    | { __typename: 'SessionTimerElapsed', phase: SessionPhase, seq: number | null }
    | { __typename: 'SessionTypingChanged', userId: string | null, isTyping: boolean, seq: number | null }
   };

export type SendMessageMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type SendMessageMutation = { sendMessage:
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'RateLimited', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'SessionClosed', code: string, message: string }
    | { __typename: 'SessionMessage', id: string, message: string, createdAt: string, editedAt: string | null, deletedAt: string | null, nonce: string | null, author: { id: string, name: string } | null, replyTo: { id: string, message: string, deletedAt: string | null, author: { id: string, name: string } | null } | null }
   };

export type EditMessageMutationVariables = Exact<{
  input: EditMessageInput;
}>;


export type EditMessageMutation = { editMessage:
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'RateLimited', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'SessionClosed', code: string, message: string }
    | { __typename: 'SessionMessage', id: string, message: string, createdAt: string, editedAt: string | null, deletedAt: string | null, nonce: string | null, author: { id: string, name: string } | null, replyTo: { id: string, message: string, deletedAt: string | null, author: { id: string, name: string } | null } | null }
   };

export type DeleteMessageMutationVariables = Exact<{
  input: DeleteMessageInput;
}>;


export type DeleteMessageMutation = { deleteMessage:
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'RateLimited', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'SessionClosed', code: string, message: string }
    | { __typename: 'SessionMessage', id: string, message: string, createdAt: string, editedAt: string | null, deletedAt: string | null, nonce: string | null, author: { id: string, name: string } | null, replyTo: { id: string, message: string, deletedAt: string | null, author: { id: string, name: string } | null } | null }
   };

export type SetTypingMutationVariables = Exact<{
  input: SetTypingInput;
}>;


export type SetTypingMutation = { setTyping:
    | { __typename: 'Delivered' }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'RateLimited', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'SessionClosed', code: string, message: string }
   };

export type SendSignalMutationVariables = Exact<{
  input: SendSignalInput;
}>;


export type SendSignalMutation = { sendSignal:
    | { __typename: 'Delivered' }
    | { __typename: 'InvalidInput', code: string, message: string, retryable: boolean }
    | { __typename: 'NotAuthenticated', code: string, message: string, retryable: boolean }
    | { __typename: 'NotFound', code: string, message: string, retryable: boolean }
    | { __typename: 'RateLimited', code: string, message: string, retryable: boolean }
    | { __typename: 'ReadOnly', code: string, message: string, retryable: boolean }
    | { __typename: 'SessionClosed', code: string, message: string, retryable: boolean }
   };

export type IceServersQueryVariables = Exact<{
  sessionId: string;
}>;


export type IceServersQuery = { iceServers: Array<{ urls: Array<string>, username: string | null, credential: string | null }> };

export type ChangeLanguageMutationVariables = Exact<{
  input: ChangeLanguageInput;
}>;


export type ChangeLanguageMutation = { changeLanguage:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'Session' }
    | { __typename: 'SessionClosed', code: string, message: string }
    | { __typename: 'Unavailable', code: string, message: string }
   };

export type SetPhaseMutationVariables = Exact<{
  input: SetPhaseInput;
}>;


export type SetPhaseMutation = { setPhase:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'Session' }
    | { __typename: 'SessionClosed', code: string, message: string }
    | { __typename: 'Unavailable', code: string, message: string }
   };

export type SwapRolesMutationVariables = Exact<{
  input: SwapRolesInput;
}>;


export type SwapRolesMutation = { swapRoles:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'Session' }
    | { __typename: 'SessionClosed', code: string, message: string }
    | { __typename: 'Unavailable', code: string, message: string }
   };

export type RunCodeMutationVariables = Exact<{
  input: RunCodeInput;
}>;


export type RunCodeMutation = { runCode:
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'ExecutionUnavailable', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'RateLimited', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'Run', id: string, kind: RunKind, language: Language, status: RunStatus, verdict: Verdict | null, passed: number, total: number, timeMs: number | null, memoryKb: number | null, compileOutput: string | null, createdAt: string, startedBy: { id: string, name: string } | null, cases: Array<{ number: number, isHidden: boolean, verdict: Verdict, timeMs: number, memoryKb: number, input: string | null, expected: string | null, actual: string | null, stdout: string | null, stderr: string | null, difference: string | null }> }
    | { __typename: 'SessionClosed', code: string, message: string }
   };

export type SubmitSolutionMutationVariables = Exact<{
  input: SubmitSolutionInput;
}>;


export type SubmitSolutionMutation = { submitSolution:
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'ExecutionUnavailable', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'RateLimited', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'Run', id: string, kind: RunKind, language: Language, status: RunStatus, verdict: Verdict | null, passed: number, total: number, timeMs: number | null, memoryKb: number | null, compileOutput: string | null, createdAt: string, startedBy: { id: string, name: string } | null, cases: Array<{ number: number, isHidden: boolean, verdict: Verdict, timeMs: number, memoryKb: number, input: string | null, expected: string | null, actual: string | null, stdout: string | null, stderr: string | null, difference: string | null }> }
    | { __typename: 'SessionClosed', code: string, message: string }
   };

export type EndSessionMutationVariables = Exact<{
  input: EndSessionInput;
}>;


export type EndSessionMutation = { endSession:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'Session', id: string, status: SessionStatus }
    | { __typename: 'SessionClosed', code: string, message: string }
    | { __typename: 'Unavailable', code: string, message: string }
   };

export type MyNotesQueryVariables = Exact<{
  id: string;
}>;


export type MyNotesQuery = { session: { id: string, myNotes: { text: string, version: number, updatedAt: string | null } } };

export type SaveNotesMutationVariables = Exact<{
  input: SaveNotesInput;
}>;


export type SaveNotesMutation = { saveNotes:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'Notes', text: string, version: number, updatedAt: string | null }
    | { __typename: 'VersionConflict', currentVersion: number, code: string, message: string }
   };

export type InviteViewerMutationVariables = Exact<{
  input: InviteViewerInput;
}>;


export type InviteViewerMutation = { inviteViewer:
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'Invitation', code: string, expiresAt: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'RateLimited', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'SessionClosed', code: string, message: string }
   };

export type AcceptInvitationMutationVariables = Exact<{
  input: AcceptInvitationInput;
}>;


export type AcceptInvitationMutation = { acceptInvitation:
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'Session', id: string }
   };

export type RemoveViewerMutationVariables = Exact<{
  input: RemoveViewerInput;
}>;


export type RemoveViewerMutation = { removeViewer:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAllowed', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
    | { __typename: 'Session' }
    | { __typename: 'SessionClosed', code: string, message: string }
    | { __typename: 'Unavailable', code: string, message: string }
   };

export type FeedbackPartsFragment = { rating: number, hasSolved: boolean | null, comment: string, createdAt: string, rubric: Array<{ axis: string, score: number }>, author: { name: string } };

export type FeedbackOfQueryVariables = Exact<{
  id: string;
}>;


export type FeedbackOfQuery = { session: { id: string, feedback: { given: { rating: number, hasSolved: boolean | null, comment: string, createdAt: string, rubric: Array<{ axis: string, score: number }>, author: { name: string } } | null, received: { rating: number, hasSolved: boolean | null, comment: string, createdAt: string, rubric: Array<{ axis: string, score: number }>, author: { name: string } } | null } } };

export type GiveFeedbackMutationVariables = Exact<{
  input: GiveFeedbackInput;
}>;


export type GiveFeedbackMutation = { giveFeedback:
    | { __typename: 'Conflict', code: string, message: string }
    | { __typename: 'Feedback', rating: number, hasSolved: boolean | null, comment: string, createdAt: string, rubric: Array<{ axis: string, score: number }>, author: { name: string } }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotAuthenticated', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'ReadOnly', code: string, message: string }
   };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const MatchInvitationPartsFragmentDoc = new TypedDocumentString(`
    fragment MatchInvitationParts on MatchInvitation {
  id
  status
  language
  difficulty
  topics
  expiresAt
  inviter {
    id
    name
  }
  invitee {
    id
    name
  }
}
    `, {"fragmentName":"MatchInvitationParts"}) as unknown as TypedDocumentString<MatchInvitationPartsFragment, unknown>;
export const TokensFragmentDoc = new TypedDocumentString(`
    fragment Tokens on AuthPayload {
  accessToken
  refreshToken
  expiresAt
}
    `, {"fragmentName":"Tokens"}) as unknown as TypedDocumentString<TokensFragment, unknown>;
export const ProfilePartsFragmentDoc = new TypedDocumentString(`
    fragment ProfileParts on User {
  id
  name
  bio
  timeZone
  preferredLanguages
  preferredTopics
  links
  email
  emailVerified
  skillLevel
  selfAssessment
  version
}
    `, {"fragmentName":"ProfileParts"}) as unknown as TypedDocumentString<ProfilePartsFragment, unknown>;
export const ChatMessageFragmentDoc = new TypedDocumentString(`
    fragment ChatMessage on SessionMessage {
  id
  message
  createdAt
  editedAt
  deletedAt
  nonce
  author {
    id
    name
  }
  replyTo {
    id
    message
    deletedAt
    author {
      id
      name
    }
  }
}
    `, {"fragmentName":"ChatMessage"}) as unknown as TypedDocumentString<ChatMessageFragment, unknown>;
export const RunPartsFragmentDoc = new TypedDocumentString(`
    fragment RunParts on Run {
  id
  kind
  language
  status
  verdict
  passed
  total
  timeMs
  memoryKb
  compileOutput
  createdAt
  startedBy {
    id
    name
  }
  cases {
    number
    isHidden
    verdict
    timeMs
    memoryKb
    input
    expected
    actual
    stdout
    stderr
    difference
  }
}
    `, {"fragmentName":"RunParts"}) as unknown as TypedDocumentString<RunPartsFragment, unknown>;
export const ParticipantPartsFragmentDoc = new TypedDocumentString(`
    fragment ParticipantParts on Participant {
  userId
  role
  color
  isOnline
  user {
    id
    name
  }
}
    `, {"fragmentName":"ParticipantParts"}) as unknown as TypedDocumentString<ParticipantPartsFragment, unknown>;
export const QuestionTextFragmentDoc = new TypedDocumentString(`
    fragment QuestionText on Question {
  id
  title
  description
  difficulty
  categories
  constraints
  hiddenCaseCount
  samples {
    id
    args
    expected
    explanation
  }
  hints
  provenance {
    source
    url
    licence
  }
}
    `, {"fragmentName":"QuestionText"}) as unknown as TypedDocumentString<QuestionTextFragment, unknown>;
export const SessionPartsFragmentDoc = new TypedDocumentString(`
    fragment SessionParts on Session {
  id
  status
  language
  round
  phase
  phaseEndsAt
  createdAt
  startedAt
  endedAt
  endReason
  myRole
  participants {
    ...ParticipantParts
  }
  question {
    ...QuestionText
  }
  interviewMaterial {
    hints
    solution
  }
  match {
    id
  }
}
    fragment QuestionText on Question {
  id
  title
  description
  difficulty
  categories
  constraints
  hiddenCaseCount
  samples {
    id
    args
    expected
    explanation
  }
  hints
  provenance {
    source
    url
    licence
  }
}
fragment ParticipantParts on Participant {
  userId
  role
  color
  isOnline
  user {
    id
    name
  }
}`, {"fragmentName":"SessionParts"}) as unknown as TypedDocumentString<SessionPartsFragment, unknown>;
export const FeedbackPartsFragmentDoc = new TypedDocumentString(`
    fragment FeedbackParts on Feedback {
  rating
  hasSolved
  comment
  rubric {
    axis
    score
  }
  createdAt
  author {
    name
  }
}
    `, {"fragmentName":"FeedbackParts"}) as unknown as TypedDocumentString<FeedbackPartsFragment, unknown>;
export const RequestMatchDocument = new TypedDocumentString(`
    mutation RequestMatch($input: RequestMatchInput!) {
  requestMatch(input: $input) {
    __typename
    ... on MatchTicket {
      id
    }
    ... on AlreadyInMatch {
      matchId
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RequestMatchMutation, RequestMatchMutationVariables>;
export const CancelMatchDocument = new TypedDocumentString(`
    mutation CancelMatch {
  cancelMatch {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<CancelMatchMutation, CancelMatchMutationVariables>;
export const ExtendTicketDocument = new TypedDocumentString(`
    mutation ExtendTicket {
  extendTicket {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ExtendTicketMutation, ExtendTicketMutationVariables>;
export const AcceptMatchDocument = new TypedDocumentString(`
    mutation AcceptMatch($matchId: ID!) {
  acceptMatch(matchId: $matchId) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<AcceptMatchMutation, AcceptMatchMutationVariables>;
export const DeclineMatchDocument = new TypedDocumentString(`
    mutation DeclineMatch($matchId: ID!) {
  declineMatch(matchId: $matchId) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DeclineMatchMutation, DeclineMatchMutationVariables>;
export const LeaveMatchDocument = new TypedDocumentString(`
    mutation LeaveMatch($matchId: ID!) {
  leaveMatch(matchId: $matchId) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<LeaveMatchMutation, LeaveMatchMutationVariables>;
export const QueueDocument = new TypedDocumentString(`
    query Queue {
  queueStatus {
    ticket {
      id
      status
      language
      difficulty
      topics
      role
      avoidRecentPartners
      skillLevel
      createdAt
      expiresAt
    }
    stage
    nextStage
    nextStageAt
    compatibleNow
    compatibleWhenFullyRelaxed
    position {
      position
      waiting
      estimate {
        typicalSeconds
        patientSeconds
        sampleSize
      }
    }
    relaxations {
      criterion
      compatible
    }
    depths {
      language
      difficulty
      waiting
    }
    noShows
  }
  currentMatch {
    id
    status
    respondBy
    partner {
      id
      name
      skillLevel
    }
    session {
      id
      status
    }
  }
  matchInvitations {
    ...MatchInvitationParts
  }
}
    fragment MatchInvitationParts on MatchInvitation {
  id
  status
  language
  difficulty
  topics
  expiresAt
  inviter {
    id
    name
  }
  invitee {
    id
    name
  }
}`) as unknown as TypedDocumentString<QueueQuery, QueueQueryVariables>;
export const MatchEventsDocument = new TypedDocumentString(`
    subscription MatchEvents($after: MatchEventCursorInput) {
  matchEvents(after: $after) {
    __typename
    epoch
    seq
    ... on MatchProposed {
      respondBy
      match {
        id
        partner {
          name
        }
      }
    }
    ... on MatchAccepted {
      isYou
    }
    ... on MatchMade {
      match {
        id
        partner {
          id
          name
        }
        session {
          id
        }
      }
    }
    ... on MatchEnded {
      reason
      match {
        id
      }
    }
    ... on MatchRelaxed {
      stage
    }
    ... on MatchRequeued {
      reason
    }
    ... on MatchCancelled {
      reason
    }
    ... on MatchInvited {
      invitation {
        ...MatchInvitationParts
      }
    }
  }
}
    fragment MatchInvitationParts on MatchInvitation {
  id
  status
  language
  difficulty
  topics
  expiresAt
  inviter {
    id
    name
  }
  invitee {
    id
    name
  }
}`) as unknown as TypedDocumentString<MatchEventsSubscription, MatchEventsSubscriptionVariables>;
export const CreateMatchInvitationDocument = new TypedDocumentString(`
    mutation CreateMatchInvitation($input: CreateMatchInvitationInput!) {
  createMatchInvitation(input: $input) {
    __typename
    ... on MatchInvitation {
      ...MatchInvitationParts
      token
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment MatchInvitationParts on MatchInvitation {
  id
  status
  language
  difficulty
  topics
  expiresAt
  inviter {
    id
    name
  }
  invitee {
    id
    name
  }
}`) as unknown as TypedDocumentString<CreateMatchInvitationMutation, CreateMatchInvitationMutationVariables>;
export const AcceptMatchInvitationDocument = new TypedDocumentString(`
    mutation AcceptMatchInvitation($input: AcceptMatchInvitationInput!) {
  acceptMatchInvitation(input: $input) {
    __typename
    ... on Match {
      id
      session {
        id
      }
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<AcceptMatchInvitationMutation, AcceptMatchInvitationMutationVariables>;
export const CloseMatchInvitationDocument = new TypedDocumentString(`
    mutation CloseMatchInvitation($id: ID!) {
  closeMatchInvitation(id: $id) {
    __typename
    ... on MatchInvitation {
      id
      status
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<CloseMatchInvitationMutation, CloseMatchInvitationMutationVariables>;
export const RequestRematchDocument = new TypedDocumentString(`
    mutation RequestRematch($matchId: ID!) {
  requestRematch(matchId: $matchId) {
    __typename
    ... on MatchInvitation {
      ...MatchInvitationParts
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment MatchInvitationParts on MatchInvitation {
  id
  status
  language
  difficulty
  topics
  expiresAt
  inviter {
    id
    name
  }
  invitee {
    id
    name
  }
}`) as unknown as TypedDocumentString<RequestRematchMutation, RequestRematchMutationVariables>;
export const MatchHistoryDocument = new TypedDocumentString(`
    query MatchHistory($after: String) {
  me {
    id
    matchHistory(first: 20, after: $after) {
      edges {
        node {
          id
          status
          language
          difficulty
          createdAt
          endedAt
          partner {
            id
            name
          }
          question {
            slug
            title
          }
          session {
            id
            status
            endedAt
            runs(first: 1) {
              verdict
              passed
              total
              kind
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MatchHistoryQuery, MatchHistoryQueryVariables>;
export const SignUpDocument = new TypedDocumentString(`
    mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on AuthPayload {
      ...Tokens
    }
    ... on CheckYourMail {
      message
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment Tokens on AuthPayload {
  accessToken
  refreshToken
  expiresAt
}`) as unknown as TypedDocumentString<SignUpMutation, SignUpMutationVariables>;
export const LogInDocument = new TypedDocumentString(`
    mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    __typename
    ... on AuthPayload {
      ...Tokens
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment Tokens on AuthPayload {
  accessToken
  refreshToken
  expiresAt
}`) as unknown as TypedDocumentString<LogInMutation, LogInMutationVariables>;
export const RefreshTokensDocument = new TypedDocumentString(`
    mutation RefreshTokens($input: RefreshTokensInput!) {
  refreshTokens(input: $input) {
    __typename
    ... on AuthPayload {
      ...Tokens
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment Tokens on AuthPayload {
  accessToken
  refreshToken
  expiresAt
}`) as unknown as TypedDocumentString<RefreshTokensMutation, RefreshTokensMutationVariables>;
export const LogOutDocument = new TypedDocumentString(`
    mutation LogOut {
  logOut {
    __typename
    ... on LoggedOut {
      endedSessions
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<LogOutMutation, LogOutMutationVariables>;
export const MeDocument = new TypedDocumentString(`
    query Me {
  me {
    id
    name
    skillLevel
  }
  currentMatch {
    id
    status
    session {
      id
      status
    }
  }
}
    `) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const ProfileDocument = new TypedDocumentString(`
    query Profile {
  me {
    ...ProfileParts
    skill {
      rating
      deviation
      sessions
      byTopic {
        topic
        rating
        deviation
        sessions
        level
      }
    }
    progress {
      solved
      attempted
      seen
      currentStreak
      longestStreak
      solvedByDifficulty {
        difficulty
        count
      }
    }
  }
  myAuthSessions {
    id
    lastUsedAt
    userAgent
    isCurrent
  }
  blockedUsers {
    id
    name
  }
}
    fragment ProfileParts on User {
  id
  name
  bio
  timeZone
  preferredLanguages
  preferredTopics
  links
  email
  emailVerified
  skillLevel
  selfAssessment
  version
}`) as unknown as TypedDocumentString<ProfileQuery, ProfileQueryVariables>;
export const RatingHistoryDocument = new TypedDocumentString(`
    query RatingHistory($topic: String!) {
  me {
    id
    ratingHistory(topic: $topic, first: 100) {
      edges {
        node {
          recordedAt
          rating
          deviation
          level
          session {
            id
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RatingHistoryQuery, RatingHistoryQueryVariables>;
export const UpdateProfileDocument = new TypedDocumentString(`
    mutation UpdateProfile($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    __typename
    ... on User {
      ...ProfileParts
    }
    ... on VersionConflict {
      currentVersion
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment ProfileParts on User {
  id
  name
  bio
  timeZone
  preferredLanguages
  preferredTopics
  links
  email
  emailVerified
  skillLevel
  selfAssessment
  version
}`) as unknown as TypedDocumentString<UpdateProfileMutation, UpdateProfileMutationVariables>;
export const RevokeSessionDocument = new TypedDocumentString(`
    mutation RevokeSession($sessionId: ID!) {
  revokeSession(sessionId: $sessionId) {
    __typename
    ... on LoggedOut {
      endedSessions
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RevokeSessionMutation, RevokeSessionMutationVariables>;
export const UnblockUserDocument = new TypedDocumentString(`
    mutation UnblockUser($userId: ID!) {
  unblockUser(userId: $userId) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<UnblockUserMutation, UnblockUserMutationVariables>;
export const BlockUserDocument = new TypedDocumentString(`
    mutation BlockUser($userId: ID!) {
  blockUser(userId: $userId) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<BlockUserMutation, BlockUserMutationVariables>;
export const PlaybackDocument = new TypedDocumentString(`
    query Playback($id: ID!) {
  session(id: $id) {
    id
    status
    createdAt
    endedAt
    language
    myRole
    participants {
      ...ParticipantParts
    }
    question {
      title
      difficulty
    }
    messages(first: 100) {
      edges {
        node {
          ...ChatMessage
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    runs(first: 100) {
      ...RunParts
    }
  }
}
    fragment ChatMessage on SessionMessage {
  id
  message
  createdAt
  editedAt
  deletedAt
  nonce
  author {
    id
    name
  }
  replyTo {
    id
    message
    deletedAt
    author {
      id
      name
    }
  }
}
fragment RunParts on Run {
  id
  kind
  language
  status
  verdict
  passed
  total
  timeMs
  memoryKb
  compileOutput
  createdAt
  startedBy {
    id
    name
  }
  cases {
    number
    isHidden
    verdict
    timeMs
    memoryKb
    input
    expected
    actual
    stdout
    stderr
    difference
  }
}
fragment ParticipantParts on Participant {
  userId
  role
  color
  isOnline
  user {
    id
    name
  }
}`) as unknown as TypedDocumentString<PlaybackQuery, PlaybackQueryVariables>;
export const SessionHistoryDocument = new TypedDocumentString(`
    query SessionHistory($id: ID!, $after: Int!) {
  sessionHistory(sessionId: $id, first: 400, after: $after) {
    seq
    at
    kind
    userId
    textName
    edits {
      position
      deleted
      inserted
    }
    messageId
    runId
  }
}
    `) as unknown as TypedDocumentString<SessionHistoryQuery, SessionHistoryQueryVariables>;
export const ExportSessionDocument = new TypedDocumentString(`
    query ExportSession($id: ID!, $format: ExportFormat!) {
  sessionExport(sessionId: $id, format: $format) {
    filename
    contentType
    content
  }
}
    `) as unknown as TypedDocumentString<ExportSessionQuery, ExportSessionQueryVariables>;
export const RestoreVersionDocument = new TypedDocumentString(`
    mutation RestoreVersion($input: RestoreVersionInput!) {
  restoreVersion(input: $input) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RestoreVersionMutation, RestoreVersionMutationVariables>;
export const VersionDocument = new TypedDocumentString(`
    query Version($id: ID!, $seq: Int!) {
  sessionVersion(sessionId: $id, seq: $seq) {
    seq
    textName
    language
    code
  }
}
    `) as unknown as TypedDocumentString<VersionQuery, VersionQueryVariables>;
export const QuestionsDocument = new TypedDocumentString(`
    query Questions($filter: QuestionFilterInput, $order: QuestionOrder!, $first: Int! = 20, $after: String) {
  questions(filter: $filter, order: $order, first: $first, after: $after) {
    totalCount
    edges {
      node {
        id
        slug
        title
        difficulty
        categories
        myProgress {
          status
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<QuestionsQuery, QuestionsQueryVariables>;
export const CategoriesDocument = new TypedDocumentString(`
    query Categories {
  categories {
    name
    count
  }
}
    `) as unknown as TypedDocumentString<CategoriesQuery, CategoriesQueryVariables>;
export const QuestionBySlugDocument = new TypedDocumentString(`
    query QuestionBySlug($slug: String!) {
  question(slug: $slug) {
    ...QuestionText
    starterCode {
      language
      code
    }
    myProgress {
      status
      attempts
    }
    statistics {
      attempts
      acceptanceRate
    }
  }
}
    fragment QuestionText on Question {
  id
  title
  description
  difficulty
  categories
  constraints
  hiddenCaseCount
  samples {
    id
    args
    expected
    explanation
  }
  hints
  provenance {
    source
    url
    licence
  }
}`) as unknown as TypedDocumentString<QuestionBySlugQuery, QuestionBySlugQueryVariables>;
export const SessionByIdDocument = new TypedDocumentString(`
    query SessionById($id: ID!) {
  session(id: $id) {
    ...SessionParts
    messages(first: 100) {
      edges {
        node {
          ...ChatMessage
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    runs(first: 20) {
      ...RunParts
    }
  }
  toolchains {
    language
    version
  }
}
    fragment QuestionText on Question {
  id
  title
  description
  difficulty
  categories
  constraints
  hiddenCaseCount
  samples {
    id
    args
    expected
    explanation
  }
  hints
  provenance {
    source
    url
    licence
  }
}
fragment ChatMessage on SessionMessage {
  id
  message
  createdAt
  editedAt
  deletedAt
  nonce
  author {
    id
    name
  }
  replyTo {
    id
    message
    deletedAt
    author {
      id
      name
    }
  }
}
fragment RunParts on Run {
  id
  kind
  language
  status
  verdict
  passed
  total
  timeMs
  memoryKb
  compileOutput
  createdAt
  startedBy {
    id
    name
  }
  cases {
    number
    isHidden
    verdict
    timeMs
    memoryKb
    input
    expected
    actual
    stdout
    stderr
    difference
  }
}
fragment ParticipantParts on Participant {
  userId
  role
  color
  isOnline
  user {
    id
    name
  }
}
fragment SessionParts on Session {
  id
  status
  language
  round
  phase
  phaseEndsAt
  createdAt
  startedAt
  endedAt
  endReason
  myRole
  participants {
    ...ParticipantParts
  }
  question {
    ...QuestionText
  }
  interviewMaterial {
    hints
    solution
  }
  match {
    id
  }
}`) as unknown as TypedDocumentString<SessionByIdQuery, SessionByIdQueryVariables>;
export const SessionMessagesDocument = new TypedDocumentString(`
    query SessionMessages($id: ID!, $after: String!) {
  session(id: $id) {
    id
    messages(first: 100, after: $after) {
      edges {
        node {
          ...ChatMessage
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    fragment ChatMessage on SessionMessage {
  id
  message
  createdAt
  editedAt
  deletedAt
  nonce
  author {
    id
    name
  }
  replyTo {
    id
    message
    deletedAt
    author {
      id
      name
    }
  }
}`) as unknown as TypedDocumentString<SessionMessagesQuery, SessionMessagesQueryVariables>;
export const SessionEventsDocument = new TypedDocumentString(`
    subscription SessionEvents($sessionId: ID!, $after: Int, $epoch: ID) {
  sessionEvents(sessionId: $sessionId, after: $after, epoch: $epoch) {
    __typename
    seq
    ... on SessionHello {
      epoch
      headSeq
      resumedFrom
      role
      isPolite
      language
      textName
      onlineUserIds
      awareness
    }
    ... on SessionResync {
      reason
      epoch
      headSeq
    }
    ... on DocumentUpdated {
      userId
      updates
    }
    ... on DocumentTextChanged {
      language
      textName
      cause
      userId
    }
    ... on SessionAwarenessChanged {
      userId
      update
    }
    ... on SessionPresenceChanged {
      onlineUserIds
    }
    ... on SessionTypingChanged {
      userId
      isTyping
    }
    ... on SessionSignalReceived {
      fromUserId
      kind
      payload
    }
    ... on SessionMessageChanged {
      change
      messageId
      message {
        ...ChatMessage
      }
    }
    ... on SessionRunChanged {
      runId
      isFinished
      run {
        ...RunParts
      }
    }
    ... on SessionPhaseChanged {
      phase
      endsAt
    }
    ... on SessionTimerElapsed {
      phase
    }
    ... on SessionRolesChanged {
      participants {
        ...ParticipantParts
      }
    }
    ... on SessionQuestionChanged {
      round
      question {
        id
        title
      }
    }
    ... on SessionEnded {
      endReason
      userId
    }
  }
}
    fragment ChatMessage on SessionMessage {
  id
  message
  createdAt
  editedAt
  deletedAt
  nonce
  author {
    id
    name
  }
  replyTo {
    id
    message
    deletedAt
    author {
      id
      name
    }
  }
}
fragment RunParts on Run {
  id
  kind
  language
  status
  verdict
  passed
  total
  timeMs
  memoryKb
  compileOutput
  createdAt
  startedBy {
    id
    name
  }
  cases {
    number
    isHidden
    verdict
    timeMs
    memoryKb
    input
    expected
    actual
    stdout
    stderr
    difference
  }
}
fragment ParticipantParts on Participant {
  userId
  role
  color
  isOnline
  user {
    id
    name
  }
}`) as unknown as TypedDocumentString<SessionEventsSubscription, SessionEventsSubscriptionVariables>;
export const SendMessageDocument = new TypedDocumentString(`
    mutation SendMessage($input: SendMessageInput!) {
  sendMessage(input: $input) {
    __typename
    ... on SessionMessage {
      ...ChatMessage
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment ChatMessage on SessionMessage {
  id
  message
  createdAt
  editedAt
  deletedAt
  nonce
  author {
    id
    name
  }
  replyTo {
    id
    message
    deletedAt
    author {
      id
      name
    }
  }
}`) as unknown as TypedDocumentString<SendMessageMutation, SendMessageMutationVariables>;
export const EditMessageDocument = new TypedDocumentString(`
    mutation EditMessage($input: EditMessageInput!) {
  editMessage(input: $input) {
    __typename
    ... on SessionMessage {
      ...ChatMessage
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment ChatMessage on SessionMessage {
  id
  message
  createdAt
  editedAt
  deletedAt
  nonce
  author {
    id
    name
  }
  replyTo {
    id
    message
    deletedAt
    author {
      id
      name
    }
  }
}`) as unknown as TypedDocumentString<EditMessageMutation, EditMessageMutationVariables>;
export const DeleteMessageDocument = new TypedDocumentString(`
    mutation DeleteMessage($input: DeleteMessageInput!) {
  deleteMessage(input: $input) {
    __typename
    ... on SessionMessage {
      ...ChatMessage
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment ChatMessage on SessionMessage {
  id
  message
  createdAt
  editedAt
  deletedAt
  nonce
  author {
    id
    name
  }
  replyTo {
    id
    message
    deletedAt
    author {
      id
      name
    }
  }
}`) as unknown as TypedDocumentString<DeleteMessageMutation, DeleteMessageMutationVariables>;
export const SetTypingDocument = new TypedDocumentString(`
    mutation SetTyping($input: SetTypingInput!) {
  setTyping(input: $input) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SetTypingMutation, SetTypingMutationVariables>;
export const SendSignalDocument = new TypedDocumentString(`
    mutation SendSignal($input: SendSignalInput!) {
  sendSignal(input: $input) {
    __typename
    ... on Error {
      code
      message
      retryable
    }
  }
}
    `) as unknown as TypedDocumentString<SendSignalMutation, SendSignalMutationVariables>;
export const IceServersDocument = new TypedDocumentString(`
    query IceServers($sessionId: ID!) {
  iceServers(sessionId: $sessionId) {
    urls
    username
    credential
  }
}
    `) as unknown as TypedDocumentString<IceServersQuery, IceServersQueryVariables>;
export const ChangeLanguageDocument = new TypedDocumentString(`
    mutation ChangeLanguage($input: ChangeLanguageInput!) {
  changeLanguage(input: $input) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ChangeLanguageMutation, ChangeLanguageMutationVariables>;
export const SetPhaseDocument = new TypedDocumentString(`
    mutation SetPhase($input: SetPhaseInput!) {
  setPhase(input: $input) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SetPhaseMutation, SetPhaseMutationVariables>;
export const SwapRolesDocument = new TypedDocumentString(`
    mutation SwapRoles($input: SwapRolesInput!) {
  swapRoles(input: $input) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SwapRolesMutation, SwapRolesMutationVariables>;
export const RunCodeDocument = new TypedDocumentString(`
    mutation RunCode($input: RunCodeInput!) {
  runCode(input: $input) {
    __typename
    ... on Run {
      ...RunParts
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment RunParts on Run {
  id
  kind
  language
  status
  verdict
  passed
  total
  timeMs
  memoryKb
  compileOutput
  createdAt
  startedBy {
    id
    name
  }
  cases {
    number
    isHidden
    verdict
    timeMs
    memoryKb
    input
    expected
    actual
    stdout
    stderr
    difference
  }
}`) as unknown as TypedDocumentString<RunCodeMutation, RunCodeMutationVariables>;
export const SubmitSolutionDocument = new TypedDocumentString(`
    mutation SubmitSolution($input: SubmitSolutionInput!) {
  submitSolution(input: $input) {
    __typename
    ... on Run {
      ...RunParts
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment RunParts on Run {
  id
  kind
  language
  status
  verdict
  passed
  total
  timeMs
  memoryKb
  compileOutput
  createdAt
  startedBy {
    id
    name
  }
  cases {
    number
    isHidden
    verdict
    timeMs
    memoryKb
    input
    expected
    actual
    stdout
    stderr
    difference
  }
}`) as unknown as TypedDocumentString<SubmitSolutionMutation, SubmitSolutionMutationVariables>;
export const EndSessionDocument = new TypedDocumentString(`
    mutation EndSession($input: EndSessionInput!) {
  endSession(input: $input) {
    __typename
    ... on Session {
      id
      status
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<EndSessionMutation, EndSessionMutationVariables>;
export const MyNotesDocument = new TypedDocumentString(`
    query MyNotes($id: ID!) {
  session(id: $id) {
    id
    myNotes {
      text
      version
      updatedAt
    }
  }
}
    `) as unknown as TypedDocumentString<MyNotesQuery, MyNotesQueryVariables>;
export const SaveNotesDocument = new TypedDocumentString(`
    mutation SaveNotes($input: SaveNotesInput!) {
  saveNotes(input: $input) {
    __typename
    ... on Notes {
      text
      version
      updatedAt
    }
    ... on VersionConflict {
      currentVersion
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SaveNotesMutation, SaveNotesMutationVariables>;
export const InviteViewerDocument = new TypedDocumentString(`
    mutation InviteViewer($input: InviteViewerInput!) {
  inviteViewer(input: $input) {
    __typename
    ... on Invitation {
      code
      expiresAt
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<InviteViewerMutation, InviteViewerMutationVariables>;
export const AcceptInvitationDocument = new TypedDocumentString(`
    mutation AcceptInvitation($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) {
    __typename
    ... on Session {
      id
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<AcceptInvitationMutation, AcceptInvitationMutationVariables>;
export const RemoveViewerDocument = new TypedDocumentString(`
    mutation RemoveViewer($input: RemoveViewerInput!) {
  removeViewer(input: $input) {
    __typename
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RemoveViewerMutation, RemoveViewerMutationVariables>;
export const FeedbackOfDocument = new TypedDocumentString(`
    query FeedbackOf($id: ID!) {
  session(id: $id) {
    id
    feedback {
      given {
        ...FeedbackParts
      }
      received {
        ...FeedbackParts
      }
    }
  }
}
    fragment FeedbackParts on Feedback {
  rating
  hasSolved
  comment
  rubric {
    axis
    score
  }
  createdAt
  author {
    name
  }
}`) as unknown as TypedDocumentString<FeedbackOfQuery, FeedbackOfQueryVariables>;
export const GiveFeedbackDocument = new TypedDocumentString(`
    mutation GiveFeedback($input: GiveFeedbackInput!) {
  giveFeedback(input: $input) {
    __typename
    ... on Feedback {
      ...FeedbackParts
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment FeedbackParts on Feedback {
  rating
  hasSolved
  comment
  rubric {
    axis
    score
  }
  createdAt
  author {
    name
  }
}`) as unknown as TypedDocumentString<GiveFeedbackMutation, GiveFeedbackMutationVariables>;