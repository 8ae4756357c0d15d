import { type Rows, type Store, type Table, tables, type Write } from "./store.ts";

/** Another tab or window has the database open. Two replicas must not write one database: each would count tokens the other never saw. */
export class StoreInUse extends Error {
  override readonly name = "StoreInUse";

  constructor(database: string) {
    super(`The database ${database} is open in another tab or window.`);
  }
}

/** The store of a device in a browser: one IndexedDB database, open in one tab at a time. */
export class IndexedDbStore implements Store {
  static readonly #version = 1;
  readonly #database: IDBDatabase;
  readonly #release: () => void;

  private constructor(database: IDBDatabase, release: () => void) {
    this.#database = database;
    this.#release = release;
    // A newer version of the app, in another tab, must not wait for this one for ever.
    database.onversionchange = () => database.close();
  }

  /** Opens the database, and makes it when there is none. Throws {@link StoreInUse} when another tab has it. */
  static async open(name: string, factory: IDBFactory = indexedDB, locks: LockManager | undefined = browserLocks()): Promise<IndexedDbStore> {
    const release = await exclusive(name, locks);
    try {
      const request = factory.open(name, IndexedDbStore.#version);
      request.onupgradeneeded = () => {
        for (const table of tables) request.result.createObjectStore(table);
      };
      return new IndexedDbStore(await answered(request), release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Removes a database and all that is in it. */
  static async remove(name: string, factory: IDBFactory = indexedDB): Promise<void> {
    await answered(factory.deleteDatabase(name));
  }

  async load(): Promise<Rows> {
    const transaction = this.#database.transaction(tables, "readonly");
    const loaded = await Promise.all(
      tables.map(async (table): Promise<[Table, Map<string, unknown>]> => {
        const objects = transaction.objectStore(table);
        const [keys, values] = await Promise.all([answered(objects.getAllKeys()), answered<unknown[]>(objects.getAll())]);
        return [table, new Map(keys.map((key, index) => [key as string, values[index]]))];
      }),
    );
    return Object.fromEntries(loaded) as Record<Table, Map<string, unknown>>;
  }

  async commit(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return;
    const transaction = this.#database.transaction([...new Set(writes.map((write) => write.table))], "readwrite");
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("The transaction was aborted."));
    });
    try {
      for (const { table, key, value } of writes) {
        if (value === undefined) transaction.objectStore(table).delete(key);
        else transaction.objectStore(table).put(value, key);
      }
    } catch (error) {
      // Without this the browser would commit what was written before the row that failed.
      transaction.abort();
      await done.catch(() => undefined);
      throw error;
    }
    await done;
  }

  close(): Promise<void> {
    this.#database.close();
    this.#release();
    return Promise.resolve();
  }
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The request failed."));
  });
}

// Node and insecure pages have no Web Locks; a page that is served safely has.
function browserLocks(): LockManager | undefined {
  return (globalThis.navigator as Navigator | undefined)?.locks;
}

/** Takes the lock of this name and returns what releases it. */
function exclusive(name: string, locks: LockManager | undefined): Promise<() => void> {
  if (locks === undefined) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    locks
      .request(`rcc:${name}`, { ifAvailable: true }, (lock) => {
        if (lock === null) throw new StoreInUse(name);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}
