import { followMatch, HttpClient, LiveSocket, type StreamEvent, TokenKeeper, type Tokens } from "@tandem/live";
import { SessionProvider } from "@tandem/yjs";

const url = "http://localhost:4000/graphql";
const visitor = new HttpClient({ url });

// 1. Tokens are kept, refreshed before they end, and shared between tabs.
const AUTH = "... on AuthPayload { accessToken refreshToken expiresAt } ... on Error { message }";
export const tokens = new TokenKeeper({
  storage: localStorage,
  refresh: async (refreshToken) => {
    const document = `mutation($input: RefreshTokensInput!) { refreshTokens(input: $input) { ${AUTH} } }`;
    const { refreshTokens } = await visitor.request<{ refreshTokens: Tokens }>(document, { input: { refreshToken } });
    return refreshTokens.accessToken ? refreshTokens : null;
  },
});
const http = new HttpClient({ url, tokens });
const socket = new LiveSocket({ url, tokens });

export async function signUp(name: string, email: string, password: string): Promise<void> {
  const document = `mutation($input: SignUpInput!) { signUp(input: $input) { ${AUTH} } }`;
  const { signUp: answer } = await visitor.request<{ signUp: Tokens & { message?: string } }>(document, { input: { name, email, password } });
  if (!answer.accessToken) throw new Error(answer.message);
  tokens.set(answer);
}

// 2. Ask for a partner. The stream begins with the events of one's ticket, so subscribing afterwards misses nothing.
export async function findPartner(): Promise<string> {
  const document = "mutation($input: RequestMatchInput!) { requestMatch(input: $input) { __typename ... on Error { message } } }";
  await http.request(document, { input: { language: "PYTHON", difficulty: "EASY", topics: [] } });
  return new Promise((resolve) => {
    const stream = followMatch<StreamEvent & { match?: { session: { id: string } } }>({
      socket,
      document: `subscription($after: MatchEventCursorInput) {
        matchEvents(after: $after) { __typename epoch seq ... on MatchMade { match { session { id } } } }
      }`,
      onEvent: (event) => {
        if (!event.match) return;
        stream.close();
        resolve(event.match.session.id);
      },
    });
  });
}

// 3. The room. Bind provider.text and provider.awareness to an editor when status.isLoaded.
export function openRoom(sessionId: string, onStatus: (isSaved: boolean) => void): SessionProvider {
  return new SessionProvider({ sessionId, http, socket, onStatus: ({ unsaved }) => onStatus(unsaved === 0) });
}
