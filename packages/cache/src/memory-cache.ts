/** The in-process twin of Redis: the same meaning, no server, gone with the process. */
import type { Allowance, Cache, Lease } from './cache.js';
import { checkCount, checkKey, checkTtl, checkValue } from './check.js';
import { CacheUnavailableError } from './errors.js';

/** The twin can be taken away and brought back, as a server can. */
export interface MemoryCache extends Cache {
  disconnect(): void;
  reconnect(): void;
}

interface Entry {
  readonly value: string;
  /** Milliseconds of the process's own clock; Infinity: stays. */
  readonly until: number;
}

/** Most entries; beyond, what is new is refused, as Redis does with its memory full. */
const MAX_ENTRIES = 100_000;
/** After so many writes what has run out is swept: no timer is needed. */
const SWEEP_EVERY = 1000;

class Expiring {
  readonly #entries = new Map<string, Entry>();
  #writes = 0;

  get(key: string): string | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (entry.until > performance.now()) return entry.value;
    this.#entries.delete(key);
    return null;
  }

  set(key: string, value: string, ttlMs: number | undefined): void {
    this.#put(key, { value, until: ttlMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + ttlMs });
  }

  /** Milliseconds until it runs out, 0 where it is not there. */
  endsIn(key: string): number {
    return Math.max(0, (this.#entries.get(key)?.until ?? 0) - performance.now());
  }

  /** A new value, the old end. */
  replace(key: string, value: string): void {
    const until = this.#entries.get(key)?.until;
    if (until !== undefined) this.#put(key, { value, until });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** What has not run out, in the order it was first set. */
  live(): [string, string][] {
    this.#sweep();
    return [...this.#entries].map(([key, { value }]) => [key, value]);
  }

  #put(key: string, entry: Entry): void {
    this.#writes += 1;
    if (this.#writes % SWEEP_EVERY === 0 || this.#entries.size >= MAX_ENTRIES) this.#sweep();
    if (this.#entries.size >= MAX_ENTRIES && !this.#entries.has(key)) throw new CacheUnavailableError('full');
    this.#entries.set(key, entry);
  }

  #sweep(): void {
    const now = performance.now();
    for (const [key, { until }] of this.#entries) if (until <= now) this.#entries.delete(key);
  }
}

/** A cache inside this process; those who should share it share the object. */
export function createMemoryCache(): MemoryCache {
  const values = new Expiring();
  const groups = new Map<string, Expiring>();
  let state: 'ready' | 'disconnected' | 'closed' = 'ready';
  // Checks and errors come as rejections, as from a server; each step is atomic because nothing awaits within it.
  const run = async <T>(step: () => T): Promise<T> => {
    if (state !== 'ready') throw new CacheUnavailableError(state);
    return step();
  };
  return {
    get ready() {
      return state === 'ready';
    },
    get: (key) =>
      run(() => {
        checkKey('key', key);
        return values.get(key);
      }),
    set: (key, value, ttlMs) =>
      run(() => {
        checkKey('key', key);
        checkValue('value', value);
        checkTtl(ttlMs);
        values.set(key, value, ttlMs);
      }),
    setIfAbsent: (key, value, ttlMs) =>
      run(() => {
        checkKey('key', key);
        checkValue('value', value);
        checkTtl(ttlMs);
        if (values.get(key) !== null) return false;
        values.set(key, value, ttlMs);
        return true;
      }),
    compareAndSet: (key, expected, next, ttlMs) =>
      run(() => {
        checkKey('key', key);
        checkValue('next', next ?? '');
        checkTtl(ttlMs);
        if (values.get(key) !== expected) return false;
        if (next === null) values.delete(key);
        else values.set(key, next, ttlMs);
        return true;
      }),
    delete: (key) =>
      run(() => {
        checkKey('key', key);
        values.delete(key);
      }),
    increment: (key, ttlMs) =>
      run(() => {
        checkKey('key', key);
        checkTtl(ttlMs);
        const before = values.get(key);
        if (before === null) {
          values.set(key, '1', ttlMs);
          return 1;
        }
        const sum = Number(before) + 1;
        if (!Number.isSafeInteger(sum)) throw new CacheUnavailableError('ERR');
        values.replace(key, String(sum));
        return sum;
      }),
    take: (key, wanted, most, windowMs) =>
      run((): Allowance => {
        checkKey('key', key);
        checkCount('wanted', wanted);
        checkCount('most', most);
        checkTtl(windowMs);
        const before = values.get(key);
        const used = Number(before ?? 0);
        const taken = Math.max(0, Math.min(wanted, most - used));
        if (before === null) values.set(key, String(taken), windowMs);
        else values.replace(key, String(used + taken));
        return {
          taken,
          left: Math.max(0, most - used - taken),
          resetMs: Math.max(1, Math.round(values.endsIn(key))),
        };
      }),
    renewLease: (group, holder, info, ttlMs) =>
      run(() => {
        checkKey('group', group);
        checkKey('holder', holder);
        checkValue('info', info);
        checkTtl(ttlMs);
        const holders = groups.get(group) ?? new Expiring();
        holders.set(holder, info, ttlMs);
        groups.set(group, holders);
      }),
    releaseLease: (group, holder) =>
      run(() => {
        checkKey('group', group);
        checkKey('holder', holder);
        groups.get(group)?.delete(holder);
      }),
    leases: (group) =>
      run((): readonly Lease[] => {
        checkKey('group', group);
        const live = groups.get(group)?.live() ?? [];
        if (live.length === 0) groups.delete(group);
        return live.map(([holder, info]) => ({ holder, info }));
      }),
    close: async () => {
      state = 'closed';
    },
    disconnect: () => {
      if (state !== 'closed') state = 'disconnected';
    },
    reconnect: () => {
      if (state !== 'closed') state = 'ready';
    },
  };
}
