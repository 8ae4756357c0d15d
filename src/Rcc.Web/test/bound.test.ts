import { beforeEach, describe, expect, it } from "vitest";
import { Device, type DeviceOptions, type LoadMessages, MemoryStore, type MessageItem } from "../client/index.ts";
import { ScriptedTransport, settled, StandingClock } from "./recorded.ts";
import { c1, carrying, conversation, fresh, me, messages, other } from "./samples.ts";

/*
 * Goal: a device holds no more messages than its option says, in memory and in its store, and nobody sees that: lists, counts, read positions and what somebody looks at are as without a bound.
 * Method: the same conversations are given to a bounded and to an unbounded device, by a server that answers each load from what it stores, and both are asked the same.
 */

const most = 100;
/** Pages so short that a conversation takes several. */
const limits = { maxContentBytes: 65_536, maxDraftBytes: 16_384, maxPageItems: 10, maxConfirmedConversations: 100, confirmWithinMs: 100 };
const ids = Array.from({ length: 12 }, (_, index) => `018f0000-0000-7000-8000-0000000000${(0xb0 + index).toString(16)}`);
/** In each conversation: 30 … 41 messages, of others and of this person, the newest at a time of its own. */
const stored = new Map<string, MessageItem[]>(
  ids.map((conversationId, index) => [
    conversationId,
    messages(1, 30 + index, { conversationId }).map((message) => ({
      ...message,
      messageId: `${conversationId}-${message.seq}`,
      personId: (message.seq + index) % 3 === 0 ? other : me,
      at: new Date(Date.UTC(2026, 0, 1 + index, 0, message.seq)).toISOString(),
    })),
  ]),
);

let clock: StandingClock;

beforeEach(() => {
  clock = new StandingClock();
});

class Served {
  readonly transport = new ScriptedTransport();
  loads = 0;
  most = 0;
  token = 0;
  device!: Device;

  async start(store: MemoryStore, options: Partial<DeviceOptions>): Promise<this> {
    this.device = await Device.open({ store, transport: this.transport, clock, ...options });
    this.device.goOnline();
    await settled();
    this.transport.opening?.accept();
    await settled();
    this.#answer("Synchronize", () => ({ outcome: { code: "ok" }, personId: me, deviceId: "d1", accountId: "a1", role: "agent", limits }));
    await settled();
    return this;
  }

  async begin(): Promise<this> {
    this.transport.push(fresh("t0", ...ids.map((id) => conversation(id)), ...ids.map((id) => ({ kind: "read", id: `${id}/${me}`, revision: 1, state: { seq: 20, notesSeq: 0 } }))));
    await this.serve();
    return this;
  }

  /** Answers loads until none is asked for. */
  async serve(): Promise<void> {
    for (;;) {
      await settled();
      this.most = Math.max(this.most, this.device.heldMessages);
      if (!this.#answer("LoadMessages", (args) => page(args as unknown as LoadMessages))) return;
      this.loads++;
    }
  }

  async push(...items: Parameters<typeof fresh> extends [string, ...infer I] ? I : never): Promise<void> {
    this.transport.push({ from: `t${this.token}`, to: `t${++this.token}`, items });
    await this.serve();
  }

  seqs(conversationId: string): (number | undefined)[] {
    return this.device.views.messages(conversationId).map(({ seq }) => seq);
  }

  #answer(method: string, answer: (args: Record<string, unknown>) => object): boolean {
    const index = this.transport.calls.findIndex((call) => call.method === method);
    const [call] = index < 0 ? [] : this.transport.calls.splice(index, 1);
    call?.answer(answer(call.args));
    return call !== undefined;
  }
}

function page({ conversationId, lane, before = Infinity, limit = 50 }: LoadMessages): object {
  const all = lane === "notes" ? [] : (stored.get(conversationId) ?? []);
  return { outcome: { code: "ok" }, messages: all.filter(({ seq }) => seq < before).slice(-limit), lastSeq: all.length };
}

const served = (options: Partial<DeviceOptions>, store = new MemoryStore()): Promise<Served> => new Served().start(store, options);

