import type { Role, Uuid } from "./contract.ts";
import { Unauthenticated } from "./transport.ts";

/** What signing in gives a device. The token is a secret: it belongs into the `Authorization` header and nowhere else. */
export interface Session {
  readonly accessToken: string;
  readonly accountId: Uuid;
  readonly personId: Uuid;
  readonly deviceId: Uuid;
}

/** An agent's session. */
export interface AgentSession extends Session {
  readonly role: Role;
  readonly name: string;
  /** When a second factor was confirmed with the sign-in: codes that let the agent in, each once, when its authenticator is lost. */
  readonly recoveryCodes?: readonly string[];
}

/** What an authenticator needs: the secret for people who type it, the URI for a picture. */
export interface SecondFactorEnrolment {
  readonly secret: string;
  readonly uri: string;
}

/** The password is right, but a code is needed besides; or the agent is to enrol a second factor first, see {@link Access.enrol}. */
export class SecondFactorNeeded extends Error {
  override readonly name = "SecondFactorNeeded";
  readonly code: "secondFactorRequired" | "secondFactorEnrolmentRequired";

  constructor(code: SecondFactorNeeded["code"], detail: string) {
    super(detail);
    this.code = code;
  }
}

/** How an agent signs in. */
export interface AgentSignIn {
  readonly account: string;
  readonly email: string;
  readonly password: string;
  /** What the person calls this device. */
  readonly deviceName: string;
  /** A code of the second factor, or a recovery code; asked for with {@link SecondFactorNeeded}. */
  readonly code?: string;
}

/** How a customer comes in: without `identifier` anonymous, with `identifierHash` (the tenant's HMAC of it) verified. */
export interface ContactEntry {
  readonly inboxIdentifier: string;
  readonly identifier?: string;
  readonly identifierHash?: string;
  readonly name?: string;
  readonly email?: string;
  readonly deviceName?: string;
}

