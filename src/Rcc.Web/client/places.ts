import type { Clock } from "./clock.ts";
import type { EphemeralFact, Instant } from "./contract.ts";

/** Where a waiting conversation stands in its queue. */
export interface QueuePlace {
  /** 1: the next. */
  readonly position: number;
  /** How long it may still take; absent while that cannot be told. */
  readonly estimatedSeconds?: number;
  /** When the queue opens; absent: it is open, or does not open any more. */
  readonly opensAt?: Instant;
}

/** Where the person's conversations stand, as the server has told last. What is not told again ends by itself. */
export class QueuePlaces {
  readonly #clock: Clock;
  readonly #changed: (conversationId: string) => void;
  readonly #places = new Map<string, { readonly place: QueuePlace; readonly cancel: () => void }>();

  constructor(clock: Clock, changed: (conversationId: string) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  of(conversationId: string): QueuePlace | undefined {
    return this.#places.get(conversationId)?.place;
  }

  take({ conversationId, active, expiresInMs, position, estimatedSeconds, opensAt }: EphemeralFact): void {
    if (!active || position === undefined) return this.#end(conversationId);
    this.#places.get(conversationId)?.cancel();
    const place = { position, ...(estimatedSeconds === undefined ? {} : { estimatedSeconds }), ...(opensAt === undefined ? {} : { opensAt }) };
    this.#places.set(conversationId, { place, cancel: this.#clock.after(expiresInMs, () => this.#end(conversationId)) });
    this.#changed(conversationId);
  }

  #end(conversationId: string): void {
    const known = this.#places.get(conversationId);
    if (known === undefined) return;
    known.cancel();
    this.#places.delete(conversationId);
    this.#changed(conversationId);
  }
}
