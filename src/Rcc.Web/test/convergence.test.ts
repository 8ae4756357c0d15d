import { describe, expect, it } from "vitest";
import { Device, type MessageItem, MemoryStore } from "../client/index.ts";
import { FaultyServer, seeded } from "./faulty-server.ts";
import { settled, StandingClock } from "./recorded.ts";
import { me, other } from "./samples.ts";

/*
 * Goal: whatever is lost, doubled, cut or restarted, a device ends in the state of the store, and what was posted on it is stored once.
 * Method: a seeded run of changes and faults; then the faults end, the device is left alone until nothing moves, and both are compared.
 */

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);
const stepsPerRun = 120;

interface Run {
  readonly device: Device;
  readonly server: FaultyServer;
  readonly clock: StandingClock;
  readonly posted: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
  readonly restored: boolean;
}

async function run(seed: number, restores: boolean, heldMessages = Infinity): Promise<Run> {
  const random = seeded(seed);
  const clock = new StandingClock();
  clock.random = random;
  const store = new MemoryStore();
  const server = new FaultyServer(random, () => clock.now());
  const posted = new Set<string>();
  const refused = new Set<string>();
  let restored = false;
  let device = await start();
  let made = 0;

  async function start(): Promise<Device> {
    const started = await Device.open({ store, transport: server, clock, historyMessages: Infinity, heldMessages });
    started.outcomes.on(({ entry, outcome }) => {
      if (entry.method === "PostMessage" && outcome.code !== "ok") refused.add(entry.body.messageId);
    });
    started.goOnline();
    return started;
  }

  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  const acts: (() => unknown)[] = [
    () => {
      const id = `c${(made++ % 4) + 1}`;
      const assignee = random() < 0.5 ? { assigneeId: random() < 0.7 ? me : other } : {};
      const state = { displayId: made, status: random() < 0.8 ? "open" : "resolved", openedAt: "2026-01-01T00:00:00Z", ...assignee };
      if (server.outside.includes(id)) server.returnToFilter(id, state);
      else server.change("conversation", id, state, id);
    },
    () => onConversation((id) => random() < 0.5 && server.leaveFilter(id)),
    () => onConversation((id) => server.write(id, "public", `theirs-${made++}`)),
    () => onConversation((id) => server.write(id, "public", `theirs-${made++}`)),
    () => onConversation((id) => server.write(id, "notes", `note-${made++}`)),
    () => onConversation((id) => server.change("receipt", `${id}/${other}`, { delivered: made, displayed: made++ }, id)),
    () => server.change("waiting", `w${made % 5}`, { queueId: `q${made++ % 2}`, displayId: made, since: "2026-01-01T00:00:00Z" }),
    () => server.lose("waiting", `w${made++ % 5}`),
    () => server.change("agent", `g${made++ % 4}`, { name: "A", role: "agent", availability: pick(["online", "away", "offline"]), ...(random() < 0.2 ? { suspended: true } : {}) }),
    () => server.change("later", `x${made++ % 3}`, { made }),
    () => onConversation((id) => random() < 0.3 && server.leave(id)),
    () => server.tellTyping({ kind: "typing", conversationId: "c1", personId: other, active: true, expiresInMs: 1000 }),
    () => onHeld((id) => posted.add(device.post(id, `mine ${made++}`).messageId)),
    () => onHeld((id) => device.markRead(id, device.views.messages(id).at(-1)?.seq ?? 0)),
    () => onHeld((id) => device.setDraft(id, `draft ${made++}`)),
    () => device.setOpenConversation(`c${1 + (made++ % 4)}`),
    () => server.drop(),
    () => server.answerDelayed(),
    () => clock.advance(Math.floor(random() * 2000)),
    () => (random() < 0.5 ? device.goOffline() : device.goOnline()),
    () => device.wake(),
    restart,
    () => {
      if (!restores || random() > 0.3) return;
      restored = true;
      server.restore(Math.floor(random() * 6));
    },
  ];

  function onConversation(act: (id: string) => unknown): unknown {
    const id = pick(server.conversations);
    return id === undefined ? undefined : act(id);
  }

  function onHeld(act: (id: string) => unknown): unknown {
    const id = pick(device.views.itemsOf("conversation"))?.id;
    return id === undefined ? undefined : act(id);
  }

  /** The program ends without warning, after what it had handed to its store. */
  async function restart(): Promise<void> {
    server.drop();
    device.goOffline();
    await settled();
    device = await start();
  }

  for (let step = 0; step < stepsPerRun; step++) {
    await pick(acts)?.();
    if (random() < 0.7) await settled();
    expectWindowsWithoutHoles(device);
  }

  // The last frame may be one that was lost: catching up alone has to bring it.
  server.faults = 0;
  server.drop();
  device.goOnline();
  for (let turn = 0; turn < 60; turn++) {
    server.answerDelayed();
    await clock.advance(5000);
  }
  return { device, server, clock, posted, refused, restored };
}

