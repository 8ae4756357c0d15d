import type { Connection, EphemeralFact, LoadMessages, MessageItem, Outcome, PushBatch, Receiver, SyncItem, SyncRequest, Transport } from "../client/index.ts";
import { me, other } from "./samples.ts";

/** Chance, the same at each run with the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Entry {
  /** Seen by the device only while it takes part in this conversation. */
  readonly conversationId: string | undefined;
  readonly item: SyncItem;
}

/** What the device has to end up with. */
export interface ModelState {
  readonly items: ReadonlyMap<string, SyncItem>;
  readonly messages: ReadonlyMap<string, readonly MessageItem[]>;
}

/**
 * The model that a device is compared with, and its server: one log, of which everything follows. While {@link faults} is above 0 it loses and doubles
 * frames, cuts pages, drops connections, loses answers and refuses calls; what it stores stays right.
 */
export class FaultyServer implements Transport {
  readonly #random: () => number;
  readonly #now: () => number;
  #log: Entry[] = [];
  #epoch = 1;
  #receiver: Receiver | undefined;
  /** Up to where the device was told. */
  #position: number | undefined;
  #answers = new Map<number, Outcome>();
  #delayed: (() => void)[] = [];
  /** How likely each fault is, 0 … 1. */
  faults = 0.15;

  constructor(random: () => number, now: () => number) {
    this.#random = random;
    this.#now = now;
  }

