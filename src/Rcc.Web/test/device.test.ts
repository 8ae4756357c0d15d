import { beforeEach, describe, expect, it } from "vitest";
import { Device, type DeviceOptions, HubFailure, MemoryStore, type Outcome, type PushBatch, Refused, Unauthenticated, uuidV7, type Write } from "../client/index.ts";
import { canonicalJson } from "../client/canonical.ts";
import { type Call, ScriptedTransport, settled, StandingClock } from "./recorded.ts";
import { c1, carrying, conversation, fresh, me, message } from "./samples.ts";

let clock: StandingClock;
let transport: ScriptedTransport;
let store: MemoryStore;

const answer = { outcome: { code: "ok" }, personId: me, deviceId: "d1", accountId: "a1", role: "customer" };

async function started(options: Partial<DeviceOptions> = {}): Promise<Device> {
  transport = new ScriptedTransport();
  const device = await Device.open({ store, transport, clock, ...options });
  device.goOnline();
  await settled();
  return device;
}

async function connect(synchronized: object = answer): Promise<void> {
  for (let waited = 0; transport.opening === undefined && waited < 60; waited++) await clock.advance(1000);
  transport.opening?.accept();
  await settled();
  take("Synchronize").answer(synchronized);
  await settled();
}

/** The oldest call of this method that was not taken yet. */
function take(method: string): Call {
  const index = transport.calls.findIndex((call) => call.method === method);
  const [call] = index < 0 ? [] : transport.calls.splice(index, 1);
  if (call === undefined) throw new Error(`There is no call of ${method}, only of ${transport.calls.map((other) => other.method).join()}.`);
  return call;
}

const methods = (): string[] => transport.calls.map((call) => call.method);

/** A device with one conversation of one message, caught up. */
async function live(options: Partial<DeviceOptions> = {}): Promise<Device> {
  const device = await started(options);
  await connect();
  transport.push(fresh("t1", conversation(c1), carrying(message(1))));
  await clock.advance(100);
  take("Confirm");
  return device;
}

beforeEach(() => {
  clock = new StandingClock();
  store = new MemoryStore();
});

