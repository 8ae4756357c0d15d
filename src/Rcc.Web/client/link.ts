import { type BackOff, backOffMs, type Clock } from "./clock.ts";
import type { Calls, CommandMethod, ErrorCode, Outcome, PushBatch, SyncAnswer, SyncRequest } from "./contract.ts";
import { verdictOn } from "./outbox.ts";
import { type Connection, type Transport, Unauthenticated } from "./transport.ts";

/**
 * Where a device stands with the server:
 *
 * - `offline`: told to stay away, or not started.
 * - `waiting`: between two attempts to connect.
 * - `connecting`: one is under way.
 * - `catchingUp`: connected; what was missed is on its way.
 * - `live`: everything until now is here.
 * - `stopped`: for good, see {@link StopReason}.
 */
export type Phase = "offline" | "waiting" | "connecting" | "catchingUp" | "live" | "stopped";

/** Why a device stopped: the server's code, another person than the store's signed in, or the store fails. */
export type StopReason = ErrorCode | "otherPerson" | "storeFailed";

/** How the device keeps its connection. */
export interface LinkOptions {
  readonly reconnect: BackOff;
  /** A call without an answer for so long means a dead connection. */
  readonly callTimeoutMs: number;
  /** The same, right after waking up, when a dead connection is likely. */
  readonly wakeTimeoutMs: number;
}

/** What the link asks of and tells the device. */
export interface LinkHost {
  syncRequest(): SyncRequest;
  /** Synchronisation was accepted; a reason stops the device. */
  synchronized(answer: SyncAnswer): StopReason | undefined;
  /** Calls are accepted from now on. */
  opened(): void;
  /** False: it does not continue what is stored, and nothing has changed. */
  pushed(batch: PushBatch): boolean;
  phaseChanged(): void;
}

/** The connection to the server: made, kept, made again. */
export class Link {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #options: LinkOptions;
  readonly #host: LinkHost;
  #phase: Phase = "offline";
  #stopReason: StopReason | undefined;
  #connection: Connection | undefined;
  /** Counts connections: what an older one still has to say is not heard. */
  #current = 0;
  #failures = 0;
  #openedAt = Infinity;
  #cancelRetry: () => void = () => undefined;
  /** The server has said for how long it wants no attempt. */
  #held = false;
  /** The batches in a row that did not continue what is stored. */
  #gaps = 0;
  #cancelGap: (() => void) | undefined;
  #synchronizing = false;
  /** A last page was applied since synchronisation was asked for. */
  #caughtUp = false;
  /** Ends the calls of the current connection; not left to the transport. */
  readonly #unanswered = new Set<() => void>();
  /** Batches that came before the first answer on a connection was read. */
  #early: PushBatch[] | undefined;

