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
}

/** How an agent signs in. */
export interface AgentSignIn {
  readonly account: string;
  readonly email: string;
  readonly password: string;
  /** What the person calls this device. */
  readonly deviceName: string;
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

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** Signing in and out, by REST. */
export class Access {
  readonly #server: URL;

  constructor(server: string | URL) {
    this.#server = new URL(server);
  }

  /** An agent signs in on a device. */
  async signIn({ account, email, password, deviceName }: AgentSignIn): Promise<AgentSession> {
    const answer = await this.#post("/api/v1/auth/sign_in", { account, email, password, device_name: deviceName });
    return { ...sessionOf(answer), role: roleOf(answer), name: textOf(answer, "name") };
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
    const detail = problemOf(text) ?? `The server answered ${path} with ${response.status}.`;
    if (response.status === 401) throw new Unauthenticated(detail);
    throw new Refused(response.status, detail);
  }
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

/** What problem details (RFC 9457) say; a proxy's error page says nothing. */
function problemOf(text: string): string | undefined {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: string; title?: string };
    return detail ?? title;
  } catch {
    return undefined;
  }
}
