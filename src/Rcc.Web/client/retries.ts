import { type BackOff, backOffMs, type Clock } from "./clock.ts";

/** What failed and waits for its next attempt, by name: each waits longer the more often it failed. */
export class Retries {
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  readonly #due: () => void;
  readonly #failed = new Map<string, { attempts: number; cancel: (() => void) | undefined }>();

  /** `due` is called when a wait is over. */
  constructor(clock: Clock, backOff: BackOff, due: () => void) {
    this.#clock = clock;
    this.#backOff = backOff;
    this.#due = due;
  }

  isWaiting(name: string): boolean {
    return this.#failed.get(name)?.cancel !== undefined;
  }

  failed(name: string): void {
    const failure = this.#failed.get(name) ?? { attempts: 0, cancel: undefined };
    failure.cancel?.();
    failure.cancel = this.#clock.after(backOffMs(this.#backOff, failure.attempts++, this.#clock), () => {
      failure.cancel = undefined;
      this.#due();
    });
    this.#failed.set(name, failure);
  }

  succeeded(name: string): void {
    this.#failed.get(name)?.cancel?.();
    this.#failed.delete(name);
  }

  /** Circumstances are new: everything may be tried at once. */
  clear(): void {
    for (const name of [...this.#failed.keys()]) this.succeeded(name);
  }
}
