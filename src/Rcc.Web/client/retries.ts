import { type BackOff, backOffMs, type Clock } from "./clock.ts";

/** What failed and waits for its next attempt, by name: each waits longer the more often it failed. */
export class Retries {
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  readonly #due: () => void;
  readonly #failed = new Map<string, { attempts: number; cancel: (() => void) | undefined; held: boolean }>();

  /** `due` is called when a wait is over. */
  constructor(clock: Clock, backOff: BackOff, due: () => void) {
    this.#clock = clock;
    this.#backOff = backOff;
    this.#due = due;
  }

  isWaiting(name: string): boolean {
    return this.#failed.get(name)?.cancel !== undefined;
  }

  /** `retryAfterSeconds`: the server wants no attempt before; the jitter comes on top. */
  failed(name: string, retryAfterSeconds = 0): void {
    const failure = this.#failed.get(name) ?? { attempts: 0, cancel: undefined, held: false };
    failure.cancel?.();
    failure.held = retryAfterSeconds > 0;
    failure.cancel = this.#clock.after(retryAfterSeconds * 1000 + backOffMs(this.#backOff, failure.attempts++, this.#clock), () => {
      failure.cancel = undefined;
      failure.held = false;
      this.#due();
    });
    this.#failed.set(name, failure);
  }

  succeeded(name: string): void {
    this.#failed.get(name)?.cancel?.();
    this.#failed.delete(name);
  }

  /** Circumstances are new: everything may be tried at once, but for what the server has asked to wait with. */
  clear(): void {
    for (const [name, { held }] of [...this.#failed]) if (!held) this.succeeded(name);
  }
}