describe("A device", () => {
  it("asks the REST API on its connection or not at all", async () => {
    const ask = { method: "POST", path: "/teams", body: { name: "Night" }, idempotencyKey: "k" } as const;
    const device = await started();
    expect(await device.request(ask)).toBeUndefined();
    await connect();
    const made = device.request(ask);
    const call = take("Request");
    expect(call.args).toEqual(ask);
    call.answer({ outcome: { code: "ok" }, body: { id: "x" } });
    expect(await made).toEqual({ outcome: { code: "ok" }, body: { id: "x" } });
    const lost = device.request(ask);
    transport.disconnect();
    expect(await lost).toBeUndefined();
  });

  it("shows where it stands", async () => {
    const device = await started();
    expect(device.status.phase).toBe("connecting");
    await connect();
    expect(device.status.phase).toBe("catchingUp");
    transport.push({ ...fresh("t1"), more: true });
    expect(device.status.phase).toBe("catchingUp");
    transport.push({ from: "t1", to: "t2" });
    expect(device.status.phase).toBe("live");
    transport.disconnect();
    expect(device.status.phase).toBe("waiting");
    device.goOffline();
    expect(device.status.phase).toBe("offline");
    await clock.advance(60_000);
    expect(transport.opening).toBeUndefined();
  });

  it("keeps batches that come before the answer they follow is read", async () => {
    const device = await started();
    transport.opening?.accept();
    await settled();
    transport.push(fresh("t1", conversation(c1)));
    expect(device.token).toBeUndefined();
    take("Synchronize").answer(answer);
    await settled();
    expect(device.token).toBe("t1");
    expect(device.status.phase).toBe("live");
  });

  it("is live when the last page came before the answer was read", async () => {
    const device = await live();
    device.wake();
    await settled();
    transport.push({ from: "t1", to: "t2" });
    expect(device.status.phase).toBe("catchingUp");
    take("Synchronize").answer(answer);
    await settled();
    expect(device.status.phase).toBe("live");
  });

  it("closes a connection that opens after it was told to go offline", async () => {
    const device = await started();
    device.goOffline();
    transport.opening?.accept();
    await settled();
    expect(methods()).toEqual([]);
    expect(transport.isConnected).toBe(false);
    expect(device.status.phase).toBe("offline");
  });

  it("takes a call without an answer for a dead connection", async () => {
    const device = await live({ callTimeoutMs: 10_000 });
    device.post(c1, "hello");
    await settled();
    const first = take("PostMessage");
    await clock.advance(9_999);
    expect(device.status.phase).toBe("live");
    await clock.advance(1);
    expect(device.status.phase).toBe("waiting");
    await connect();
    expect(take("PostMessage").args).toEqual(first.args);
  });

  it("finds out soon after waking that its connection is dead", async () => {
    const device = await live();
    device.wake();
    await settled();
    take("Synchronize");
    await clock.advance(5_000);
    expect(device.status.phase).toBe("waiting");
  });

  it("connects at once when it wakes between two attempts", async () => {
    const device = await started();
    for (let attempt = 0; attempt < 8; attempt++) {
      transport.opening?.refuse(new Error("There is no network."));
      await clock.advance(attempt < 7 ? 30_000 : 0);
    }
    expect(transport.opening).toBeUndefined();
    device.wake();
    expect(transport.opening).toBeDefined();
  });

  it("waits longer after each failure, never longer than the ceiling", async () => {
    clock.random = () => 0.999_999;
    await started({ reconnect: { floorMs: 500, ceilingMs: 4_000 } });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      transport.opening?.refuse(new Error("There is no network."));
      await settled();
      const begun = clock.now();
      while (transport.opening === undefined) await clock.advance(100);
      waits.push(clock.now() - begun);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  it("stops without a credential, and says so", async () => {
    const device = await started();
    transport.opening?.refuse(new Unauthenticated("The session has ended."));
    await settled();
    expect(device.status).toMatchObject({ phase: "stopped", stopReason: "unauthenticated" });
  });

  it("never sends one person's outbox as another's", async () => {
    const device = await live();
    device.goOffline();
    device.post(c1, "mine");
    device.goOnline();
    await settled();
    await connect({ ...answer, personId: "somebody-else" });
    expect(device.status).toEqual({ phase: "stopped", stopReason: "otherPerson", waiting: 1 });
    expect(methods()).toEqual([]);
  });

  it("sends a command only when it would be found again after a restart", async () => {
    const gated = new GatedStore();
    store = gated;
    const device = await live();
    gated.shut();
    device.post(c1, "hello");
    await settled();
    expect(device.views.posts()).toHaveLength(1);
    expect(methods()).not.toContain("PostMessage");
    gated.open();
    await settled();
    expect(methods()).toContain("PostMessage");
  });

  it("confirms only what is stored", async () => {
    const gated = new GatedStore();
    store = gated;
    await live();
    gated.shut();
    transport.push({ from: "t1", to: "t2", items: [carrying(message(2))] });
    await clock.advance(1_000);
    expect(methods()).not.toContain("Confirm");
    gated.open();
    await settled();
    expect(take("Confirm").args).toEqual({ token: "t2", held: [{ conversationId: c1, seq: 2 }] });
  });

  it("says nothing of what it holds before a busy server wants it, and does so by growing pauses where it does not say", async () => {
    await live();
    const message2 = { from: "t1", to: "t2", items: [carrying(message(2))] };
    transport.answersConfirm = false;
    transport.push(message2);
    await clock.advance(100);
    take("Confirm").answer({ code: "busy", retryAfterSeconds: 20 });
    await settled();
    transport.push({ from: "t2", to: "t3", items: [carrying(message(3))] });
    await clock.advance(20_000);
    expect(methods()).not.toContain("Confirm");
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const begun = clock.now();
      while (!methods().includes("Confirm")) await clock.advance(50);
      waits.push(clock.now() - begun);
      take("Confirm").answer({ code: "unavailable" });
      await settled();
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000]);
  });

  it("adds jitter to what a busy server asks for, and never waits less", async () => {
    for (const chance of [0, 0.5, 0.9]) {
      clock = new StandingClock();
      clock.random = () => chance;
      store = new MemoryStore();
      const device = await live();
      device.post(c1, "hello");
      await settled();
      take("PostMessage").answer({ code: "busy", retryAfterSeconds: 5 });
      await settled();
      const begun = clock.now();
      while (!methods().includes("PostMessage")) await clock.advance(10);
      expect(clock.now() - begun).toBe(5_000 + Math.max(50, 500 * chance));
      device.goOffline();
    }
  });

  it("never tries again at once, whatever chance says", async () => {
    clock.random = () => 0;
    await started();
    let attempts = 0;
    for (const begun = clock.now(); clock.now() - begun < 1_000; await clock.advance(10)) {
      if (transport.opening === undefined) continue;
      attempts++;
      transport.opening.refuse(new Error("There is no network."));
      await settled();
    }
    expect(attempts).toBeLessThanOrEqual(20);
  });

  it("waits with the next attempt to connect as long as whoever gives the credential asks", async () => {
    await started();
    transport.opening?.refuse(new Refused(503, "Busy.", 20));
    await settled();
    await clock.advance(20_000);
    expect(transport.opening).toBeUndefined();
    await clock.advance(500);
    expect(transport.opening).toBeDefined();
  });

  it("gives up an attempt to connect that neither succeeds nor fails, and closes what comes of it later", async () => {
    await started();
    const first = transport.opening;
    await clock.advance(31_000);
    expect(transport.opening).not.toBe(first);
    first?.accept();
    await settled();
    expect(methods()).toEqual([]);
  });

  it("stops when its store fails", async () => {
    const device = await live();
    store.commit = () => Promise.reject(new Error("The disk is full."));
    device.post(c1, "hello");
    await settled();
    expect(device.status).toMatchObject({ phase: "stopped", stopReason: "storeFailed" });
    expect(methods()).not.toContain("PostMessage");
  });

  it("gives up a command that the hub fails at again and again, and goes on with the next", async () => {
    const device = await live();
    const first = device.post(c1, "poison");
    device.post(c1, "hello");
    for (let attempt = 0; attempt < 5; attempt++) {
      await clock.advance(30_000);
      take("PostMessage").fail(new HubFailure("An unexpected error occurred."));
      await settled();
    }
    await expect(first.outcome).resolves.toMatchObject({ code: "malformed" });
    expect(take("PostMessage").args).toMatchObject({ content: "hello" });
  });

  it("lists a conversation it has opened, before and after the answer, until synchronisation brings it", async () => {
    const device = await live();
    const { conversationId } = device.openConversation();
    const listed = (): (string | undefined)[] => device.views.conversations().map((view) => (view.conversationId === conversationId ? (view.state?.status ?? "new") : undefined));
    expect(listed()).toContain("new");
    await settled();
    take("OpenConversation").answer({ code: "ok", conversationId });
    await settled();
    expect(listed()).toContain("new");
    transport.push({ from: "t1", to: "t2", items: [conversation(conversationId)] });
    expect(listed()).toContain("open");
    expect(listed()).not.toContain("new");
  });

  it("keeps the chosen conversation chosen between the answer and the push", async () => {
    const device = await live();
    const open = (id: string, revision: number): object => ({ kind: "openConversation", id: me, revision, state: { conversationId: id } });
    transport.push({ from: "t1", to: "t2", items: [open("another", 1)] } as PushBatch);
    device.setOpenConversation(c1);
    await settled();
    take("SetOpenConversation").answer({ code: "ok" });
    await settled();
    expect(device.views.openConversation()).toBe(c1);
    transport.push({ from: "t2", to: "t3", items: [open(c1, 2)] } as PushBatch);
    transport.push({ from: "t3", to: "t4", items: [open("another", 3)] } as PushBatch);
    expect(device.views.openConversation()).toBe("another");
  });

  it("tells that a note is typed apart from a message", async () => {
    const device = await live();
    device.typed(c1, "notes");
    device.typed(c1);
    device.post(c1, "done");
    await settled();
    expect(transport.calls.filter(({ method }) => method === "SetTyping").map(({ args }) => args)).toEqual([
      { conversationId: c1, lane: "notes", active: true },
      { conversationId: c1, lane: "notes", active: false },
      { conversationId: c1, lane: "public", active: true },
      { conversationId: c1, lane: "public", active: false },
    ]);
  });

  it("lets a draft and a read position stand between the answer and the push", async () => {
    const device = await live();
    device.setDraft(c1, "typed here");
    await settled();
    take("SetDraft").answer({ code: "ok", revision: 1 });
    await settled();
    expect(device.views.draft(c1)).toMatchObject({ text: "typed here", revision: 1 });
    device.markRead(c1, 1);
    await settled();
    take("MarkRead").answer({ code: "ok" });
    await settled();
    expect(device.views.unread(c1)).toBe(0);
    expect(device.status.waiting).toBe(0);
    device.setDraft(c1, "typed on");
    await settled();
    expect(take("SetDraft").args).toMatchObject({ ifRevision: 1 });
  });

  it("shows what another device says once its own command has arrived", async () => {
    const device = await live();
    device.setDraft(c1, "typed here");
    await settled();
    take("SetDraft").answer({ code: "ok", revision: 1 });
    await settled();
    const draft = (revision: number, text: string): object => ({ kind: "draft", id: `${c1}/${me}`, revision, state: { text, lane: "public" } });
    transport.push({ from: "t1", to: "t2", items: [draft(1, "typed here")] } as PushBatch);
    transport.push({ from: "t2", to: "t3", items: [draft(2, "typed there")] } as PushBatch);
    expect(device.views.draft(c1)).toEqual({ text: "typed there", lane: "public", revision: 2 });
  });

  it("keeps the text of a draft that met a conflict until it is dismissed", async () => {
    const device = await live();
    device.setDraft(c1, "mine");
    await settled();
    transport.push({ from: "t1", to: "t2", items: [{ kind: "draft", id: `${c1}/${me}`, revision: 1, state: { text: "theirs", lane: "public" } }] });
    take("SetDraft").answer({ code: "conflict" });
    await settled();
    expect(device.views.draft(c1)).toMatchObject({ text: "theirs", revision: 1, conflict: { text: "mine" } });
    device.dismissDraft(c1);
    expect(device.views.draft(c1)?.conflict).toBeUndefined();
  });

  it("gives everybody who waits for a collapsed command the outcome of the one that was sent", async () => {
    const device = await live();
    device.goOffline();
    const given = ["a", "ab", "abc"].map((text) => device.setDraft(c1, text).outcome);
    device.goOnline();
    await settled();
    await connect();
    const outcome: Outcome = { code: "ok", revision: 1 };
    take("SetDraft").answer(outcome);
    await expect(Promise.all(given)).resolves.toEqual([outcome, outcome, outcome]);
    expect(methods()).not.toContain("SetDraft");
  });

  it("sends an accepted post again when the store starts anew without it", async () => {
    const device = await live();
    const { number, messageId } = device.post(c1, "hello");
    await settled();
    take("PostMessage").answer({ code: "ok", seq: 2 });
    await settled();
    expect(device.views.posts().map(({ status }) => status)).toEqual(["sent"]);
    transport.push({ to: "t9", resync: { reason: "epoch", discard: true }, items: [conversation(c1)] });
    await settled();
    expect(take("PostMessage").args).toMatchObject({ number, messageId });
  });

  it("is done with a note as soon as it is accepted when it keeps none", async () => {
    const device = await live({ filter: { withoutNotes: true } });
    device.post(c1, "aside", { lane: "notes" });
    await settled();
    take("PostMessage").answer({ code: "ok", seq: 1 });
    await settled();
    expect(device.views.posts()).toEqual([]);
  });

  it("tells its observers once per turn what changed", async () => {
    const device = await live();
    const told: unknown[] = [];
    device.changes.on((changes) => told.push(changes));
    transport.push({ from: "t1", to: "t2", items: [carrying(message(2)), conversation(c1, 2)] });
    await Promise.resolve();
    expect(told).toEqual([
      [
        { about: "messages", conversationId: c1 },
        { about: "item", kind: "conversation", id: c1 },
      ],
    ]);
  });

  it("refuses a history of nothing", async () => {
    await expect(Device.open({ store, transport: new ScriptedTransport(), historyMessages: 0 })).rejects.toThrow("historyMessages is 0");
  });
});

describe("A message id", () => {
  it("is a version 7 UUID of its moment", () => {
    const id = uuidV7(0x0123_4567_89ab);
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidV7(1)).not.toBe(uuidV7(1));
  });
});

describe("Canonical JSON", () => {
  it("sorts members at all levels, number-like ones too, and escapes no more than JSON.stringify", () => {
    expect(canonicalJson({ b: [{ z: 1, a: null }], 10: "ü/<>&'+\u2028", 9: "\u0001\n\ud800", a: undefined })).toBe(
      '{"10":"ü/<>&\'+\u2028","9":"\\u0001\\n\\ud800","a":null,"b":[{"a":null,"z":1}]}',
    );
  });
});

/** A store whose transactions can be held up. */
class GatedStore extends MemoryStore {
  #gate: Promise<void> = Promise.resolve();
  open: () => void = () => undefined;

  shut(): void {
    this.#gate = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  override async commit(writes: readonly Write[]): Promise<void> {
    await this.#gate;
    await super.commit(writes);
  }
}
