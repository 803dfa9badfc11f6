/**
 * Frames that ask for nothing new: malformed, repeated, answers to no question. CALLs are bounded by their queue, as each
 * waits for the one before; these are not, and each costs time and a line of the log.
 */

/** A charger with a fault sends some; more than this within the window is a flood. */
const NOISE_MAX = 100;
const WINDOW_MS = 10_000;

export class Noise {
  #since = 0;
  #count = 0;

  /** True where it is a flood. */
  heard(now: number): boolean {
    if (now - this.#since >= WINDOW_MS || now < this.#since) {
      this.#since = now;
      this.#count = 0;
    }
    return ++this.#count > NOISE_MAX;
  }
}
