import type { BackOff, Clock } from "./clock.ts";
import type { Outcome } from "./contract.ts";
import { Edit, type Journal } from "./journal.ts";
import type { Link } from "./link.ts";
import { type Outbox, type OutboxEntry, queueOf, verdictOn } from "./outbox.ts";
import { Retries } from "./retries.ts";
import { HubFailure } from "./transport.ts";

/** How the device sends its commands. */
export interface SendingOptions {
  /** Commands on their way at once, each of another conversation. */
  readonly commandsInFlight: number;
  readonly retry: BackOff;
  /** After so many errors of the hub a command is given up: it must not hold up its conversation for ever. */
  readonly hubFailures: number;
}

/** Sends the outbox: one command per conversation at a time, in order, each until its outcome is known. */
export class Sending {
  readonly #outbox: Outbox;
  readonly #journal: Journal;
  readonly #link: Link;
  readonly #options: SendingOptions;
  readonly #settled: (entry: OutboxEntry, outcome: Outcome) => void;
  readonly #inFlight = new Set<string>();
  readonly #retries: Retries;
  readonly #hubFailures = new Map<number, number>();

  constructor(outbox: Outbox, journal: Journal, link: Link, clock: Clock, options: SendingOptions, settled: (entry: OutboxEntry, outcome: Outcome) => void) {
    this.#outbox = outbox;
    this.#journal = journal;
    this.#link = link;
    this.#options = options;
    this.#settled = settled;
    this.#retries = new Retries(clock, options.retry, () => this.proceed());
  }

  /** Looks for commands to send; called after each change. */
  proceed(): void {
    if (!this.#link.isOpen) return;
    for (const entry of this.#outbox.heads()) {
      if (this.#inFlight.size >= this.#options.commandsInFlight) return;
      const queue = queueOf(entry);
      if (this.#inFlight.has(queue) || this.#retries.isWaiting(queue)) continue;
      this.#inFlight.add(queue);
      void this.#send(queue, entry).finally(() => {
        this.#inFlight.delete(queue);
        this.proceed();
      });
    }
  }

  /** A new connection: what failed on the old one is tried at once. */
  restart(): void {
    this.#retries.clear();
    this.proceed();
  }

  async #send(queue: string, entry: OutboxEntry): Promise<void> {
    const edit = new Edit();
    this.#outbox.sent(entry.number, edit);
    this.#journal.record(edit.writes);
    let outcome: Outcome;
    try {
      // A command that a restart would not find again must not reach the server: its number would be used twice.
      await this.#journal.durable();
      outcome = await this.#link.call(entry.method, { ...entry.body, number: entry.number });
    } catch (error) {
      const failures = (this.#hubFailures.get(entry.number) ?? 0) + Number(error instanceof HubFailure);
      this.#hubFailures.set(entry.number, failures);
      if (failures < this.#options.hubFailures) return this.#retries.failed(queue);
      outcome = { code: "malformed", detail: `The server answered ${entry.method} ${failures} times with an error.` };
    }
    switch (verdictOn(outcome.code)) {
      case "stop":
        return this.#link.stop(outcome.code);
      case "later":
        return this.#retries.failed(queue, outcome.retryAfterSeconds);
      case "final":
        this.#retries.succeeded(queue);
        this.#hubFailures.delete(entry.number);
        return this.#settled(entry, outcome);
    }
  }
}
