import { beforeEach, describe, expect, it } from "vitest";
import type { PushBatch } from "../client/index.ts";
import type { Edit } from "../client/journal.ts";
import { Replica } from "../client/replica.ts";
import { MemoryStore } from "../client/store.ts";
import { c1, c2, carrying, conversation, fresh, me, message, messages } from "./samples.ts";

let store: MemoryStore;
let replica: Replica;

const start = async (): Promise<Replica> => new Replica(await store.load(), 200, ["public", "notes"]);

/** Applies a batch and stores its rows in one transaction, as a device does. */
async function apply(batch: PushBatch): Promise<Edit> {
  const edit = replica.apply(batch);
  if (edit === undefined) throw new Error("The batch was ignored.");
  await store.commit(edit.writes);
  return edit;
}

/** The page of the first conversation's messages that the replica wants. */
function publicPage(): ReturnType<Replica["wantedPages"]>[number] {
  const page = replica.wantedPages(50).find(({ key }) => key.conversationId === c1 && key.lane === "public");
  if (page === undefined) throw new Error("No page is wanted.");
  return page;
}

const asked = (): string[] => replica.wantedPages(50).map(({ key, ask }) => `${key.conversationId === c1 ? "c1" : "c2"}/${key.lane}/${ask.before ?? "newest"}`);

beforeEach(async () => {
  store = new MemoryStore();
  replica = await start();
});

