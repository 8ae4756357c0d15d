import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import WebSocket from "ws";
import type { MessageItem, Outcome, PushBatch, Role, SyncItem } from "../client/contract.ts";

interface Person {
  readonly personId: string;
  readonly role: Role;
  readonly name: string;
}

interface Entry {
  /** Whom it concerns: everybody in the conversation, agents, or one person. */
  readonly sees: (person: Person) => boolean;
  readonly item: SyncItem;
}

interface Line {
  readonly person: Person;
  readonly deviceId: string;
  readonly send: (message: object) => void;
  readonly drop: () => void;
  position: number | undefined;
}

type Body = Readonly<Record<string, unknown>>;

const recordSeparator = "\u001e";

/** A contact centre small enough for a test: one tenant, everything in memory, the hub's JSON protocol over WebSockets, and the demo's REST calls. */
export class SmallCentre {
  readonly address: string;
  readonly #http: Server;
  readonly #accountId = randomUUID();
  readonly #agent: Person = { personId: randomUUID(), role: "agent", name: "Ada" };
  readonly #sessions = new Map<string, { person: Person; deviceId: string }>();
  readonly #tickets = new Map<string, string>();
  readonly #log: Entry[] = [];
  readonly #revisions = new Map<string, number>();
  readonly #state = new Map<string, Record<string, unknown>>();
  readonly #messages = new Map<string, MessageItem[]>();
  readonly #answers = new Map<string, Outcome>();
  readonly #lines = new Set<Line>();
  /** The next so many commands are carried out, and their answers lost with the connection. */
  loseAnswers = 0;
  /** Devices are let in only while this is set. */
  reachable = true;

