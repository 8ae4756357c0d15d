import type { Store, Table, Write } from "./store.ts";

/** The rows that one change of state writes, and what observers are told about it. */
export class Edit {
  readonly writes: Write[] = [];
  readonly changes: Change[] = [];

  put(table: Table, key: string, value: unknown): void {
    this.writes.push({ table, key, value });
  }

  drop(table: Table, key: string): void {
    this.writes.push({ table, key, value: undefined });
  }

  tell(change: Change): void {
    this.changes.push(change);
  }
}

/** What is no longer as it was; observers ask again for what they show. */
export type Change =
  | { readonly about: "item"; readonly kind: string; readonly id: string }
  | { readonly about: "messages"; readonly conversationId: string }
  | { readonly about: "outbox"; readonly conversationId: string | undefined }
  | { readonly about: "typing" | "viewing"; readonly conversationId: string }
  | { readonly about: "queuePlace"; readonly conversationId: string }
  | { readonly about: "state" };

/**
 * Writes behind: state changes in memory at once, its rows follow in order. The rows of one change land in one transaction; changes that gather while
 * a transaction runs share the next one. Whatever leaves the device (a confirmation, a command) waits for {@link durable} first.
 */
export class Journal {
  readonly #store: Store;
  readonly #failed: (error: Error) => void;
  #gathered: Map<string, Write> | undefined;
  #last: Promise<void> = Promise.resolve();

  /** `failed` is told once, when the store refuses a transaction; nothing is written after that. */
  constructor(store: Store, failed: (error: Error) => void) {
    this.#store = store;
    this.#failed = failed;
  }

  /** Takes the rows of one change, all or none of which are found again after a restart. */
  record(writes: readonly Write[]): void {
    if (writes.length === 0) return;
    if (this.#gathered === undefined) {
      this.#gathered = new Map();
      this.#last = this.#last.then(() => this.#commit());
      // Whoever waits for it is told too; without this a failure nobody waits for would end the process.
      this.#last.catch(() => undefined);
    }
    for (const write of writes) this.#gathered.set(`${write.table}\n${write.key}`, write);
  }

  /** Resolves when all that was recorded so far is stored; rejects when it could not be. */
  durable(): Promise<void> {
    return this.#last;
  }

  async #commit(): Promise<void> {
    const writes = [...(this.#gathered?.values() ?? [])];
    this.#gathered = undefined;
    try {
      await this.#store.commit(writes);
    } catch (cause) {
      const error = new Error("The device's store refused a transaction.", { cause });
      this.#failed(error);
      throw error;
    }
  }
}
