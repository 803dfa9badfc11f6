/** Names of the leases that processes hold in the cache. */

/** Every edge process holds one, by its edge id; where it runs out, its stations are offline. */
export const EDGE_LEASES = 'edge';
/** How long a lease lasts without renewal, and how often it is renewed, ms. */
export const EDGE_LEASE_MS = 15_000;
export const EDGE_LEASE_RENEW_MS = 5_000;