function expectWindowsWithoutHoles(device: Device): void {
  for (const { id } of device.views.itemsOf("conversation")) {
    for (const lane of ["public", "notes"] as const) {
      const posts = new Set(device.views.posts().map(({ messageId }) => messageId));
      const window = device.views.messages(id, lane).filter(({ messageId }) => !posts.has(messageId));
      expect(window.map(({ seq }) => seq)).toEqual(window.map((_message, index) => (window[0]?.seq ?? 0) + index));
    }
  }
}

function expectEqualToStore({ device, server }: Run): void {
  const { items, messages } = server.state();
  const kinds = ["conversation", "receipt", "read", "draft", "openConversation", "later", "waiting", "agent"];
  const held = kinds.flatMap((kind) => device.views.itemsOf(kind)).map(({ kind, id, revision, state }) => ({ kind, id, revision, state }));
  const byId = (a: { kind: string; id?: string }, b: { kind: string; id?: string }): number => (`${a.kind} ${a.id ?? ""}` < `${b.kind} ${b.id ?? ""}` ? -1 : 1);
  expect(held.sort(byId)).toEqual([...items.values()].sort(byId));
  const contents = (all: readonly Pick<MessageItem, "messageId" | "content">[]): string[] => all.map(({ messageId, content }) => `${messageId} ${content}`);
  for (const id of server.conversations) {
    for (const lane of ["public", "notes"] as const) {
      const shown = device.views.messages(id, lane).filter(({ status }) => status !== "failed");
      expect(contents(shown), `${id}/${lane}`).toEqual(contents(messages.get(`${id}/${lane}`) ?? []));
    }
  }
}

/** Counted once more, from what the store holds. */
function expectCountsOfStore({ device, server }: Run): void {
  const { items, messages } = server.state();
  const of = (kind: string): { id: string; state: Record<string, unknown> }[] => [...items.values()].filter((item) => item.kind === kind).map(({ id = "", state }) => ({ id, state: state as Record<string, unknown> }));
  const tally = (all: unknown[]): Record<string, number> => Object.fromEntries([...new Set(all)].map((one) => [String(one), all.filter((other) => other === one).length]));
  const open = of("conversation").filter(({ state }) => state["status"] === "open");
  const isUnread = (id: string): boolean => {
    const read = (items.get(`read ${id}/${me}`)?.state as { seq?: number } | undefined)?.seq ?? 0;
    return (messages.get(`${id}/public`)?.findLast(({ personId }) => personId !== me)?.seq ?? 0) > read;
  };
  const counts = device.views.counts();
  expect({ ...counts, queues: Object.fromEntries(counts.queues), agents: Object.fromEntries(counts.agents) }).toEqual({
    mine: open.filter(({ state }) => state["assigneeId"] === me).length,
    unread: open.filter(({ id }) => isUnread(id)).length,
    unassigned: of("waiting").length,
    queues: tally(of("waiting").map(({ state }) => state["queueId"])),
    agents: tally(of("agent").filter(({ state }) => state["suspended"] !== true).map(({ state }) => state["availability"])),
  });
}

/** Nothing is left in the outbox but what the user has to see, and so nothing covers what the store says. */
function expectSettled({ device }: Run): void {
  expect(device.status).toMatchObject({ phase: "live", waiting: 0 });
  expect(device.unsettled.filter(({ refused }) => refused === undefined)).toEqual([]);
}

describe("A device", () => {
  it.each(seeds)("ends in the state of the store, with each post stored once (seed %i)", async (seed) => {
    const result = await run(seed, false);
    expectEqualToStore(result);
    expectCountsOfStore(result);
    expectSettled(result);
    const stored = result.server.stored().filter(({ personId }) => personId === me);
    expect(stored.map(({ messageId }) => messageId).sort()).toEqual([...result.posted].filter((id) => !result.refused.has(id)).sort());
  });

  it.each(seeds)("that lets go of old messages ends in the state of the store as well, once somebody looks (seed %i)", async (seed) => {
    const result = await run(seed, seed % 2 === 0, 6);
    expectCountsOfStore(result);
    expectSettled(result);
    for (const id of result.server.conversations) result.device.watch(id);
    for (let turn = 0; turn < 10; turn++) await result.clock.advance(5000);
    expectEqualToStore(result);
  });

  it.each(seeds)("ends in the state of a store that was restored from a backup (seed %i)", async (seed) => {
    const result = await run(seed, true);
    expectEqualToStore(result);
    expectCountsOfStore(result);
    expectSettled(result);
    const ids = result.server.stored().map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
