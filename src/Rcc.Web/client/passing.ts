import type { Clock } from "./clock.ts";
import type { EphemeralFact, Lane } from "./contract.ts";

/** Who does something where that is not kept: types, or has the conversation open. Facts end by themselves. */
export class PassingFacts {
  readonly #clock: Clock;
  readonly #changed: (conversationId: string) => void;
  /** Per conversation and person, what takes the fact back. */
  readonly #active = new Map<string, Map<string, () => void>>();

  constructor(clock: Clock, changed: (conversationId: string) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The people who do it in a conversation. */
  in(conversationId: string): string[] {
    return [...(this.#active.get(conversationId)?.keys() ?? [])];
  }

  take({ conversationId, personId, active, expiresInMs }: EphemeralFact): void {
    if (!active) return this.end(conversationId, personId);
    const known = this.#active.get(conversationId)?.get(personId);
    known?.();
    const people = this.#active.get(conversationId) ?? new Map<string, () => void>();
    const cancel = this.#clock.after(expiresInMs, () => this.end(conversationId, personId));
    this.#active.set(conversationId, people.set(personId, cancel));
    if (known === undefined) this.#changed(conversationId);
  }

  /** The person stopped; or, of typing, the message typed is here. */
  end(conversationId: string, personId: string): void {
    const people = this.#active.get(conversationId);
    const cancel = people?.get(personId);
    if (people === undefined || cancel === undefined) return;
    cancel();
    people.delete(personId);
    if (people.size === 0) this.#active.delete(conversationId);
    this.#changed(conversationId);
  }

  /** Without a connection nobody can be known to do it. */
  clear(): void {
    for (const [conversationId, people] of [...this.#active]) {
      for (const personId of [...people.keys()]) this.end(conversationId, personId);
    }
  }
}

/** Tells others that this person types: at the first key, again while it goes on, and once when it ends. */
export class TypingNotice {
  static readonly #refreshMs = 4_000;
  static readonly #idleMs = 6_000;
  readonly #clock: Clock;
  readonly #send: (conversationId: string, lane: Lane, active: boolean) => void;
  #conversationId: string | undefined;
  #lane: Lane = "public";
  #toldAt = 0;
  #cancelIdle: () => void = () => undefined;

  constructor(clock: Clock, send: (conversationId: string, lane: Lane, active: boolean) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Called at each key. */
  typed(conversationId: string, lane: Lane): void {
    if (this.#conversationId !== undefined && (this.#conversationId !== conversationId || this.#lane !== lane)) this.ended();
    const now = this.#clock.now();
    if (this.#conversationId === undefined || now - this.#toldAt >= TypingNotice.#refreshMs) {
      this.#conversationId = conversationId;
      this.#lane = lane;
      this.#toldAt = now;
      this.#send(conversationId, lane, true);
    }
    this.#cancelIdle();
    this.#cancelIdle = this.#clock.after(TypingNotice.#idleMs, () => this.ended());
  }

  ended(): void {
    this.#cancelIdle();
    if (this.#conversationId === undefined) return;
    this.#send(this.#conversationId, this.#lane, false);
    this.#conversationId = undefined;
  }
}