describe("A device that holds a bounded number of messages", () => {
  it("keeps to the bound, in memory and in the store, while it loads and while messages come", async () => {
    const store = new MemoryStore();
    const bounded = await (await served({ heldMessages: most }, store)).begin();
    for (let seq = 100; seq < 160; seq++) {
      // A conversation that is new here, so that nothing is missing below.
      await bounded.push(...(seq === 100 ? [conversation(c1)] : []), ...messages(seq - 99, seq - 99, { conversationId: c1 }).map(carrying));
    }
    expect(bounded.most).toBeGreaterThan(most / 2);
    // A page that has just come is held until its change is over.
    expect(bounded.most).toBeLessThanOrEqual(most);
    await settled();
    expect((await store.load()).messages.size).toBe(bounded.device.heldMessages);
  });

  it("lists the same conversations, last messages and unread counts as one that holds everything", async () => {
    const [bounded, unbounded] = [await (await served({ heldMessages: most })).begin(), await (await served({})).begin()];
    expect(unbounded.device.heldMessages).toBeGreaterThan(4 * most);
    expect(bounded.device.views.conversations()).toEqual(unbounded.device.views.conversations());
    expect(bounded.device.views.counts()).toEqual(unbounded.device.views.counts());
    expect(bounded.device.views.conversations().some(({ unread }) => unread > 0)).toBe(true);
  });

  it("shows the newest messages without a hole, and all as soon as somebody looks, until nobody does", async () => {
    const bounded = await (await served({ heldMessages: most })).begin();
    const id = ids[0] ?? "";
    const before = bounded.seqs(id);
    expect(before.length).toBeLessThan(30);
    expect(before).toEqual(Array.from({ length: before.length }, (_, index) => 30 - before.length + 1 + index));

    const [unwatch, again] = [bounded.device.watch(id), bounded.device.watch(id)];
    await bounded.serve();
    expect(bounded.seqs(id)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    unwatch();
    unwatch();
    await bounded.push(conversation(ids[1] ?? "", 2));
    expect(bounded.seqs(id)).toHaveLength(30);
    again();
    await bounded.push(conversation(ids[1] ?? "", 3));
    expect(bounded.device.heldMessages).toBeLessThanOrEqual(most);
  });

  it("loads what the person opens on any device", async () => {
    const bounded = await (await served({ heldMessages: most })).begin();
    await bounded.push({ kind: "openConversation", id: me, revision: 1, state: { conversationId: ids[2] ?? "" } });
    expect(bounded.seqs(ids[2] ?? "")).toHaveLength(32);
  });

  it("asks for nothing twice without need, and for no page that it could not hold", async () => {
    const bounded = await (await served({ heldMessages: most })).begin();
    const { loads } = bounded;
    // The newest page of each lane, and a few more where there was room.
    expect(loads).toBeGreaterThanOrEqual(2 * ids.length);
    expect(loads).toBeLessThan(2 * ids.length + 4);
    await bounded.push(conversation(ids[3] ?? "", 2));
    expect(bounded.loads).toBe(loads);
  });

  it("goes on so after a restart, and keeps to a bound that has become smaller", async () => {
    const store = new MemoryStore();
    const first = await (await served({ heldMessages: most }, store)).begin();
    const shown = first.device.views.conversations();
    await first.device.close();
    const next = await served({ heldMessages: most / 2 }, store);
    next.transport.push({ from: "t0", to: "t1", items: [] });
    await next.serve();
    expect(next.device.heldMessages).toBeLessThanOrEqual(most / 2);
    expect(next.loads).toBeLessThan(4);
    expect(next.device.views.conversations()).toEqual(shown);
  });

  it("confirms what it held, and does not show a post again whose message it has let go of", async () => {
    const bounded = await (await served({ heldMessages: 10 })).begin();
    const { messageId } = bounded.device.post(ids[0] ?? "", "mine", { messageId: "mine" });
    await bounded.push(carrying({ ...messages(31, 31, { conversationId: ids[0] ?? "" })[0], messageId, personId: me } as MessageItem));
    await bounded.push(...messages(32, 80, { conversationId: ids[0] ?? "" }).map(carrying));
    await bounded.push(...messages(31 + 1, 31 + 30, { conversationId: ids[1] ?? "" }).map(carrying));
    expect(bounded.seqs(ids[0] ?? "")).not.toContain(31);
    expect(bounded.device.views.messages(ids[0] ?? "").map((message) => message.messageId)).not.toContain("mine");
    expect(bounded.device.views.posts()).toEqual([]);
  });

  it("refuses a bound of nothing", async () => {
    await expect(Device.open({ store: new MemoryStore(), transport: new ScriptedTransport(), heldMessages: 0 })).rejects.toThrow("heldMessages is 0");
  });
});
