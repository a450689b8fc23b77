/** Tokens: one refresh at a time, shared storage, log-out; and backoff. */
import { describe, expect, test, vi } from "vitest";

import { Backoff, HttpClient, OperationRefused, TokenKeeper, type Tokens, type TokenStorage } from "../src/index.js";

class Memory implements TokenStorage {
  readonly #values = new Map<string, string>();
  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }
  removeItem(key: string): void {
    this.#values.delete(key);
  }
}

const tokens = (name: string, seconds = 900): Tokens => ({
  accessToken: `access-${name}`,
  refreshToken: `refresh-${name}`,
  expiresAt: new Date(Date.now() + seconds * 1000).toISOString(),
});

describe("the keeper of tokens", () => {
  test("refreshes once, however many ask", async () => {
    const refresh = vi.fn(async () => tokens("2"));
    const keeper = new TokenKeeper({ refresh });
    keeper.set(tokens("1", 5));
    expect(await Promise.all([keeper.current(), keeper.current(), keeper.renew("access-1")])).toEqual(Array(3).fill("access-2"));
    expect(refresh).toHaveBeenCalledTimes(1);
    keeper.close();
  });

  test("takes the tokens that another tab has fetched instead of using an old refresh token twice", async () => {
    const storage = new Memory();
    const refresh = vi.fn(async () => tokens("3"));
    const first = new TokenKeeper({ refresh, storage });
    first.set(tokens("1"));
    const second = new TokenKeeper({ refresh, storage });
    second.set(tokens("2"));
    expect(await first.renew("access-1")).toBe("access-2");
    expect(refresh).not.toHaveBeenCalled();
    first.close();
    second.close();
  });

  test("logs out and tells so when the refresh token is no longer good", async () => {
    const keeper = new TokenKeeper({ refresh: async () => null, storage: new Memory() });
    const seen: (string | null)[] = [];
    keeper.onChange((token) => seen.push(token));
    keeper.set(tokens("1"));
    expect(await keeper.renew("access-1")).toBeNull();
    expect(seen).toEqual(["access-1", null]);
    expect(keeper.isLoggedIn).toBe(false);
  });
});

test("a request whose token is refused is sent once more with a new one", async () => {
  const keeper = new TokenKeeper({ refresh: async () => tokens("2") });
  keeper.set(tokens("1"));
  const sent: (string | null)[] = [];
  const client = new HttpClient({
    url: "http://gateway.test/graphql",
    tokens: keeper,
    fetch: async (_url, init) => {
      const token = new Headers(init?.headers).get("authorization");
      sent.push(token);
      const answer = token?.endsWith("access-2")
        ? { data: { me: "ada" } }
        : { errors: [{ message: "no", extensions: { code: "NOT_AUTHENTICATED" } }] };
      return new Response(JSON.stringify(answer));
    },
  });
  expect(await client.request("{ me }")).toEqual({ me: "ada" });
  expect(sent).toEqual(["Bearer access-1", "Bearer access-2"]);
  keeper.close();
});

test("a request that gets no JSON is a lost connection, and one without data a refusal", async () => {
  const answers = [new Response("<html>", { status: 502 }), new Response('{"errors":[{"message":"bad"}]}')];
  const client = new HttpClient({ url: "http://gateway.test", fetch: async () => answers.shift() as Response });
  await expect(client.request("{ a }")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  await expect(client.request("{ a }")).rejects.toBeInstanceOf(OperationRefused);
});

test("waits double up to the longest, are spread, and begin anew after a success", () => {
  const backoff = new Backoff({ first: 100, longest: 350, random: () => 1 });
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([100, 200, 350, 350]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
  expect(new Backoff({ first: 100, random: () => 0 }).next()).toBe(50);
});
