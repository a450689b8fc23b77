/** People for tests: signed up, and two of them matched into a session. */
import { followMatch, HttpClient, LiveSocket, type StreamEvent, TokenKeeper, type Tokens } from "@tandem/live";
import { WebSocket } from "ws";

const SIGN_UP = `mutation($input: SignUpInput!) {
  signUp(input: $input) { __typename ... on AuthPayload { accessToken refreshToken expiresAt user { id name } } ... on Error { code message } }
}`;
const REFRESH = `mutation($input: RefreshTokensInput!) {
  refreshTokens(input: $input) { __typename ... on AuthPayload { accessToken refreshToken expiresAt } ... on Error { code message } }
}`;
const REQUEST = `mutation($input: RequestMatchInput!) { requestMatch(input: $input) { __typename ... on Error { code message } } }`;
const MATCH_EVENTS = `subscription($after: MatchEventCursorInput) {
  matchEvents(after: $after) { __typename epoch seq ... on MatchMade { match { session { id } } } }
}`;

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly tokens: TokenKeeper;
  readonly http: HttpClient;
  /** A socket of one's own, as each tab has. */
  socket(): LiveSocket;
}

export async function signUp(graphql: string, name: string): Promise<Person> {
  const visitor = new HttpClient({ url: graphql });
  const email = `${name}.${Date.now()}.${Math.floor(Math.random() * 1e6)}@example.org`.toLowerCase();
  const password = `a long password of ${name}`;
  const input = { name, email, password, selfAssessment: "INTERMEDIATE" };
  const { signUp: answer } = await visitor.request<{ signUp: Tokens & { user: { id: string } } }>(SIGN_UP, { input });
  if (!answer.accessToken) throw new Error(`sign-up failed: ${JSON.stringify(answer)}`);
  const tokens = new TokenKeeper({
    refresh: async (refreshToken) => {
      const { refreshTokens } = await visitor.request<{ refreshTokens: Tokens }>(REFRESH, { input: { refreshToken } });
      return refreshTokens.accessToken ? refreshTokens : null;
    },
  });
  tokens.set(answer);
  const http = new HttpClient({ url: graphql, tokens });
  const socket = (): LiveSocket => new LiveSocket({ url: graphql, tokens, webSocketImpl: WebSocket });
  return { id: answer.user.id, name, email, password, tokens, http, socket };
}

/** Both ask for a partner; the id of the session that they get. */
export async function matchedSession(people: readonly [Person, Person], language = "PYTHON"): Promise<string> {
  const input = { language, difficulty: "EASY", topics: [] };
  const ids = await Promise.all(
    people.map(async (person) => {
      await person.http.request(REQUEST, { input });
      const socket = person.socket();
      const id = await new Promise<string>((resolve) => {
        followMatch<StreamEvent & { match?: { session: { id: string } } }>({
          socket,
          document: MATCH_EVENTS,
          onEvent: (event) => event.__typename === "MatchMade" && event.match && resolve(event.match.session.id),
        });
      });
      await socket.close();
      return id;
    }),
  );
  if (ids[0] !== ids[1]) throw new Error(`Two sessions: ${ids.join(", ")}`);
  return ids[0] as string;
}
