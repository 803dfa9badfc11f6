/** Waiting for what a charger's next message will bring, by asking the database again and again, within bounds. */
import { type Clock, sleep } from '@sigec/runtime';

/** The first looks come fast; who waits longer is looked after less often, so that many waiters do not weigh much. */
const FIRST_MS = 100;
const LONGEST_MS = 500;
/** At once in this process; more do not wait at all. */
const MAX_WAITERS = 500;

export class Waits {
  readonly #clock: Clock;
  readonly #closing: AbortSignal;
  #waiters = 0;

  /** @param closing ends every wait when this process goes */
  constructor(clock: Clock, closing: AbortSignal) {
    this.#clock = clock;
    this.#closing = closing;
  }

  /**
   * Asks `probe` until it gives something, at least once.
   * @param deadline by the clock's `monotonic`, ms
   * @param gone ends the wait early: the one who asked has left
   * @returns undefined where nothing came in time
   */
  async until<T>(
    probe: () => Promise<T | undefined>,
    deadline: number,
    gone: AbortSignal | undefined,
  ): Promise<T | undefined> {
    const full = this.#waiters >= MAX_WAITERS;
    this.#waiters += 1;
    try {
      for (let pause = FIRST_MS; ; pause = Math.min(pause * 1.25, LONGEST_MS)) {
        const found = await probe();
        if (found !== undefined || full || gone?.aborted === true || this.#closing.aborted) return found;
        const left = deadline - this.#clock.monotonic();
        if (left <= 0) return undefined;
        await sleep(Math.min(pause, left));
      }
    } finally {
      this.#waiters -= 1;
    }
  }
}
