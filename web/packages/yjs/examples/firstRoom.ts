import { followMatch, HttpClient, LiveSocket, TokenKeeper } from "@tandem/live";
import { MatchEventsDocument, type MatchEventsSubscription, RefreshTokensDocument, RequestMatchDocument, SignUpDocument } from "@tandem/schema";
import { SessionProvider } from "@tandem/yjs";

const url = "http://localhost:4000/graphql";
const visitor = new HttpClient({ url });

// 1. Tokens are kept, refreshed before they end, and shared between tabs.
export const tokens = new TokenKeeper({
  storage: localStorage,
  refresh: async (refreshToken) => {
    const { refreshTokens } = await visitor.request(RefreshTokensDocument, { input: { refreshToken } });
    return refreshTokens.__typename === "AuthPayload" ? refreshTokens : null;
  },
});
export const http = new HttpClient({ url, tokens });
export const socket = new LiveSocket({ url, tokens });

export async function signUp(name: string, email: string, password: string): Promise<void> {
  const { signUp: answer } = await visitor.request(SignUpDocument, { input: { name, email, password } });
  if (answer.__typename !== "AuthPayload") throw new Error(answer.message); // EmailTaken, InvalidInput, ...
  tokens.set(answer);
}

// 2. Ask for a partner. The stream begins with the events of one's ticket, so subscribing afterwards misses nothing.
export async function findPartner(): Promise<string> {
  await http.request(RequestMatchDocument, { input: { language: "PYTHON", difficulty: "EASY", topics: [] } });
  return new Promise((resolve) => {
    const stream = followMatch<MatchEventsSubscription["matchEvents"]>({
      socket,
      document: MatchEventsDocument,
      onEvent: (event) => {
        if (event.__typename !== "MatchMade" || !event.match?.session) return;
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
