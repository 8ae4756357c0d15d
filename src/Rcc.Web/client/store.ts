/**
 * The tables of a device's store:
 *
 * - `meta`: the token, whose device this is, the filter, the last command number.
 * - `items`: synchronised objects by kind and id.
 * - `lanes`: per conversation and lane, the loading work and what is confirmed.
 * - `messages`: messages by conversation, lane and seq.
 * - `outbox`: commands by number.
 */
export const tables = ["meta", "items", "lanes", "messages", "outbox"] as const;

export type Table = (typeof tables)[number];

/** One row written, or removed when `value` is undefined. Values are plain JSON. */
export interface Write {
  readonly table: Table;
  readonly key: string;
  readonly value: unknown;
}

/** All rows of a store. */
export type Rows = Readonly<Record<Table, ReadonlyMap<string, unknown>>>;

/** Where a device keeps what it must find again after a restart. */
export interface Store {
  /** Everything, once, at the start. */
  load(): Promise<Rows>;
  /** Applies all writes in one transaction, or none and throws. */
  commit(writes: readonly Write[]): Promise<void>;
  /** Releases the store; it can be opened again. */
  close(): Promise<void>;
}

/** A store in memory: for Node, where a device lives as long as its process. Loading it again finds what was committed, as after a restart. */
export class MemoryStore implements Store {
  readonly #rows: Record<Table, Map<string, unknown>> = {
    meta: new Map(),
    items: new Map(),
    lanes: new Map(),
    messages: new Map(),
    outbox: new Map(),
  };

  load(): Promise<Rows> {
    return Promise.resolve(structuredClone(this.#rows));
  }

  commit(writes: readonly Write[]): Promise<void> {
    for (const { table, key, value } of structuredClone(writes)) {
      if (value === undefined) this.#rows[table].delete(key);
      else this.#rows[table].set(key, value);
    }
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