describe("A replica", () => {
  it("applies a batch only where it continues the stored token", async () => {
    await apply(fresh("t1", conversation(c1)));
    expect(replica.apply({ from: "t0", to: "t2", items: [conversation(c2)] })).toBeUndefined();
    expect(replica.apply({ to: "t2", items: [conversation(c2)] })).toBeUndefined();
    expect(replica.token).toBe("t1");
    expect(replica.item("conversation", c2)).toBeUndefined();
  });

  it("writes a batch and its token in one edit", async () => {
    const edit = await apply(fresh("t1", conversation(c1), carrying(message(1))));
    expect(edit.writes.map(({ table }) => table)).toEqual(expect.arrayContaining(["items", "messages", "meta"]));
  });

  it("is the same after a restart, loading work included", async () => {
    await apply(fresh("t1", conversation(c1), carrying(message(7)), { kind: "receipt", id: `${c1}/${me}`, revision: 3, state: { delivered: 7, displayed: 0 } }));
    const before = { token: replica.token, items: [...replica.allItems()], messages: [...replica.allMessages()], asked: asked() };
    replica = await start();
    expect({ token: replica.token, items: [...replica.allItems()], messages: [...replica.allMessages()], asked: asked() }).toEqual(before);
    expect(before.asked).toEqual(["c1/public/newest", "c1/notes/newest"]);
  });

  it("keeps the highest revision of an object", async () => {
    await apply(fresh("t1", conversation(c1, 5, { displayId: 5 })));
    await apply({ from: "t1", to: "t2", items: [conversation(c1, 4, { displayId: 4 }), conversation(c1, 5, { displayId: 6 })] });
    expect(replica.item("conversation", c1)?.state.displayId).toBe(5);
  });

  it("takes items without meaning to it and items that are broken without an error", async () => {
    await apply(fresh("t1", { kind: "message" }, { kind: "left" }, { kind: "left", of: "message", id: "x" }, { kind: "later" }, carrying({ ...message(1), seq: -1 })));
    expect([...replica.allItems()]).toEqual([]);
    expect([...replica.allMessages()]).toEqual([]);
    await apply({ from: "t1", to: "t2", items: [{ kind: "later", id: "x", revision: 1, state: [1] }] });
    expect(replica.item("later", "x")?.state).toEqual([1]);
  });

  it("asks for no messages while pages of changes are coming", async () => {
    await apply({ ...fresh("t1", conversation(c1)), more: true });
    expect(asked()).toEqual([]);
    await apply({ from: "t1", to: "t2" });
    expect(asked()).toEqual(["c1/public/newest", "c1/notes/newest"]);
  });

  it("sweeps at the last page of a start from nothing and not before, also after a restart", async () => {
    await apply(fresh("t1", conversation(c1), conversation(c2), { kind: "read", id: `${c2}/${me}`, revision: 1, state: { seq: 1, notesSeq: 0 } }, carrying(message(1, { conversationId: c2 }))));
    await apply({ ...fresh("t2", conversation(c1)), more: true });
    expect(replica.item("conversation", c2)).toBeDefined();
    replica = await start();
    await apply({ from: "t2", to: "t3" });
    expect(replica.item("conversation", c1)).toBeDefined();
    expect(replica.item("conversation", c2)).toBeUndefined();
    expect(replica.item("read", `${c2}/${me}`)).toBeUndefined();
    expect([...replica.allMessages()]).toEqual([]);
    replica = await start();
    expect([...replica.allItems()].map(({ id }) => id)).toEqual([c1]);
  });

  it("asks for the newest page again when synchronisation started from nothing while one was on its way", async () => {
    await apply(fresh("t1", conversation(c1)));
    const page = publicPage();
    const askedAt = replica.mark;
    await apply(fresh("t2", conversation(c1)));
    replica.addPage(page.key, page.window, askedAt, undefined, messages(1, 3));
    expect(asked()).toContain("c1/public/newest");
    expect(page.window.messages).toHaveLength(3);
  });

  it("does not keep a page of a conversation that has left meanwhile, even when it is back", async () => {
    await apply(fresh("t1", conversation(c1)));
    const page = publicPage();
    await apply({ from: "t1", to: "t2", items: [{ kind: "left", of: "conversation", id: c1, reason: "left" }, conversation(c1, 9)] });
    await store.commit(replica.addPage(page.key, page.window, replica.mark, undefined, messages(1, 3)).edit.writes);
    expect([...replica.allMessages()]).toEqual([]);
    replica = await start();
    expect([...replica.allMessages()]).toEqual([]);
    expect(asked()).toContain("c1/public/newest");
  });

  it("drops notes that a changed filter does not keep", async () => {
    await apply(fresh("t1", conversation(c1), carrying(message(1)), carrying(message(1, { lane: "notes" }))));
    replica.lanes = ["public"];
    await apply(fresh("t2", conversation(c1)));
    expect([...replica.allMessages()].map(({ lane }) => lane)).toEqual(["public"]);
  });

  it("confirms public windows whose end is certain, and each end once", async () => {
    await apply(fresh("t1", conversation(c1), carrying(message(1)), carrying(message(2)), carrying(message(1, { lane: "notes" })), conversation(c2), carrying(message(9, { conversationId: c2 }))));
    const held = replica.unconfirmed(10);
    expect(held).toEqual([{ conversationId: c1, seq: 2 }]);
    await store.commit(replica.confirmed(held).writes);
    expect(replica.unconfirmed(10)).toEqual([]);
    replica = await start();
    expect(replica.unconfirmed(10)).toEqual([]);
    await apply({ from: "t1", to: "t2", items: [carrying(message(3))] });
    expect(replica.unconfirmed(10)).toEqual([{ conversationId: c1, seq: 3 }]);
  });

  it("confirms anew what was discarded", async () => {
    await apply(fresh("t1", conversation(c1), carrying(message(1))));
    replica.confirmed(replica.unconfirmed(10));
    await apply({ to: "t2", resync: { reason: "epoch", discard: true }, items: [conversation(c1)] });
    expect(replica.unconfirmed(10)).toEqual([]);
    const page = publicPage();
    replica.addPage(page.key, page.window, replica.mark, undefined, messages(1, 1));
    expect(replica.unconfirmed(10)).toEqual([{ conversationId: c1, seq: 1 }]);
  });
});
