/** The seam to what is shared and short-lived: Redis, or its twin inside one process. */
export type { Allowance, Cache, Lease } from './cache.js';
export { CacheUnavailableError } from './errors.js';
export { keepLease, type LeaseKeeping } from './keep-lease.js';
export { createMemoryCache, type MemoryCache } from './memory-cache.js';
export { connectRedis, type RedisOptions } from './redis-cache.js';
