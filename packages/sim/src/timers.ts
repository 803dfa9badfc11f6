/** The room of time that passes: every timer a station starts stands here, so that closing it leaves none behind. */

/** A wait ended because its owner was closed. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
  constructor() {
    super('station closed');
  }
}

// setTimeout overflows above 2^31-1 ms and would fire at once.
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Gives the same promise, so marked that a failure nobody waits for ends no process; whoever waits still sees it.
 */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** A set of timers with one end. */
export class Timers {
  readonly #waiting = new Map<NodeJS.Timeout, ((error: Error) => void) | null>();
  #closed = false;

  /** Runs `action` once after `ms`; the function given back cancels it. */
  after(ms: number, action: () => void): () => void {
    return this.#start(ms, action, null);
  }

  /** Runs `action` every `ms()`, asking again for the interval each time; zero or less pauses and asks once a second. */
  every(ms: () => number, action: () => void): () => void {
    let stopped = false;
    let cancel = () => {};
    const next = () => {
      const interval = ms();
      cancel = this.after(interval > 0 ? interval : 1000, () => {
        if (interval > 0) action();
        if (!stopped) next();
      });
    };
    next();
    return () => {
      stopped = true;
      cancel();
    };
  }

  /** Resolves after `ms`; rejects with {@link ClosedError} when the timers are closed first. */
  sleep(ms: number): Promise<void> {
    return quiet(
      new Promise((resolve, reject) => {
        if (this.#closed) reject(new ClosedError());
        else this.#start(ms, resolve, reject);
      }),
    );
  }

  close(): void {
    this.#closed = true;
    for (const [timer, reject] of this.#waiting) {
      clearTimeout(timer);
      reject?.(new ClosedError());
    }
    this.#waiting.clear();
  }

  #start(ms: number, action: () => void, reject: ((error: Error) => void) | null): () => void {
    if (this.#closed) return () => {};
    const timer = setTimeout(
      () => {
        this.#waiting.delete(timer);
        action();
      },
      Math.min(Math.max(0, ms), LONGEST_MS),
    );
    this.#waiting.set(timer, reject);
    return () => {
      clearTimeout(timer);
      this.#waiting.delete(timer);
    };
  }
}
