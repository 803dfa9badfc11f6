/** The room of the reconnect delay: the back-off of 2.0.1 part 4, 5.3, as a pure function. */

/** RetryBackOffWaitMinimum, RetryBackOffRandomRange (milliseconds) and RetryBackOffRepeatTimes. */
export interface BackoffOptions {
  minimumMs: number;
  randomMs: number;
  repeats: number;
}

/** What a station uses when nothing else is configured. */
export const DEFAULT_BACKOFF: BackoffOptions = { minimumMs: 2000, randomMs: 2000, repeats: 5 };

/**
 * Milliseconds to wait before attempt `failures + 1`: the minimum, doubled after each failure up to `repeats` times,
 * plus a random part, so that a fleet that fell together does not come back together.
 */
export function backoffMs(o: BackoffOptions, failures: number, random: () => number = Math.random): number {
  const doublings = Math.min(Math.max(0, failures), o.repeats);
  return o.minimumMs * 2 ** doublings + Math.floor(random() * o.randomMs);
}
