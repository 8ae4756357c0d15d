import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { IndexedDbStore, MemoryStore, type Store, StoreInUse } from "../client/index.ts";
import { Journal } from "../client/journal.ts";

/** Opens the same store again, as after a restart. */
type Opening = () => Promise<Store>;

const memory = (): Opening => {
  const store = new MemoryStore();
  return () => Promise.resolve(store);
};

const indexed = (): Opening => {
  const factory = new IDBFactory();
  return () => IndexedDbStore.open("device", factory, undefined);
};

describe.each([
  ["A memory store", memory],
  ["An IndexedDB store", indexed],
])("%s", (_name, kind) => {
  it("finds again what was committed, and not what was removed", async () => {
    const open = kind();
    const store = await open();
    await store.commit([
      { table: "meta", key: "position", value: { token: "t1" } },
      { table: "messages", key: "c/public/1", value: { content: "\u0000 naïve 🙂 \ud800" } },
      { table: "outbox", key: "1", value: { number: 1 } },
    ]);
    await store.commit([
      { table: "outbox", key: "1", value: undefined },
      { table: "meta", key: "position", value: { token: "t2" } },
    ]);
    await store.close();
    const rows = await (await open()).load();
    expect(rows.meta.get("position")).toEqual({ token: "t2" });
    expect(rows.messages.get("c/public/1")).toEqual({ content: "\u0000 naïve 🙂 \ud800" });
    expect([...rows.outbox.keys()]).toEqual([]);
    expect([...rows.items.keys()]).toEqual([]);
  });

  it("commits all writes or none", async () => {
    const open = kind();
    const store = await open();
    const writes = [
      { table: "meta", key: "position", value: "t1" },
      { table: "items", key: "broken", value: () => "cannot be stored" },
    ] as const;
    await expect((async () => store.commit(writes))()).rejects.toThrow();
    expect((await store.load()).meta.size).toBe(0);
  });

  it("is not changed by what happens to a value later", async () => {
    const store = await kind()();
    const value = { seq: 1 };
    await store.commit([{ table: "items", key: "a", value }]);
    value.seq = 2;
    expect((await store.load()).items.get("a")).toEqual({ seq: 1 });
  });
});

describe("An IndexedDB store", () => {
  it("is open in one tab at a time", async () => {
    const factory = new IDBFactory();
    const locks = new OneTabLocks() as unknown as LockManager;
    const first = await IndexedDbStore.open("device", factory, locks);
    await expect(IndexedDbStore.open("device", factory, locks)).rejects.toBeInstanceOf(StoreInUse);
    await IndexedDbStore.open("another", factory, locks);
    await first.close();
    await (await IndexedDbStore.open("device", factory, locks)).close();
  });

  it("is empty after it was removed", async () => {
    const factory = new IDBFactory();
    const store = await IndexedDbStore.open("device", factory, undefined);
    await store.commit([{ table: "meta", key: "position", value: "t1" }]);
    await store.close();
    await IndexedDbStore.remove("device", factory);
    expect((await (await IndexedDbStore.open("device", factory, undefined)).load()).meta.size).toBe(0);
  });
});

describe("A journal", () => {
  it("lets changes gather while a transaction runs, and keeps their order", async () => {
    const store = new GatedStore();
    const journal = new Journal(store, () => undefined);
    journal.record([{ table: "meta", key: "position", value: 1 }]);
    await Promise.resolve();
    await Promise.resolve();
    journal.record([{ table: "meta", key: "position", value: 2 }]);
    journal.record([
      { table: "meta", key: "position", value: 3 },
      { table: "items", key: "a", value: 3 },
    ]);
    store.open();
    await journal.durable();
    expect(store.commits).toEqual([[1], [3, 3]]);
  });

  it("tells of a store that refuses, once, and writes nothing after it", async () => {
    const store = new GatedStore();
    const told: Error[] = [];
    const journal = new Journal(store, (error) => told.push(error));
    store.fail();
    journal.record([{ table: "meta", key: "position", value: 1 }]);
    await expect(journal.durable()).rejects.toThrow("refused a transaction");
    journal.record([{ table: "meta", key: "position", value: 2 }]);
    await expect(journal.durable()).rejects.toThrow("refused a transaction");
    expect(told).toHaveLength(1);
    expect(store.commits).toEqual([[1]]);
  });
});

/** The part of Web Locks that the store uses. */
class OneTabLocks {
  readonly #taken = new Set<string>();

  async request(name: string, _options: object, act: (lock: object | null) => Promise<void>): Promise<void> {
    if (this.#taken.has(name)) return act(null);
    this.#taken.add(name);
    await act({ name });
    this.#taken.delete(name);
  }
}

class GatedStore extends MemoryStore {
  readonly commits: unknown[][] = [];
  #gate: Promise<void>;
  open!: () => void;
  fail!: () => void;

  constructor() {
    super();
    this.#gate = new Promise((resolve, reject) => {
      this.open = resolve;
      this.fail = () => reject(new Error("The disk is full."));
    });
  }

  override async commit(writes: Parameters<Store["commit"]>[0]): Promise<void> {
    this.commits.push(writes.map(({ value }) => value));
    await this.#gate;
  }
}
