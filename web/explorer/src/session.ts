/** Who is logged in to the explorer: one click makes a person, or logs one in. */
import { HttpClient, LiveSocket, TokenKeeper, type Tokens } from "@tandem/live";

export const ENDPOINT = new URL("/graphql", location.href).href;

const REFRESH = `mutation Refresh($input: RefreshTokensInput!) {
  refreshTokens(input: $input) { ... on AuthPayload { accessToken refreshToken expiresAt } }
}`;
const AUTH_FIELDS = `__typename
  ... on AuthPayload { accessToken refreshToken expiresAt user { name } }
  ... on Error { code message }`;
const LOG_IN = `mutation LogIn($input: LogInInput!) { answer: logIn(input: $input) { ${AUTH_FIELDS} } }`;
const SIGN_UP = `mutation SignUp($input: SignUpInput!) { answer: signUp(input: $input) { ${AUTH_FIELDS} } }`;

const visitor = new HttpClient({ url: ENDPOINT });

export const tokens = new TokenKeeper({
  storage: localStorage,
  key: "tandem.explorer.tokens",
  refresh: async (refreshToken) => {
    const { refreshTokens } = await visitor.request<{ refreshTokens: Partial<Tokens> }>(REFRESH, { input: { refreshToken } });
    return refreshTokens.accessToken ? (refreshTokens as Tokens) : null;
  },
});

export const socket = new LiveSocket({ url: ENDPOINT, tokens });

type AuthAnswer = Tokens & { user?: { name: string }; message?: string };

async function enter(document: string, input: Record<string, string>): Promise<string> {
  const { answer } = await visitor.request<{ answer: AuthAnswer }>(document, { input });
  if (!answer.accessToken) throw new Error(answer.message ?? "That did not work.");
  tokens.set({ accessToken: answer.accessToken, refreshToken: answer.refreshToken, expiresAt: answer.expiresAt });
  const name = answer.user?.name ?? "somebody";
  localStorage.setItem("tandem.explorer.name", name);
  return name;
}

export function logIn(email: string, password: string): Promise<string> {
  return enter(LOG_IN, { email, password });
}

const NAMES = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia", "Tony", "Frances"];

/** Make a person to try things with, and log in as them. */
export function signUpSomebody(): Promise<string> {
  const number = Date.now().toString(36);
  const name = `${NAMES[Math.floor(Math.random() * NAMES.length)]} ${number.slice(-4)}`;
  return enter(SIGN_UP, { name, email: `explorer.${number}@example.org`, password: `explorer ${crypto.randomUUID()}` });
}

export function logOut(): void {
  tokens.set(null);
  localStorage.removeItem("tandem.explorer.name");
}

export function nameOfLastLogIn(): string | null {
  return tokens.isLoggedIn ? localStorage.getItem("tandem.explorer.name") : null;
}
