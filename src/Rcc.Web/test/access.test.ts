import { afterEach, describe, expect, it, vi } from "vitest";
import { Access, SecondFactorNeeded } from "../client/index.ts";

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
