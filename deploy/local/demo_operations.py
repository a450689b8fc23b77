"""The GraphQL of the demo's journey, as a front end would write it; the README shows the same."""

ERROR = "... on Error { code message }"

SIGN_UP = f"""
mutation SignUp($input: SignUpInput!) {{
  signUp(input: $input) {{ __typename ... on AuthPayload {{ user {{ id name }} }} {ERROR} }}
}}"""

LOG_IN = f"""
mutation LogIn($input: LogInInput!) {{
  logIn(input: $input) {{ __typename ... on AuthPayload {{ accessToken refreshToken expiresAt }} {ERROR} }}
}}"""

REFRESH = f"""
mutation Refresh($input: RefreshTokensInput!) {{
  refreshTokens(input: $input) {{ __typename ... on AuthPayload {{ accessToken refreshToken expiresAt }} {ERROR} }}
}}"""

UPDATE_PROFILE = f"""
mutation UpdateProfile($input: UpdateProfileInput!) {{
  updateProfile(input: $input) {{ __typename ... on User {{ id name selfAssessment }} {ERROR} }}
}}"""

QUESTIONS = """
query Questions($filter: QuestionFilterInput, $first: Int! = 20, $after: String) {
  questions(filter: $filter, first: $first, after: $after) {
    totalCount
    edges { node { id title difficulty categories } }
    pageInfo { hasNextPage endCursor }
  }
}"""

REQUEST_MATCH = f"""
mutation RequestMatch($input: RequestMatchInput!) {{
  requestMatch(input: $input) {{ __typename {ERROR} }}
}}"""

MATCH_EVENTS = """
subscription MatchEvents {
  matchEvents {
    __typename
    ... on MatchMade { match { id partner { id name } question { id title } session { id } } }
  }
}"""

SESSION_EVENTS = """
subscription SessionEvents($sessionId: ID!) {
  sessionEvents(sessionId: $sessionId) {
    __typename
    ... on SessionHello { epoch onlineUserIds }
    ... on DocumentUpdated { userId updates }
    ... on SessionMessageChanged { change message { message author { name } } }
    ... on DocumentTextChanged { language textName }
    ... on SessionPresenceChanged { onlineUserIds }
    ... on SessionRunChanged { runId isFinished run { verdict passed total } }
  }
}"""

DOCUMENT = "query Document($sessionId: ID!) { document(sessionId: $sessionId) { epoch seq textName updates } }"

PUSH_UPDATES = f"""
mutation PushUpdates($input: PushUpdatesInput!) {{
  pushUpdates(input: $input) {{ __typename {ERROR} }}
}}"""

SEND_MESSAGE = f"""
mutation SendMessage($input: SendMessageInput!) {{
  sendMessage(input: $input) {{ __typename {ERROR} }}
}}"""

CHANGE_LANGUAGE = f"""
mutation ChangeLanguage($input: ChangeLanguageInput!) {{
  changeLanguage(input: $input) {{ __typename {ERROR} }}
}}"""

RUN_CODE = f"""
mutation RunCode($input: RunCodeInput!) {{
  runCode(input: $input) {{ __typename ... on Run {{ id }} {ERROR} }}
}}"""

END_SESSION = f"""
mutation EndSession($input: EndSessionInput!) {{
  endSession(input: $input) {{ __typename ... on Session {{ status endedAt }} {ERROR} }}
}}"""

HISTORY = """
query History {
  me { matches { partner { name } question { title } session { status endedAt } } }
}"""
