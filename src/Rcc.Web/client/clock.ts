/** Time and chance, given from outside so that every behaviour can be played again in a test. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Runs `act` once after `delayMs`, unless the returned function is called before. */
  after(delayMs: number, act: () => void): () => void;
  /** A number in [0, 1). */
  random(): number;
}

/** A longer timer goes off at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, act) => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, longestTimerMs);
      timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : act()), stepMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/**
 * Full-jitter exponential back-off: any wait below a ceiling that doubles with each attempt, so that a thousand devices do not return at once; but never less than a tenth of the
 * floor, so that chance alone makes no tight loop.
 */
export interface BackOff {
  readonly floorMs: number;
  readonly ceilingMs: number;
}

/** Milliseconds to wait after so many failed attempts (0 = the first). */
export function backOffMs({ floorMs, ceilingMs }: BackOff, attempt: number, clock: Clock): number {
  return Math.round(Math.max(floorMs / 10, Math.min(ceilingMs, floorMs * 2 ** Math.min(attempt, 20)) * clock.random()));
}
