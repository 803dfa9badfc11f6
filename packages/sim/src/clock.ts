/**
 * The room of timestamps. They are real: a CSMS that checks a message against its own clock must find nothing odd.
 * Each is later than the one before, and none lies in the future: the clock runs a blink behind the host's, which is
 * the room in which a burst within one millisecond is counted up.
 */

const BEHIND_MS = 100;

/** A clock that never goes back, whatever is done to the host's. */
export class Clock {
  readonly #origin = Date.now() - performance.now() - BEHIND_MS;
  #last = 0;

  /** Milliseconds since the epoch, for measuring what passed. */
  now(): number {
    return this.#origin + performance.now();
  }

  /** A timestamp in milliseconds since the epoch, later than each given before. */
  stampMs(): number {
    this.#last = Math.max(this.#last + 1, Math.floor(this.now()));
    return this.#last;
  }

  /** The same as RFC 3339 text in UTC. */
  stamp(): string {
    return new Date(this.stampMs()).toISOString();
  }
}
