import { expect } from "vitest";
import type { Clock, Commands, Connection, DeviceOptions, PushBatch, Receiver, Settled, Transport } from "../client/index.ts";
import { Device, HubFailure, MemoryStore } from "../client/index.ts";
import { isWaiting } from "../client/outbox.ts";

/** A clock that stands still until it is moved. */
export class StandingClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #timers: { at: number; act: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, act: () => void): () => void {
    const timer = { at: this.#now + delayMs, act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  random(): number {
    return 0.5;
  }

  /** Moves on, running what is due in order, each with what follows from it. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
      await settled();
    }
    this.#now = until;
    await settled();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A call the device has made. */
export interface Call {
  readonly method: string;
  readonly args: Record<string, unknown>;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** A transport whose other end is the test. */
export class ScriptedTransport implements Transport {
  /** The attempt to open that waits for the test. */
  opening: { readonly accept: () => void; readonly refuse: (error: Error) => void } | undefined;
  /** Calls of the current connection that nobody has matched. */
  calls: Call[] = [];
  answersConfirm = true;
  #receiver: Receiver | undefined;

  open(receiver: Receiver): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.opening = {
        accept: () => {
          this.opening = undefined;
          this.calls = [];
          this.#receiver = receiver;
          resolve(this.#connection(receiver));
        },
        refuse: (error) => {
          this.opening = undefined;
          reject(error);
        },
      };
    });
  }

  get isConnected(): boolean {
    return this.#receiver !== undefined;
  }

  push(batch: PushBatch): void {
    this.#receiver?.pushed(batch);
  }

  disconnect(): void {
    const lost = this.calls;
    this.calls = [];
    for (const call of lost) call.fail(new Error("The connection is gone."));
    this.#receiver?.closed();
    this.#receiver = undefined;
  }

  #connection(receiver: Receiver): Connection {
    return {
      call: (method, argument) =>
        new Promise((answer, fail) => {
          if (this.#receiver !== receiver) return fail(new Error("The connection is gone."));
          this.calls.push({ method, args: JSON.parse(JSON.stringify(argument)) as Record<string, unknown>, answer, fail });
          if ((method === "Confirm" && this.answersConfirm) || method === "SetTyping") answer({ code: "ok" });
        }),
      close: () => {
        if (this.#receiver !== receiver) return;
        this.#receiver = undefined;
        for (const call of this.calls) call.fail(new Error("The connection is gone."));
        this.calls = [];
      },
    };
  }
}

/** One recorded conversation; its form is described beside the file. */
export interface RecordedConversation {
  readonly name: string;
  readonly role: "agent" | "customer";
  readonly personId: string;
  readonly options?: Pick<DeviceOptions, "historyMessages" | "filter">;
  readonly steps: readonly Record<string, unknown>[];
}

const limits = { maxContentBytes: 65_536, maxDraftBytes: 16_384, maxPageItems: 100, maxConfirmedConversations: 100, confirmWithinMs: 100 };

/** Plays a recorded conversation to a fresh device; throws at the first step that goes otherwise. */
export async function play(conversation: RecordedConversation): Promise<void> {
  const player = new Player(conversation);
  await player.start();
  for (const [index, step] of conversation.steps.entries()) {
    try {
      await player.step(step);
      await settled();
    } catch (cause) {
      throw new Error(`Step ${index + 1} of "${conversation.name}": ${cause instanceof Error ? cause.message : String(cause)}\n${JSON.stringify(step)}`, { cause });
    }
  }
}

interface ConnectScript {
  readonly ok: boolean;
  readonly token?: string | null;
  readonly outcome?: object;
  readonly limits?: object;
}

class Player {
  readonly #conversation: RecordedConversation;
  readonly #clock = new StandingClock();
  readonly #store = new MemoryStore();
  #transport = new ScriptedTransport();
  #rejected: { method: string; code: string }[] = [];
  #device!: Device;

  constructor(conversation: RecordedConversation) {
    this.#conversation = conversation;
  }

