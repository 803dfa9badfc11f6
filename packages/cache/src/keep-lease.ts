/** Holds a lease for as long as a process lives: taken at once, renewed, given back at the end. */
import type { Logger } from '@sigec/runtime';
import type { Cache } from './cache.js';

export interface LeaseKeeping {
  readonly group: string;
  readonly holder: string;
  readonly leaseMs: number;
  readonly renewMs: number;
}

/** While the cache is away the work goes on; the lease comes back with it. */
export function keepLease(cache: Cache, lease: LeaseKeeping, logger: Logger): { close(): Promise<void> } {
  const { group, holder, leaseMs, renewMs } = lease;
  const info = JSON.stringify({ pid: process.pid });
  const renew = () =>
    cache.renewLease(group, holder, info, leaseMs).catch((error: unknown) => {
      logger.warn({ err: error, group, holder }, 'lease not renewed');
    });
  let running: Promise<void> = renew();
  const timer = setInterval(() => {
    running = renew();
  }, renewMs);
  return {
    async close() {
      clearInterval(timer);
      await running;
      await cache.releaseLease(group, holder).catch(() => undefined);
    },
  };
}
