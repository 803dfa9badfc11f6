/** Time as a port, so that rules about time can be tested. */

export interface Clock {
  /** Milliseconds since 1970, as the wall says. */
  now(): number;
  /** Milliseconds that only rise, for durations. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
