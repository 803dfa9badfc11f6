/** Leases that processes hold in the cache, by which the others know that they live. */

/** Every edge process holds one, by its edge id; where it runs out, its stations are offline. */
export const EDGE_LEASES = 'edge';
/** Every worker holds one; without any, no charger can be served. */
export const WORKER_LEASES = 'worker';
/** How long a lease lasts without renewal, and how often it is renewed, ms. */
export const LEASE_MS = 15_000;
export const LEASE_RENEW_MS = 5_000;
