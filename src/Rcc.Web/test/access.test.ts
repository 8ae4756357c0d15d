import { afterEach, describe, expect, it, vi } from "vitest";
import { Access, SecondFactorNeeded, Unauthenticated } from "../client/index.ts";

const agent = { account: "acme", email: "ada@acme.example", password: "pass", deviceName: "desk" };
const session = { access_token: "secret", account_id: "a", person_id: "p", device_id: "d", role: "master_agent", name: "Ada" };

function answer(status: number, body: object): { readonly asked: { path: string; body: unknown }[] } {
  const asked: { path: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", (url: URL, init: RequestInit) => {
    asked.push({ path: url.pathname, body: JSON.parse(init.body as string) });
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return { asked };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("A second factor", () => {
  it.each(["secondFactorRequired", "secondFactorEnrolmentRequired"] as const)("is asked for by %s", async (code) => {
    answer(401, { code, detail: "A code is needed." });
    const refused = await new Access("http://rcc.test").signIn(agent).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SecondFactorNeeded);
    expect(refused).toMatchObject({ code, message: "A code is needed." });
  });

  it("goes with the password", async () => {
    const { asked } = answer(200, session);
    const signedIn = await new Access("http://rcc.test").signIn({ ...agent, code: "123456" });
    expect(signedIn).toEqual({ accessToken: "secret", accountId: "a", personId: "p", deviceId: "d", role: "masterAgent", name: "Ada" });
    expect(asked).toEqual([{ path: "/api/v1/auth/sign_in", body: { account: "acme", email: "ada@acme.example", password: "pass", device_name: "desk", code: "123456" } }]);
  });

  it("is enrolled before the first sign-in with it, which brings recovery codes", async () => {
    answer(200, { secret: "ABC", uri: "otpauth://totp/Acme" });
    expect(await new Access("http://rcc.test").enrol(agent)).toEqual({ secret: "ABC", uri: "otpauth://totp/Acme" });
    const { asked } = answer(200, { ...session, recovery_codes: ["one", "two"] });
    const signedIn = await new Access("http://rcc.test").confirm({ ...agent, code: "123456" });
    expect(signedIn.recoveryCodes).toEqual(["one", "two"]);
    expect(asked[0]?.path).toBe("/api/v1/auth/second_factor/confirm");
  });
});

describe("A sign-in by a provider", () => {
  it("is begun with a secret and finished with what the browser brings", async () => {
    const access = new Access("http://rcc.test");
    const start = await access.beginOidc({ account: "acme", returnUrl: "https://desk.test/back?a=b", invitation: "rcci_x" });
    const url = new URL(start.url);
    expect(start.verifier).toMatch(/^[\w-]{43}$/);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(start.verifier)));
    expect(url.pathname).toBe("/api/v1/auth/oidc/start");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      account: "acme",
      return_url: "https://desk.test/back?a=b",
      code_challenge: Buffer.from(digest).toString("base64url"),
      invitation: "rcci_x",
    });
    expect((await access.beginOidc({ account: "acme", returnUrl: "https://desk.test/" })).verifier).not.toBe(start.verifier);

    const { asked } = answer(200, session);
    expect(await access.finishOidc(start, "https://desk.test/back?a=b#code=rccx_y", "desk")).toMatchObject({ accessToken: "secret", role: "masterAgent" });
    expect(asked).toEqual([{ path: "/api/v1/auth/oidc/token", body: { code: "rccx_y", code_verifier: start.verifier, device_name: "desk" } }]);
  });

  it("that the provider refused asks the server nothing", async () => {
    const { asked } = answer(200, session);
    const refused = await new Access("http://rcc.test").finishOidc({ verifier: "v" }, "https://desk.test/#error=access_denied", "desk").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Unauthenticated);
    expect(refused).toMatchObject({ message: "access_denied" });
    expect(asked).toEqual([]);
  });
});
