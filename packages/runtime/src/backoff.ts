/** Waiting: growing delays with jitter, and a sleep that can be woken. */

export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Share of each delay that is left to chance, 0 to 1 (0.5). */
  readonly jitter?: number;
  /** From 0 to below 1; `Math.random` where not given. */
  readonly random?: () => number;
}

/** Delays in milliseconds that double up to `maxMs`; never ends. Jitter keeps a fleet from coming back in step. */
export function* backoff(options: BackoffOptions): Generator<number, never, void> {
  const jitter = Math.min(1, Math.max(0, options.jitter ?? 0.5));
  const random = options.random ?? Math.random;
  for (let delay = Math.min(options.baseMs, options.maxMs); ; delay = Math.min(delay * 2, options.maxMs)) {
    yield delay * (1 - jitter * random());
  }
}

/** Resolves after `ms`, or at once when the signal aborts: the caller asks the signal which it was. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
