/** Waiting for what must come true, and looking that what must not come stays away. */
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';

/** What has not come true by then does not: a lease and two looks are 25 s, and a busy machine takes its time, ms. */
const NEVER_MS = 90_000;

/** Tries until `look` neither throws nor rejects; fails with its last error. */
export function eventually<T>(look: () => T | Promise<T>, timeoutMs = NEVER_MS): Promise<T> {
  return vi.waitFor(look, { timeout: timeoutMs, interval: 50 });
}

/** Time in which something that should not happen could. */
export const quiet = (ms = 400): Promise<void> => sleep(ms);