  private constructor(http: Server) {
    this.#http = http;
    this.address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    http.on("request", (request, response) => void this.#rest(request, response));
    const sockets = new WebSocket.Server({ noServer: true });
    http.on("upgrade", (request, socket, head) => {
      const session = this.#sessionOf(request);
      if (!this.reachable) return refuse(socket, "503 Service Unavailable");
      if (!(socket instanceof Socket)) return void socket.destroy();
      if (session === undefined) return refuse(socket, "401 Unauthorized");
      sockets.handleUpgrade(request, socket, head, (webSocket) => this.#connected(webSocket, session));
    });
    this.#change("agent", this.#agent.personId, { name: this.#agent.name, role: "agent", availability: "online" }, (person) => person.role === "agent");
  }

  static async start(port = 0): Promise<SmallCentre> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
    return new SmallCentre(http);
  }

  async stop(): Promise<void> {
    this.dropAll();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** All connections go, as when a network fails. */
  dropAll(): void {
    for (const line of [...this.#lines]) line.drop();
  }

  /** The messages of a conversation, as the store has them. */
  stored(conversationId: string): readonly MessageItem[] {
    return this.#messages.get(`${conversationId}/public`) ?? [];
  }

  async #rest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", this.address).pathname;
    const answer = (status: number, body: object): void => void response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, string | undefined>;
    if (path === "/api/v1/auth/sign_in") {
      if (body["password"] !== "correct horse") return answer(401, { title: "Wrong account, e-mail or password." });
      return answer(200, { ...this.#signIn(this.#agent, body["device_name"] ?? "device"), role: "agent", name: this.#agent.name });
    }
    if (path.startsWith("/public/api/v1/inboxes/")) return answer(200, this.#signIn({ personId: randomUUID(), role: "customer", name: body["name"] ?? "Customer" }, "widget"));
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    if (path === "/hubs/v1/device/negotiate") return answer(this.#sessions.has(token) ? 200 : 401, {});
    if (path === "/api/v1/auth/ticket") {
      if (!this.#sessions.has(token)) return answer(401, { title: "The session has ended." });
      const ticket = randomUUID();
      this.#tickets.set(ticket, token);
      return answer(200, { ticket, expires_in: 30 });
    }
    if (path === "/demo/logins.json") {
      return answer(200, {
        agent: { account: "demo", email: "ada@demo.example", password: "correct horse", name: this.#agent.name },
        inbox: { identifier: "demo", name: "Demo shop" },
        customer: { name: "Mira" },
      });
    }
    return this.#page(path, response);
  }

  async #page(path: string, response: ServerResponse): Promise<void> {
    const types: Record<string, string> = { html: "text/html", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
    const name = path === "/demo/" ? "/demo/index.html" : path;
    try {
      const content = await readFile(new URL(`../dist${name}`, import.meta.url));
      response.writeHead(200, { "Content-Type": types[name.split(".").at(-1) ?? ""] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  #signIn(person: Person, deviceName: string): object {
    const token = randomUUID();
    const deviceId = randomUUID();
    this.#sessions.set(token, { person, deviceId });
    this.#change("device", deviceId, { name: deviceName, signedInAt: new Date().toISOString() }, ({ personId }) => personId === person.personId);
    return { access_token: token, account_id: this.#accountId, person_id: person.personId, device_id: deviceId };
  }

  #sessionOf(request: IncomingMessage): { person: Person; deviceId: string } | undefined {
    const ticket = new URL(request.url ?? "/", this.address).searchParams.get("access_token");
    const token = ticket === null ? (request.headers.authorization ?? "").replace("Bearer ", "") : this.#tickets.get(ticket);
    if (ticket !== null) this.#tickets.delete(ticket);
    return token === undefined ? undefined : this.#sessions.get(token);
  }

  #connected(webSocket: WebSocket, { person, deviceId }: { person: Person; deviceId: string }): void {
    const line: Line = {
      person,
      deviceId,
      send: (message) => webSocket.send(JSON.stringify(message) + recordSeparator),
      drop: () => webSocket.terminate(),
      position: undefined,
    };
    this.#lines.add(line);
    webSocket.on("close", () => this.#lines.delete(line));
    webSocket.on("message", (data: Buffer) => {
      for (const text of data.toString("utf8").split(recordSeparator).slice(0, -1)) this.#received(line, JSON.parse(text) as Record<string, unknown>);
    });
  }

  #received(line: Line, message: Record<string, unknown>): void {
    if (message["protocol"] !== undefined) return line.send({});
    if (message["type"] !== 1) return;
    const { target, invocationId } = message as { target: string; invocationId: string };
    const [body = {}] = message["arguments"] as Body[];
    const complete = (result: object): void => line.send({ type: 3, invocationId, result });
    if (target === "Synchronize") {
      complete({ outcome: { code: "ok" }, personId: line.person.personId, deviceId: line.deviceId, accountId: this.#accountId, role: line.person.role });
      return this.#catchUp(line, (body as { token?: string }).token);
    }
    if (target === "LoadMessages") return complete(this.#load(body));
    if (target === "Nonsense") return line.send({ type: 3, invocationId, error: "Method does not exist." });
    const outcome = this.#command(line, target, body);
    if (target !== "Confirm" && target !== "SetTyping" && this.loseAnswers > 0) {
      this.loseAnswers--;
      return line.drop();
    }
    complete(outcome);
  }

  #catchUp(line: Line, token: string | undefined): void {
    const known = token === undefined ? undefined : Number(token.slice(1));
    line.position = this.#log.length;
    const items = this.#log
      .slice(known ?? 0)
      .filter(({ sees, item }) => sees(line.person) && (known !== undefined || item.kind !== "message"))
      .map(({ item }) => item);
    const to = `t${line.position}`;
    this.#push(line, known === undefined ? { to, resync: { reason: "new", discard: false }, items } : { from: token as string, to, items });
  }

  #push(line: Line, batch: PushBatch): void {
    line.send({ type: 1, target: "push", arguments: [batch] });
  }

  #append(entry: Entry): void {
    this.#log.push(entry);
    for (const line of this.#lines) {
      if (line.position === undefined) continue;
      if (entry.sees(line.person)) {
        this.#push(line, { from: `t${line.position}`, to: `t${this.#log.length}`, items: [entry.item] });
        line.position = this.#log.length;
      }
    }
  }

  #change(kind: string, id: string, state: Record<string, unknown>, sees: Entry["sees"]): number {
    const revision = (this.#revisions.get(kind + id) ?? 0) + 1;
    this.#revisions.set(kind + id, revision);
    this.#state.set(kind + id, state);
    this.#append({ sees, item: { kind, id, revision, state } });
    return revision;
  }

  #load(body: Body): object {
    const { conversationId, lane, before = Infinity, limit = 50 } = body as { conversationId: string; lane: string; before?: number; limit?: number };
    const all = this.#messages.get(`${conversationId}/${lane}`) ?? [];
    return { outcome: { code: "ok" }, messages: all.filter(({ seq }) => seq < before).slice(-limit), lastSeq: all.length };
  }

  #command({ person, deviceId }: Line, target: string, body: Body): Outcome {
    const key = `${deviceId}/${String(body["number"])}`;
    const first = body["number"] === undefined ? undefined : this.#answers.get(key);
    if (first !== undefined) return first;
    const outcome = this.#carryOut(person, target, body);
    this.#answers.set(key, outcome);
    return outcome;
  }

  #carryOut(person: Person, target: string, body: Body): Outcome {
    const { conversationId = "" } = body as { conversationId?: string };
    const conversation = this.#state.get(`conversation${conversationId}`);
    const inIt = ({ personId, role }: Person): boolean => role === "agent" || personId === conversation?.["contactId"];
    const own = ({ personId }: Person): boolean => personId === person.personId;
    const mine = `${conversationId}/${person.personId}`;
    const receipt = (delivered: number, displayed: number): void => {
      const known = (this.#state.get(`receipt${mine}`) ?? { delivered: 0, displayed: 0 }) as { delivered: number; displayed: number };
      const next = { delivered: Math.max(known.delivered, delivered, displayed), displayed: Math.max(known.displayed, displayed) };
      if (next.delivered > known.delivered || next.displayed > known.displayed) this.#change("receipt", mine, next, inIt);
    };
    switch (target) {
      case "Confirm":
        for (const { conversationId: id, seq } of body["held"] as { conversationId: string; seq: number }[]) this.#carryOut(person, "Held", { conversationId: id, seq });
        return { code: "ok" };
      case "Held":
        receipt(Number(body["seq"]), 0);
        return { code: "ok" };
      case "SetTyping":
        for (const line of this.#lines) {
          const fact = { kind: "typing", conversationId, personId: person.personId, active: body["active"] === true, expiresInMs: 6_000 };
          const mayKnow = body["lane"] === "notes" ? line.person.role === "agent" : inIt(line.person);
          if (mayKnow && line.person.personId !== person.personId) this.#push(line, { ephemeral: [fact] });
        }
        return { code: "ok" };
      case "OpenConversation": {
        const displayId = [...this.#state.keys()].filter((name) => name.startsWith("conversation")).length + 1;
        const state = { displayId, inboxId: this.#accountId, contactId: person.personId, contactName: person.name, status: "open", openedAt: new Date().toISOString(), contributionId: randomUUID(), assigneeId: this.#agent.personId };
        this.#change("conversation", conversationId, state, ({ personId, role }) => role === "agent" || personId === person.personId);
        return { code: "ok", conversationId };
      }
      case "PostMessage":
        return this.#post(person, conversationId, body, inIt);
      case "ResolveConversation":
      case "ReopenConversation":
        this.#change("conversation", conversationId, { ...conversation, status: target === "ResolveConversation" ? "resolved" : "open" }, inIt);
        return { code: "ok", conversationId };
      case "MarkRead":
        this.#change("read", mine, { seq: Number(body["seq"]), notesSeq: 0 }, own);
        receipt(0, Number(body["seq"]));
        return { code: "ok" };
      case "SetDraft":
        if (body["ifRevision"] !== undefined && body["ifRevision"] !== (this.#revisions.get(`draft${mine}`) ?? 0)) return { code: "conflict" };
        return { code: "ok", revision: this.#change("draft", mine, { text: body["text"], lane: body["lane"] }, own) };
      case "SetOpenConversation":
        this.#change("openConversation", person.personId, conversationId === "" ? {} : { conversationId }, own);
        return { code: "ok" };
      case "SetAvailability": {
        const { label, note, until, availability = "online" } = body;
        const state = { ...this.#state.get(`agent${person.personId}`), availability, availabilityLabel: label, availabilityNote: note, availabilityUntil: until };
        this.#change("agent", person.personId, state, ({ role }) => role === "agent");
        return { code: "ok" };
      }
      default:
        return { code: "malformed", detail: `There is no ${target} here.` };
    }
  }

  #post(person: Person, conversationId: string, body: Body, inIt: Entry["sees"]): Outcome {
    const conversation = this.#state.get(`conversation${conversationId}`);
    if (conversation === undefined) return { code: "notFound" };
    if (conversation["status"] === "resolved") {
      if (person.role === "agent") return { code: "closed" };
      this.#change("conversation", conversationId, { ...conversation, status: "open" }, inIt);
    }
    const { messageId, lane, content } = body as unknown as Pick<MessageItem, "messageId" | "lane" | "content">;
    const key = `${conversationId}/${lane}`;
    const messages = this.#messages.get(key) ?? [];
    const at = new Date().toISOString();
    const message: MessageItem = { conversationId, lane, seq: messages.length + 1, messageId, personId: person.personId, role: person.role, at, contentType: "text/plain", content };
    this.#messages.set(key, [...messages, message]);
    this.#append({ sees: (other) => inIt(other) && (lane === "public" || other.role !== "customer"), item: { kind: "message", message } });
    return { code: "ok", conversationId, messageId, seq: message.seq, at };
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