  constructor(transport: Transport, clock: Clock, options: LinkOptions, host: LinkHost) {
    this.#transport = transport;
    this.#clock = clock;
    this.#options = options;
    this.#host = host;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  /** Whether calls other than `Synchronize` are accepted. */
  get isOpen(): boolean {
    return this.#connection !== undefined && this.#early === undefined;
  }

  goOnline(): void {
    if (this.#phase !== "offline") return;
    if (this.#held) this.#enter("waiting");
    else this.#connect();
  }

  goOffline(): void {
    if (this.#phase === "stopped") return;
    this.#drop();
    this.#failures = 0;
    this.#enter("offline");
  }

  stop(reason: StopReason): void {
    if (this.#phase === "stopped") return;
    this.#drop();
    this.#stopReason = reason;
    this.#enter("stopped");
  }

  /** The machine woke up, or the network came back: a connection that looks alive may be dead, so ask before trusting it. */
  wake(): void {
    if (this.#phase === "waiting") {
      if (this.#held) return;
      this.#cancelRetry();
      this.#failures = 0;
      this.#connect();
    } else if (this.isOpen) this.#synchronizeNow(this.#options.wakeTimeoutMs);
  }

  /** Asks for everything after the stored token, once at a time. */
  #synchronizeNow(timeoutMs = this.#options.callTimeoutMs): void {
    if (this.#connection === undefined || this.#synchronizing) return;
    this.#endGap();
    this.#synchronizing = true;
    this.#caughtUp = false;
    this.#enter("catchingUp");
    void this.#synchronize(this.#current, timeoutMs);
  }

  /** A batch said that there is no more. */
  caughtUp(): void {
    this.#caughtUp = true;
    if (this.#phase === "catchingUp" && !this.#synchronizing) this.#enter("live");
  }

  /** Calls the hub. Rejects when the outcome is unknown. */
  async call<M extends keyof Calls | CommandMethod>(method: M, argument: M extends keyof Calls ? Calls[M][0] : object): Promise<M extends keyof Calls ? Calls[M][1] : Outcome> {
    return (await this.#call(method, argument, this.#options.callTimeoutMs)) as never;
  }

  #connect(): void {
    const current = ++this.#current;
    this.#enter("connecting");
    // An attempt that neither succeeds nor fails is given up; what comes of it later is closed.
    this.#cancelRetry = this.#clock.after(this.#options.callTimeoutMs, () => this.#lost(current));
    void this.#open(current);
  }

  async #open(current: number): Promise<void> {
    try {
      const connection = await this.#transport.open({
        pushed: (batch) => {
          if (current !== this.#current) return;
          if (this.#early !== undefined) this.#early.push(batch);
          else this.#pushed(batch);
        },
        closed: () => this.#lost(current),
      });
      if (current !== this.#current) return connection.close();
      this.#cancelRetry();
      this.#connection = connection;
      this.#early = [];
      this.#synchronizeNow();
    } catch (error) {
      if (current !== this.#current) return;
      if (error instanceof Unauthenticated) this.stop("unauthenticated");
      else this.#lost(current, retryAfterOf(error));
    }
  }

  async #synchronize(current: number, timeoutMs: number): Promise<void> {
    let answer: SyncAnswer;
    try {
      answer = (await this.#call("Synchronize", this.#host.syncRequest(), timeoutMs)) as SyncAnswer;
    } catch {
      // Lost, unanswered or failed: a new connection asks again, after a while.
      return this.#lost(current);
    }
    if (current !== this.#current) return;
    this.#synchronizing = false;
    const { code, retryAfterSeconds } = answer.outcome;
    if (code !== "ok") return verdictOn(code) === "later" ? this.#lost(current, retryAfterSeconds) : this.stop(code);
    const reason = this.#host.synchronized(answer);
    if (reason !== undefined) return this.stop(reason);
    const early = this.#early ?? [];
    this.#early = undefined;
    if (this.#openedAt === Infinity) this.#openedAt = this.#clock.now();
    this.#host.opened();
    for (const batch of early) this.#pushed(batch);
    // The last page may have been applied before this answer was read.
    if (this.#caughtUp) this.caughtUp();
  }

  /** A server that answers a gap with a gap must not be asked in a loop. */
  #pushed(batch: PushBatch): void {
    if (this.#host.pushed(batch)) {
      if (batch.to !== undefined) this.#gaps = 0;
      return;
    }
    if (this.#synchronizing || this.#cancelGap !== undefined) return;
    if (this.#gaps++ === 0) return this.#synchronizeNow();
    this.#cancelGap = this.#clock.after(backOffMs(this.#options.reconnect, this.#gaps - 2, this.#clock), () => this.#synchronizeNow());
  }

  #endGap(): void {
    this.#cancelGap?.();
    this.#cancelGap = undefined;
  }

  #call(method: string, argument: object, timeoutMs: number): Promise<unknown> {
    const connection = this.#connection;
    const current = this.#current;
    return new Promise((resolve, reject) => {
      if (connection === undefined) return reject(new Error("There is no connection."));
      const cancel = this.#clock.after(timeoutMs, () => this.#lost(current));
      const abandon = (): void => {
        cancel();
        reject(new Error(`The connection went before ${method} was answered.`));
      };
      this.#unanswered.add(abandon);
      connection
        .call(method, argument)
        .then(resolve, reject)
        .finally(() => {
          cancel();
          this.#unanswered.delete(abandon);
        });
    });
  }

  #lost(current: number, retryAfterSeconds = 0): void {
    if (current !== this.#current) return;
    // A server that lets devices in and drops them at once must not see them come back in a loop either.
    if (this.#clock.now() - this.#openedAt >= this.#options.reconnect.ceilingMs) this.#failures = 0;
    this.#drop();
    const pauseMs = backOffMs(this.#options.reconnect, this.#failures++, this.#clock);
    if (retryAfterSeconds > 0) this.#hold(retryAfterSeconds * 1000 + pauseMs);
    else this.#cancelRetry = this.#clock.after(pauseMs, () => this.#connect());
    this.#enter("waiting");
  }

  /** Nothing shortens this pause, neither waking up nor going offline and back: the server has asked for it. */
  #hold(pauseMs: number): void {
    this.#held = true;
    this.#clock.after(pauseMs, () => {
      this.#held = false;
      if (this.#phase === "waiting") this.#connect();
    });
  }

  #drop(): void {
    this.#cancelRetry();
    this.#endGap();
    this.#current++;
    this.#openedAt = Infinity;
    this.#connection?.close();
    this.#connection = undefined;
    for (const abandon of this.#unanswered) abandon();
    this.#unanswered.clear();
    this.#synchronizing = false;
    this.#early = undefined;
  }

  #enter(phase: Phase): void {
    if (this.#phase === phase) return;
    this.#phase = phase;
    this.#host.phaseChanged();
  }
}

/** After how many seconds a failed attempt is worth repeating, if the failure says so. */
function retryAfterOf(error: unknown): number | undefined {
  const { retryAfterSeconds } = (error ?? {}) as { readonly retryAfterSeconds?: unknown };
  return typeof retryAfterSeconds === "number" ? retryAfterSeconds : undefined;
}