/** A request the server has refused. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  /** After how many seconds it is worth trying again; absent when the server did not say. */
  readonly retryAfterSeconds?: number;

  constructor(status: number, detail: string, retryAfterSeconds?: number) {
    super(detail);
    this.status = status;
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A sign-in by an OpenID provider that was begun: where to send the browser, and a secret to keep until it is back. */
export interface OidcStart {
  readonly url: string;
  readonly verifier: string;
}

/** Signing in and out, by REST. */
export class Access {
  readonly #server: URL;

  constructor(server: string | URL) {
    this.#server = new URL(server);
  }

  /** An agent signs in on a device. Throws {@link SecondFactorNeeded} when the password alone is not enough. */
  async signIn(agent: AgentSignIn): Promise<AgentSession> {
    return agentSessionOf(await this.#post("/api/v1/auth/sign_in", bodyOf(agent)));
  }

  /** Begins a second factor for an agent who needs one to sign in. */
  async enrol({ account, email, password }: Pick<AgentSignIn, "account" | "email" | "password">): Promise<SecondFactorEnrolment> {
    const answer = await this.#post("/api/v1/auth/second_factor", { account, email, password });
    return { secret: textOf(answer, "secret"), uri: textOf(answer, "uri") };
  }

  /** Confirms the second factor with the authenticator's first code, and signs in with it. */
  async confirm(agent: AgentSignIn & { readonly code: string }): Promise<AgentSession> {
    return agentSessionOf(await this.#post("/api/v1/auth/second_factor/confirm", bodyOf(agent)));
  }

  /**
   * Begins a sign-in by the account's own OpenID provider. Keep what it gives (in `sessionStorage`, say), and send the browser to `url`; it comes back to `returnUrl`, which must be one of the account's, with a code
   * or an error in the fragment, and {@link finishOidc} takes it from there.
   */
  async beginOidc({ account, returnUrl, invitation }: { readonly account: string; readonly returnUrl: string; readonly invitation?: string }): Promise<OidcStart> {
    const verifier = base64Url(crypto.getRandomValues(new Uint8Array(32)));
    const challenge = base64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
    const url = new URL("/api/v1/auth/oidc/start", this.#server);
    const query = { account, return_url: returnUrl, code_challenge: challenge, ...(invitation === undefined ? {} : { invitation }) };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return { url: url.href, verifier };
  }

  /** Signs in with what the browser came back with: `returned` is the whole URL. Throws {@link Unauthenticated} when the provider did not let the person in. */
  async finishOidc({ verifier }: Pick<OidcStart, "verifier">, returned: string | URL, deviceName: string): Promise<AgentSession> {
    const said = new URLSearchParams(new URL(returned).hash.slice(1));
    const code = said.get("code");
    if (code === null) throw new Unauthenticated(said.get("error") ?? "The browser came back without a code.");
    return agentSessionOf(await this.#post("/api/v1/auth/oidc/token", { code, code_verifier: verifier, device_name: deviceName }));
  }

  /** A customer comes in by an inbox. */
  async enter({ inboxIdentifier, identifier, identifierHash, name, email, deviceName }: ContactEntry): Promise<Session> {
    const path = `/public/api/v1/inboxes/${encodeURIComponent(inboxIdentifier)}/contacts`;
    return sessionOf(await this.#post(path, { identifier, identifier_hash: identifierHash, name, email, device_name: deviceName }));
  }

  /** Ends a session, at once and everywhere. */
  async signOut({ accessToken }: Pick<Session, "accessToken">): Promise<void> {
    await this.#post("/api/v1/auth/sign_out", {}, accessToken);
  }

  /** A one-use ticket to open a connection with, where the token cannot be sent in a header. Throws {@link Unauthenticated} when the session has ended. */
  async ticket({ accessToken }: Pick<Session, "accessToken">): Promise<string> {
    return textOf(await this.#post("/api/v1/auth/ticket", {}, accessToken), "ticket");
  }

  async #post(path: string, body: object, accessToken?: string): Promise<Record<string, unknown>> {
    const response = await fetch(new URL(path, this.#server), {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` }) },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.ok) return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    const { code, ...problem } = problemOf(text);
    const detail = problem.detail ?? problem.title ?? `The server answered ${path} with ${response.status}.`;
    if (code === "secondFactorRequired" || code === "secondFactorEnrolmentRequired") throw new SecondFactorNeeded(code, detail);
    if (response.status === 401) throw new Unauthenticated(detail);
    throw new Refused(response.status, detail, retryAfterOf(response));
  }
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function bodyOf({ account, email, password, deviceName, code }: AgentSignIn): object {
  return { account, email, password, device_name: deviceName, code };
}

function agentSessionOf(answer: Record<string, unknown>): AgentSession {
  const recoveryCodes = answer["recovery_codes"];
  const session = { ...sessionOf(answer), role: roleOf(answer), name: textOf(answer, "name") };
  return Array.isArray(recoveryCodes) ? { ...session, recoveryCodes: recoveryCodes.map(String) } : session;
}

function sessionOf(answer: Record<string, unknown>): Session {
  return {
    accessToken: textOf(answer, "access_token"),
    accountId: textOf(answer, "account_id"),
    personId: textOf(answer, "person_id"),
    deviceId: textOf(answer, "device_id"),
  };
}

/** The REST API names roles in snake case, the hub in camel case. */
function roleOf(answer: Record<string, unknown>): Role {
  return textOf(answer, "role").replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as Role;
}

function textOf(answer: Record<string, unknown>, member: string): string {
  const value = answer[member];
  if (typeof value !== "string") throw new TypeError(`The server's answer has no ${member}.`);
  return value;
}

/** Retry-After in seconds (RFC 9110 §10.2.3); a date, which no server of ours sends, says nothing to a clock that may be wrong. */
function retryAfterOf(response: Response): number | undefined {
  const text = response.headers.get("Retry-After") ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** What a body says of a problem; nothing when it is not of the contract, as a proxy's. */
function problemOf(text: string): { readonly code?: string; readonly detail?: string; readonly title?: string } {
  try {
    return JSON.parse(text) as { code?: string; detail?: string; title?: string };
  } catch {
    return {};
  }
}
