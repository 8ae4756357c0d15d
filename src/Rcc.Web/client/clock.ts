/** Time and chance, given from outside so that every behaviour can be played again in a test. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Runs `act` once after `delayMs`, unless the returned function is called before. */
  after(delayMs: number, act: () => void): () => void;
  /** A number in [0, 1). */
  random(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Full-jitter exponential back-off: any wait below a ceiling that doubles with each attempt, so that a thousand devices do not return at once. */
export interface BackOff {
  readonly floorMs: number;
  readonly ceilingMs: number;
}

/** Milliseconds to wait after so many failed attempts (0 = the first). */
export function backOffMs({ floorMs, ceilingMs }: BackOff, attempt: number, clock: Clock): number {
  return Math.round(Math.min(ceilingMs, floorMs * 2 ** Math.min(attempt, 20)) * clock.random());
}
