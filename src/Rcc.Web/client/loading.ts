import type { BackOff, Clock } from "./clock.ts";
import type { Edit } from "./journal.ts";
import type { Link } from "./link.ts";
import { verdictOn } from "./outbox.ts";
import type { Replica } from "./replica.ts";
import { Retries } from "./retries.ts";

/** How the device loads messages it was not pushed. */
export interface LoadingOptions {
  /** Messages of a page. */
  readonly pageItems: number;
  /** Pages asked for at once. */
  readonly pagesInFlight: number;
  readonly retry: BackOff;
}

/** Loads the pages the replica wants, some at a time, until it wants none. */
export class Loading {
  readonly #replica: Replica;
  readonly #link: Link;
  readonly #options: LoadingOptions;
  readonly #done: (edit: Edit) => void;
  readonly #retries: Retries;
  readonly #inFlight = new Set<string>();
  /** Bounded by the server's limit, once it is known. */
  maxPageItems = Infinity;

  constructor(replica: Replica, link: Link, clock: Clock, options: LoadingOptions, done: (edit: Edit) => void) {
    this.#replica = replica;
    this.#link = link;
    this.#options = options;
    this.#done = done;
    this.#retries = new Retries(clock, options.retry, () => this.proceed());
  }

  /** Looks for pages to ask for; called after each change. */
  proceed(): void {
    if (!this.#link.isOpen || this.#inFlight.size >= this.#options.pagesInFlight) return;
    for (const page of this.#replica.wantedPages(Math.min(this.#options.pageItems, this.maxPageItems))) {
      if (this.#inFlight.size >= this.#options.pagesInFlight) return;
      const name = `${page.key.conversationId}/${page.key.lane}`;
      if (this.#inFlight.has(name) || this.#retries.isWaiting(name)) continue;
      this.#inFlight.add(name);
      void this.#load(name, page).finally(() => {
        this.#inFlight.delete(name);
        this.proceed();
      });
    }
  }

  /** A new connection: what failed on the old one is tried at once. */
  restart(): void {
    this.#retries.clear();
    this.proceed();
  }

  async #load(name: string, { key, window, ask }: ReturnType<Replica["wantedPages"]>[number]): Promise<void> {
    const askedAt = this.#replica.mark;
    let progress = false;
    let retryAfterSeconds: number | undefined;
    try {
      const page = await this.#link.call("LoadMessages", { ...key, ...ask });
      if (page.outcome.code === "ok") {
        const added = this.#replica.addPage(key, window, askedAt, ask.before, page.messages ?? []);
        this.#done(added.edit);
        progress = added.progress;
      } else if (verdictOn(page.outcome.code) === "stop") return this.#link.stop(page.outcome.code);
      ({ retryAfterSeconds } = page.outcome);
    } catch {
      // The lane is still wanted; the next attempt, here or on the next connection, asks again.
    }
    if (progress) this.#retries.succeeded(name);
    // Also after `notFound`: only a `left` says that a conversation is gone.
    else this.#retries.failed(name, retryAfterSeconds);
  }
}