  async start(): Promise<void> {
    this.#transport = new ScriptedTransport();
    this.#device = await Device.open({ store: this.#store, transport: this.#transport, clock: this.#clock, ...this.#conversation.options });
    this.#device.outcomes.on(({ entry, outcome }: Settled) => {
      if (outcome.code !== "ok") this.#rejected.push({ method: entry.method, code: outcome.code });
    });
    this.#device.goOnline();
    await settled();
  }

  async step(step: Record<string, unknown>): Promise<void> {
    const [[name, value] = []] = Object.entries(step);
    switch (name) {
      case "connect":
        return this.#connect(value as ConnectScript);
      case "push":
        return this.#transport.push(value as PushBatch);
      case "expectCall": {
        const { method, args } = value as { method: string; args?: Record<string, unknown> };
        const call = this.#match(method, (candidate) => matches(candidate.args, args ?? {}));
        if (step["error"] !== undefined) call.fail(new HubFailure(step["error"] as string));
        else if (method === "Synchronize") call.answer(this.#syncAnswer(step["answer"] ?? {}));
        else if (step["answer"] !== undefined) call.answer(step["answer"]);
        return;
      }
      case "expectNoConnect":
        return expect(this.#transport.opening).toBeUndefined();
      case "expectNoCall":
        return expect(this.#transport.calls.filter((call) => call.method === value).map((call) => call.args)).toEqual([]);
      case "do":
        return this.#act(value as Record<string, never>);
      case "disconnect":
        return this.#transport.disconnect();
      case "restart": {
        const abandoned = this.#device;
        this.#transport.disconnect();
        abandoned.goOffline();
        return this.start();
      }
      case "advanceMs":
        return this.#clock.advance(value as number);
      case "expect":
        return this.#expect(value as Record<string, unknown>);
      default:
        throw new Error(`There is no step ${String(name)}.`);
    }
  }

  async #connect(script: ConnectScript): Promise<void> {
    for (let waited = 0; this.#transport.opening === undefined && waited < 60_000; waited += 500) await this.#clock.advance(500);
    const { opening } = this.#transport;
    if (opening === undefined) throw new Error("The device did not connect within a minute.");
    if (!script.ok) return opening.refuse(new Error("There is no network."));
    opening.accept();
    await settled();
    const call = this.#match("Synchronize", () => true);
    if ("token" in script) expect(call.args["token"] ?? null).toBe(script.token);
    call.answer(this.#syncAnswer(script));
  }

  #syncAnswer(script: { outcome?: object; limits?: object }): object {
    const { role, personId } = this.#conversation;
    return { deviceId: "018f0000-0000-7000-8000-0000000000d1", accountId: "018f0000-0000-7000-8000-0000000000aa", role, personId, outcome: { code: "ok" }, ...script, limits: { ...limits, ...script.limits } };
  }

  #match(method: string, condition: (call: Call) => boolean): Call {
    const index = this.#transport.calls.findIndex((call) => call.method === method && condition(call));
    const [call] = index < 0 ? [] : this.#transport.calls.splice(index, 1);
    if (call === undefined) throw new Error(`There is no such call; unmatched: ${JSON.stringify(this.#transport.calls.map(({ method: name, args }) => [name, args]))}`);
    return call;
  }

  #act(act: Record<string, { conversationId: string; messageId: string; content: string; text: string; seq: number; lane?: "public" | "notes" }>): void {
    const device = this.#device;
    for (const [name, value] of Object.entries(act)) {
      const { conversationId, messageId, content, text, seq, lane } = value;
      if (name === "post") device.post(conversationId, content, { messageId, ...(lane === undefined ? {} : { lane }) });
      else if (name === "markRead") device.markRead(conversationId, seq, lane);
      else if (name === "setDraft") device.setDraft(conversationId, text, lane);
      else if (name === "resolve") device.resolve(conversationId);
      else if (name === "dismiss") device.dismiss(messageId);
      else if (name === "retry") device.retry(messageId);
      else if (name === "openConversation") device.openConversation(conversationId);
      else if (name === "setOpenConversation") device.setOpenConversation(conversationId);
      else if (name === "setAvailability") device.setAvailability(value as Commands["SetAvailability"]);
      else if (name === "wake") device.wake();
      else if (name === "goOffline") device.goOffline();
      else if (name === "goOnline") device.goOnline();
      else throw new Error(`There is no act ${name}.`);
    }
  }

  async #expect(state: Record<string, unknown>): Promise<void> {
    const { views } = this.#device;
    const posts = views.posts();
    const byConversation = (value: unknown, actual: (id: string) => unknown): void => {
      for (const [id, expected] of Object.entries(value as Record<string, unknown>)) expect(actual(id) ?? null, id).toEqual(expected);
    };
    const laneOf = (key: string): [string, "public" | "notes"] => [key.split("/")[0] ?? "", key.endsWith("/notes") ? "notes" : "public"];
    for (const [name, value] of Object.entries(state)) {
      if (name === "token") expect(this.#device.token ?? null).toBe(value);
      else if (name === "conversations") expect(views.itemsOf("conversation").map(({ id }) => id).sort()).toEqual([...(value as string[])].sort());
      else if (name === "messages") byConversation(value, (key) => views.messages(...laneOf(key)).filter(({ messageId }) => posts.every((post) => post.messageId !== messageId)).map(({ seq }) => seq));
      else if (name === "shown") byConversation(value, (key) => views.messages(...laneOf(key)).map(({ messageId }) => messageId));
      else if (name === "pending") expect(posts.filter(({ status }) => status !== "failed").map(({ messageId }) => messageId)).toEqual(value);
      else if (name === "failed") expect(Object.fromEntries(posts.filter(({ status }) => status === "failed").map(({ messageId, refused }) => [messageId, refused?.code]))).toEqual(value);
      else if (name === "unsettled") expect(this.#device.unsettled.map((entry) => `${entry.method} ${isWaiting(entry) ? "waiting" : entry.accepted === undefined ? "refused" : "accepted"}`)).toEqual(value);
      else if (name === "open") expect(views.openConversation() ?? null).toBe(value);
      else if (name === "rejected") expect(this.#rejected).toEqual(value);
      else if (name === "unread") byConversation(value, (id) => views.unread(id));
      else if (name === "items") {
        for (const [kind, items] of Object.entries(value as Record<string, Record<string, unknown>>)) {
          for (const [id, expected] of Object.entries(items)) expect(matches(views.item(kind, id), expected), `${kind} ${id} is ${JSON.stringify(views.item(kind, id))}`).toBe(true);
        }
      } else if (name === "absent") {
        for (const [kind, ids] of Object.entries(value as Record<string, string[]>)) {
          for (const id of ids) expect(views.item(kind, id)).toBeUndefined();
        }
      } else if (name === "drafts") byConversation(value, (id) => views.draft(id)?.text || null);
      else if (name === "typing") byConversation(value, (id) => views.typing(id));
      else if (name === "viewing") byConversation(value, (id) => views.viewing(id));
      else if (name === "places") {
        for (const [id, expected] of Object.entries(value as Record<string, unknown>)) expect(matches(views.queuePlace(id), expected), `${id} stands at ${JSON.stringify(views.queuePlace(id))}`).toBe(true);
      }
      else if (name === "stopped") expect(this.#device.status.stopReason ?? null).toBe(value);
      else if (name === "hash") expect(await this.#device.canonicalHash()).toBe(value);
      else throw new Error(`There is no expectation ${name}.`);
    }
  }
}

/** Whether every member of `expected` is in `actual`; null also matches what is absent. */
function matches(actual: unknown, expected: unknown): boolean {
  if (expected === null) return actual === null || actual === undefined;
  if (Array.isArray(expected)) return Array.isArray(actual) && actual.length === expected.length && expected.every((member, index) => matches(actual[index], member));
  if (typeof expected !== "object") return actual === expected;
  return typeof actual === "object" && actual !== null && Object.entries(expected).every(([name, member]) => matches((actual as Record<string, unknown>)[name], member));
}