  open(receiver: Receiver): Promise<Connection> {
    if (this.#happens()) return Promise.reject(new Error("There is no network."));
    this.#receiver = receiver;
    this.#position = undefined;
    return Promise.resolve({
      call: (method, argument) => this.#call(receiver, method, argument as Record<string, unknown>),
      close: () => {
        if (this.#receiver === receiver) this.#receiver = undefined;
      },
    });
  }

  /** The connection goes, as seen by the device. */
  drop(): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.closed();
  }

  /** Answers what was held back, in any order. */
  answerDelayed(): void {
    const delayed = this.#delayed;
    this.#delayed = [];
    for (const answer of delayed.sort(() => this.#random() - 0.5)) answer();
  }

  get conversations(): string[] {
    return [...this.state().items.values()].filter(({ kind }) => kind === "conversation").map(({ id }) => id ?? "");
  }

  /** The device's share of what is stored. */
  state(): ModelState {
    const items = new Map<string, SyncItem>();
    const messages = new Map<string, MessageItem[]>();
    for (const { item } of this.#log) {
      if (item.kind === "message" && item.message !== undefined) {
        const key = `${item.message.conversationId}/${item.message.lane}`;
        messages.set(key, [...(messages.get(key) ?? []), item.message]);
      } else if (item.kind === "left") {
        for (const [key, { id }] of items) if (id?.startsWith(item.id ?? "") === true) items.delete(key);
      } else items.set(`${item.kind} ${item.id ?? ""}`, item);
    }
    for (const key of messages.keys()) if (!items.has(`conversation ${key.split("/")[0] ?? ""}`)) messages.delete(key);
    return { items, messages };
  }

  /** Everybody's messages, whoever takes part. */
  stored(): MessageItem[] {
    return this.#log.flatMap(({ item }) => (item.message === undefined ? [] : [item.message]));
  }

  /** An object changes. */
  change(kind: string, id: string, state: unknown, conversationId?: string): number {
    const revision = 1 + Math.max(0, ...this.#log.filter(({ item }) => item.kind === kind && item.id === id).map(({ item }) => item.revision ?? 0));
    this.#append({ conversationId, item: { kind, id, revision, state } });
    return revision;
  }

  /** Somebody writes. */
  write(conversationId: string, lane: "public" | "notes", messageId: string, personId = other, content = messageId): MessageItem {
    const seq = this.stored().filter((message) => message.conversationId === conversationId && message.lane === lane).length + 1;
    const at = new Date(this.#now()).toISOString();
    const message: MessageItem = { conversationId, lane, seq, messageId, personId, role: personId === me ? "agent" : "customer", at, contentType: "text/plain", content };
    this.#append({ conversationId, item: { kind: "message", message } });
    return message;
  }

  /** The device's person leaves a conversation. */
  leave(conversationId: string): void {
    this.#append({ conversationId: undefined, item: { kind: "left", of: "conversation", id: conversationId, reason: "left" } });
  }

  /** An object is gone for the device. */
  lose(kind: string, id: string): void {
    this.#append({ conversationId: undefined, item: { kind: "left", of: kind, id, reason: "left" } });
  }

  /** The conversation is outside the device's filter. */
  leaveFilter(conversationId: string): void {
    this.#append({ conversationId: undefined, item: { kind: "left", of: "conversation", id: conversationId, reason: "filtered" } });
  }

  /** The conversations that are outside the device's filter. */
  get outside(): string[] {
    const newest = new Map<string | undefined, SyncItem>();
    for (const { item } of this.#log) if (item.kind === "conversation" || item.of === "conversation") newest.set(item.id, item);
    return [...newest.values()].flatMap(({ id, reason }) => (reason === "filtered" && id !== undefined ? [id] : []));
  }

  /** With the conversation comes what hangs on it, under the revisions it had; a receipt may have moved meanwhile. */
  returnToFilter(conversationId: string, state: unknown): void {
    const left = this.#log.findLastIndex(({ item }) => item.of === "conversation" && item.id === conversationId && item.reason === "left");
    const hanging = new Map<string, SyncItem>();
    for (const { item } of this.#log.slice(left + 1)) if (item.id?.startsWith(`${conversationId}/`) === true) hanging.set(`${item.kind} ${item.id}`, item);
    this.change("conversation", conversationId, state, conversationId);
    for (const item of hanging.values()) {
      const moved = item.kind === "receipt" && this.#random() < 0.5 ? { revision: (item.revision ?? 0) + 1 } : {};
      this.#append({ conversationId, item: { ...item, ...moved } });
    }
  }

  /** The store is restored from a backup: the newest changes are gone, and so is what was remembered of commands. */
  restore(lostEntries: number): void {
    this.#log = this.#log.slice(0, Math.max(0, this.#log.length - lostEntries));
    this.#answers = new Map();
    this.#epoch++;
    this.drop();
  }

  /** Tells who is typing; nothing follows from it. */
  tellTyping(fact: EphemeralFact): void {
    this.#push({ ephemeral: [fact] });
  }

  #happens(): boolean {
    return this.#random() < this.faults;
  }

  /** Whether the device takes part, as of an entry of the log. */
  #sees(entry: Entry, index: number): boolean {
    if (entry.conversationId === undefined) return true;
    const { conversationId } = entry;
    const joined = this.#log.slice(0, index + 1).findLast(({ item }) => item.id === conversationId && (item.kind === "conversation" || item.kind === "left"));
    return joined?.item.kind === "conversation";
  }

  #append(entry: Entry): void {
    const index = this.#log.push(entry) - 1;
    if (this.#position === undefined || !this.#sees(entry, index)) return;
    const from = this.#token(this.#position);
    this.#position = index + 1;
    const frame: PushBatch = { from, to: this.#token(this.#position), items: [entry.item] };
    if (this.#happens()) return;
    this.#push(frame);
    if (this.#happens()) this.#push(frame);
    if (this.#random() < this.faults / 3) this.drop();
  }

  #push(batch: PushBatch): void {
    this.#receiver?.pushed(JSON.parse(JSON.stringify(batch)) as PushBatch);
  }

  #token(position: number): string {
    return `e${this.#epoch}p${position}`;
  }

  #synchronize({ token }: SyncRequest): void {
    const known = new RegExp(`^e${this.#epoch}p(\\d+)$`).exec(token ?? "");
    const all = this.#log.map((entry, index) => ({ entry, index }));
    const items =
      known === null
        ? [...this.state().items.values()]
        : all.filter(({ entry, index }) => index >= Number(known[1]) && this.#sees(entry, index)).map(({ entry }) => entry.item);
    const last = this.#log.length;
    this.#position = undefined;
    // A start from nothing has no position before its last page; a position within it would be one of the log, so it begins anew when it is cut.
    const pages = known === null ? [items] : cut(items, 1 + Math.floor(this.#random() * 4));
    let from = known === null ? undefined : token;
    for (const [number, page] of pages.entries()) {
      const more = number < pages.length - 1;
      const to = more ? this.#token(this.#indexOf(page.at(-1)) + 1) : this.#token(last);
      const resync = known === null ? { resync: { reason: token === undefined ? "new" : "epoch", discard: token !== undefined } as const } : {};
      this.#push({ ...(from === undefined ? {} : { from }), to, ...(more ? { more } : {}), ...resync, items: page });
      from = to;
      if (this.#random() < this.faults / 2) return this.drop();
    }
    this.#position = last;
  }

  #indexOf(item: SyncItem | undefined): number {
    return this.#log.findIndex((entry) => entry.item === item);
  }

  #call(receiver: Receiver, method: string, argument: Record<string, unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#receiver !== receiver) return reject(new Error("The connection is gone."));
      if (method === "Synchronize") {
        if (this.#happens()) return resolve({ outcome: { code: "unavailable" } });
        const limits = { maxContentBytes: 65_536, maxDraftBytes: 16_384, maxPageItems: 3, maxConfirmedConversations: 2, confirmWithinMs: 100 };
        resolve({ outcome: { code: "ok" }, personId: me, deviceId: "d1", accountId: "a1", role: "agent", limits });
        return queueMicrotask(() => this.#receiver === receiver && this.#synchronize(argument));
      }
      if (method !== "LoadMessages" && this.#happens()) return resolve({ code: "busy" });
      const answer = method === "LoadMessages" ? this.#load(argument as unknown as LoadMessages) : this.#command(method, argument);
      if (this.#random() < this.faults / 2) return this.drop();
      if (this.#happens()) this.#delayed.push(() => resolve(answer));
      else resolve(answer);
    });
  }

  #load({ conversationId, lane, before = Infinity, limit = 50 }: LoadMessages): object {
    if (this.#happens()) return { outcome: { code: "unavailable" } };
    const all = this.state().messages.get(`${conversationId}/${lane}`) ?? [];
    if (!this.conversations.includes(conversationId)) return { outcome: { code: "notFound" } };
    return { outcome: { code: "ok" }, messages: all.filter(({ seq }) => seq < before).slice(-Math.min(limit, 3)), lastSeq: all.length };
  }

  #command(method: string, body: Record<string, unknown>): Outcome {
    const { number, conversationId, messageId, lane, content } = body as { number: number; conversationId: string; messageId: string; lane: "public" | "notes"; content: string };
    const first = this.#answers.get(number);
    if (first !== undefined) return first;
    let outcome: Outcome = { code: "ok" };
    if (method === "PostMessage") {
      if (!this.conversations.includes(conversationId)) outcome = { code: "notFound" };
      else if (this.stored().some((message) => message.messageId === messageId)) outcome = { code: "taken" };
      else outcome = { code: "ok", seq: this.write(conversationId, lane, messageId, me, content).seq };
    } else if (method === "MarkRead" && this.conversations.includes(conversationId)) {
      this.change("read", `${conversationId}/${me}`, { seq: body["seq"], notesSeq: 0 }, conversationId);
    } else if (method === "SetDraft") {
      if (this.conversations.includes(conversationId)) outcome = { code: "ok", revision: this.change("draft", `${conversationId}/${me}`, { text: body["text"], lane: body["lane"] }, conversationId) };
      else outcome = { code: "notFound" };
    } else if (method === "SetOpenConversation") outcome = { code: "ok", revision: this.change("openConversation", me, { conversationId }) };
    if (method !== "Confirm" && method !== "SetTyping") this.#answers.set(number, outcome);
    return outcome;
  }
}

function cut<T>(all: readonly T[], size: number): T[][] {
  const pages: T[][] = [];
  for (let start = 0; start < all.length; start += size) pages.push(all.slice(start, start + size));
  return pages.length === 0 ? [[]] : pages;
}
