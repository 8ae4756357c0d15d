import { beforeEach, describe, expect, it } from "vitest";
import { Edit } from "../client/journal.ts";
import { type Arrived, type Command, Outbox, type OutboxEntry, verdictOn } from "../client/outbox.ts";
import { MemoryStore } from "../client/store.ts";
import { c1, c2 } from "./samples.ts";

const now = Date.UTC(2026, 0, 1);
const never: Arrived = () => false;
let store: MemoryStore;
let outbox: Outbox;

const start = async (): Promise<Outbox> => new Outbox(await store.load());

async function change<T>(act: (edit: Edit) => T): Promise<T> {
  const edit = new Edit();
  const result = act(edit);
  await store.commit(edit.writes);
  return result;
}

const give = (command: Command, at = now): Promise<OutboxEntry> => change((edit) => outbox.add(command, at, edit).entry);
const post = (messageId: string, conversationId = c1): Command => ({ method: "PostMessage", body: { conversationId, messageId, lane: "public", content: messageId } });
const draft = (text: string, ifRevision: number): Command => ({ method: "SetDraft", body: { conversationId: c1, text, lane: "public", ifRevision } });
const read = (seq: number, lane: "public" | "notes" = "public"): Command => ({ method: "MarkRead", body: { conversationId: c1, lane, seq } });
const bodies = (): unknown[] => outbox.entries.map(({ body }) => body);

beforeEach(async () => {
  store = new MemoryStore();
  outbox = await start();
});

describe("An outbox", () => {
  it("sends what is said of context one after the other, and nothing in the place of another", async () => {
    const set = await give({ method: "SetContext", body: { contactId: c2, name: "crm:mood", value: "glad", source: "inferred", conversationId: c1 } });
    await give({ method: "ClearContext", body: { contactId: c2, name: "crm:mood" } });
    await give(post("a"));
    expect(outbox.entries).toHaveLength(3);
    expect(outbox.heads().map(({ number, method }) => [number, method])).toEqual([
      [set.number, "SetContext"],
      [set.number + 2, "PostMessage"],
    ]);
  });

  it("numbers by the clock, and rises when the clock does not, stands still or goes back", async () => {
    const first = await give(post("a"));
    expect(first.number).toBe(now * 1024);
    expect(Number.isSafeInteger(first.number)).toBe(true);
    expect((await give(post("b"))).number).toBe(first.number + 1);
    expect((await give(post("c"), now - 86_400_000)).number).toBe(first.number + 2);
    outbox = await start();
    expect((await give(post("d"), now - 86_400_000)).number).toBe(first.number + 3);
  });

  it("does not use a number again after everything was settled and the device restarted", async () => {
    const { number } = await give(post("a"));
    await change((edit) => outbox.settle(number, { code: "ok", seq: 1 }, () => true, edit));
    outbox = await start();
    expect(outbox.entries).toEqual([]);
    expect((await give(post("b"), now - 1000)).number).toBe(number + 1);
  });

  it("sends one command of a conversation at a time, and does not hold up another", async () => {
    const [a, b, c] = [await give(post("a")), await give(post("b")), await give(post("c", c2))];
    expect(outbox.heads().map(({ number }) => number)).toEqual([a.number, c.number]);
    await change((edit) => outbox.settle(a.number, { code: "closed" }, never, edit));
    expect(outbox.heads().map(({ number }) => number)).toEqual([b.number, c.number]);
  });

  it("collapses unsent read positions and drafts, keeping the revision the first was typed on", async () => {
    await give(read(1));
    await give(read(4));
    await give(draft("a", 2));
    await give(draft("ab", 9));
    expect(bodies()).toEqual([
      { conversationId: c1, lane: "public", seq: 4 },
      { conversationId: c1, lane: "public", text: "ab", ifRevision: 2 },
    ]);
  });

  it("never collapses what may have been sent, other lanes, or across another command", async () => {
    const first = await give(read(1));
    await change((edit) => outbox.sent(first.number, edit));
    outbox = await start();
    await give(read(2));
    await give(read(3, "notes"));
    await give(post("a"));
    await give(read(4, "notes"));
    expect(outbox.entries).toHaveLength(5);
  });

  it("bases the next draft on the one this device has just stored", async () => {
    const first = await give(draft("a", 3));
    await change((edit) => outbox.sent(first.number, edit));
    await give(draft("ab", 3));
    await change((edit) => outbox.settle(first.number, { code: "ok", revision: 4 }, () => true, edit));
    expect(bodies()).toEqual([{ conversationId: c1, lane: "public", text: "ab", ifRevision: 4 }]);
  });

  it("keeps an accepted post until it has arrived, and a refused one until it is dismissed", async () => {
    const [a, b] = [await give(post("a")), await give(post("b"))];
    await change((edit) => outbox.settle(a.number, { code: "ok", seq: 1 }, never, edit));
    await change((edit) => outbox.settle(b.number, { code: "tooLarge", detail: "maxContentBytes is 65536" }, never, edit));
    outbox = await start();
    expect(outbox.heads()).toEqual([]);
    expect(outbox.entry(b.number)?.refused).toEqual({ code: "tooLarge", detail: "maxContentBytes is 65536" });
    await change((edit) => outbox.collapse(({ accepted }) => accepted?.seq === 1, never, edit));
    await change((edit) => outbox.dismiss(b.number, edit));
    outbox = await start();
    expect(outbox.entries).toEqual([]);
  });

  it("forgets a post that is there, whatever the answer says", async () => {
    const { number } = await give(post("a"));
    await change((edit) => outbox.collapse(never, () => true, edit));
    outbox = await start();
    await change((edit) => outbox.settle(number, { code: "taken" }, never, edit));
    expect(outbox.entries).toEqual([]);
  });

  it("forgets a refused post as soon as it turns out to be there", async () => {
    const { number } = await give(post("a"));
    await change((edit) => outbox.settle(number, { code: "taken" }, never, edit));
    expect(outbox.entries).toHaveLength(1);
    await change((edit) => outbox.collapse(never, () => true, edit));
    expect(outbox.entries).toEqual([]);
  });

  it.each([
    ["ok", "final"],
    ["conflict", "final"],
    ["tooOld", "final"],
    ["somethingNew", "final"],
    ["busy", "later"],
    ["unavailable", "later"],
    ["rateLimited", "later"],
    ["unauthenticated", "stop"],
    ["suspended", "stop"],
  ] as const)("takes %s as %s", (code, verdict) => expect(verdictOn(code as Parameters<typeof verdictOn>[0])).toBe(verdict));
});
