/** The seam to what is shared and short-lived: leases, counters, sessions of people. Redis, or its in-process twin. */

/** A holder seen in {@link Cache.leases}. */
export interface Lease {
  readonly holder: string;
  /** What the holder said of itself when it last renewed. */
  readonly info: string;
}

/** What {@link Cache.take} gave. */
export interface Allowance {
  readonly taken: number;
  /** What the window still holds, for whoever asks next. */
  readonly left: number;
  /** Until the window ends, ms; 1 at least. */
  readonly resetMs: number;
}

/**
 * Keys are plain strings of the caller; the implementation puts its own prefix before them. All times in milliseconds.
 * Every method but `close` rejects with CacheUnavailableError while the server is away, within a bounded time (2 s), and with
 * RangeError naming the field where an argument cannot be one.
 */
export interface Cache {
  /** False while the server cannot be reached; never throws. */
  readonly ready: boolean;
  get(key: string): Promise<string | null>;
  /** Without `ttlMs` the value stays until deleted. */
  set(key: string, value: string, ttlMs?: number): Promise<void>;
  /** True where this call set the key; false where it was there. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>;
  /**
   * Sets `next` (or deletes where null) only while the value is still `expected`; true where it did. Atomic. As with `set`,
   * what is set without `ttlMs` stays until deleted.
   */
  compareAndSet(key: string, expected: string, next: string | null, ttlMs?: number): Promise<boolean>;
  delete(key: string): Promise<void>;
  /**
   * Adds one and returns the sum; the first call of a window starts its time, later ones do not lengthen it. Atomic. Where
   * the server goes away meanwhile it is not known whether this one counted.
   */
  increment(key: string, ttlMs: number): Promise<number>;
  /**
   * Takes up to `wanted` of the `most` that a window of `windowMs` gives out: less, or nothing, where less is left. The first
   * take begins the window. Atomic, one round trip.
   */
  take(key: string, wanted: number, most: number, windowMs: number): Promise<Allowance>;
  /** Takes or renews the lease of `holder` in `group` by the server's clock. */
  renewLease(group: string, holder: string, info: string, ttlMs: number): Promise<void>;
  releaseLease(group: string, holder: string): Promise<void>;
  /** The holders of a group whose lease has not run out, by the server's clock; ended ones are forgotten. */
  leases(group: string): Promise<readonly Lease[]>;
  close(): Promise<void>;
}
