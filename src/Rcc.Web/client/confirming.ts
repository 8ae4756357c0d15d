import { type BackOff, backOffMs, type Clock } from "./clock.ts";
import type { Edit, Journal } from "./journal.ts";
import type { Link } from "./link.ts";
import { verdictOn } from "./outbox.ts";
import type { Replica } from "./replica.ts";

/** Tells the server what is stored here, many messages at once and only what it does not know. */
export class Confirming {
  readonly #replica: Replica;
  readonly #journal: Journal;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #retry: BackOff;
  readonly #done: (edit: Edit) => void;
  #scheduled = false;
  #failures = 0;
  /** The server wants no confirmation before, in milliseconds from the last. */
  #retryAfterMs = 0;
  /** The server's limits. */
  limits = { withinMs: 100, conversations: 100 };

  constructor(replica: Replica, journal: Journal, link: Link, clock: Clock, retry: BackOff, done: (edit: Edit) => void) {
    this.#replica = replica;
    this.#journal = journal;
    this.#link = link;
    this.#clock = clock;
    this.#retry = retry;
    this.#done = done;
  }

  /** Looks for something to confirm; called after each change. */
  proceed(): void {
    if (this.#scheduled || !this.#link.isOpen || this.#replica.unconfirmed(1).length === 0) return;
    this.#scheduled = true;
    const wait = this.#retryAfterMs + (this.#failures === 0 ? this.limits.withinMs : backOffMs(this.#retry, this.#failures - 1, this.#clock));
    this.#clock.after(wait, () => {
      void this.#confirm().finally(() => {
        this.#scheduled = false;
        this.proceed();
      });
    });
  }

  async #confirm(): Promise<void> {
    this.#retryAfterMs = 0;
    try {
      for (;;) {
        const { token } = this.#replica;
        const held = this.#replica.unconfirmed(this.limits.conversations);
        if (held.length === 0 || !this.#link.isOpen) return;
        await this.#journal.durable();
        const { code, retryAfterSeconds = 0 } = await this.#link.call("Confirm", { ...(token === undefined ? {} : { token }), held });
        if (verdictOn(code) === "stop") return this.#link.stop(code);
        if (code !== "ok") {
          this.#retryAfterMs = retryAfterSeconds * 1000;
          break;
        }
        this.#failures = 0;
        this.#done(this.#replica.confirmed(held));
      }
    } catch {
      // Nothing is lost: what the server was not told is still unconfirmed.
    }
    this.#failures++;
  }
}
