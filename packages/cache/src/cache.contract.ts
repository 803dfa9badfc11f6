/** What every cache does: one suite, run against the real server and the twin inside the process. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cache } from './cache.js';
import { CacheUnavailableError } from './errors.js';

/** One cache under test. */
export interface CacheHarness {
  connect(): Promise<Cache>;
  /** Takes the server away. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** Waits until something holds; the bound is for a cache that never gets there. */
export async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 5) {
    if (waited > 20_000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const LONG = 60_000;

export function cacheContract(harness: () => CacheHarness): void {
  let cache: Cache;
  let run = 0;
  let k = '';
  beforeEach(async () => {
    cache = await harness().connect();
    run += 1;
    k = `${process.pid}:${run}:`;
  });
  afterEach(() => cache.close());

  describe('values', () => {
    it('sets, gets, replaces, deletes', async () => {
      expect(cache.ready).toBe(true);
      expect(await cache.get(`${k}a`)).toBeNull();
      await cache.set(`${k}a`, 'çafé "1"', LONG);
      await cache.set(`${k}b`, '');
      expect(await cache.get(`${k}a`)).toBe('çafé "1"');
      expect(await cache.get(`${k}b`)).toBe('');
      await cache.set(`${k}a`, '2');
      expect(await cache.get(`${k}a`)).toBe('2');
      await cache.delete(`${k}a`);
      await cache.delete(`${k}a`);
      expect(await cache.get(`${k}a`)).toBeNull();
    });

    it('forgets after the time, and a later set starts another', async () => {
      await cache.set(`${k}short`, '1', 30);
      await cache.set(`${k}longer`, '1', 30);
      await cache.set(`${k}longer`, '2', LONG);
      await cache.set(`${k}stays`, '1', 30);
      await cache.set(`${k}stays`, '2');
      await until(async () => (await cache.get(`${k}short`)) === null, 'run out');
      expect(await cache.get(`${k}longer`)).toBe('2');
      expect(await cache.get(`${k}stays`)).toBe('2');
    });

    it('sets what is absent for one caller only', async () => {
      const won = await Promise.all(['a', 'b', 'c'].map((value) => cache.setIfAbsent(`${k}one`, value, LONG)));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await cache.get(`${k}one`)).toBe(['a', 'b', 'c'][won.indexOf(true)]);
      expect(await cache.setIfAbsent(`${k}two`, '1', 30)).toBe(true);
      await until(() => cache.setIfAbsent(`${k}two`, '2', LONG), 'run out');
      expect(await cache.get(`${k}two`)).toBe('2');
    });

    it('compares before it sets or deletes', async () => {
      expect(await cache.compareAndSet(`${k}c`, '', 'x')).toBe(false);
      await cache.set(`${k}c`, '1');
      expect(await cache.compareAndSet(`${k}c`, '0', '2')).toBe(false);
      expect(await cache.get(`${k}c`)).toBe('1');
      const won = await Promise.all(['a', 'b', 'c'].map((next) => cache.compareAndSet(`${k}c`, '1', next)));
      expect(won.filter(Boolean)).toHaveLength(1);
      const now = (await cache.get(`${k}c`)) ?? '';
      expect(await cache.compareAndSet(`${k}c`, 'other', null)).toBe(false);
      expect(await cache.compareAndSet(`${k}c`, now, '9', 30)).toBe(true);
      await until(async () => (await cache.get(`${k}c`)) === null, 'run out');
      await cache.set(`${k}c`, '1');
      expect(await cache.compareAndSet(`${k}c`, '1', null)).toBe(true);
      expect(await cache.get(`${k}c`)).toBeNull();
    });
  });

  describe('increment', () => {
    it('counts each call once, and begins again after the time', async () => {
      const sums = await Promise.all(Array.from({ length: 10 }, () => cache.increment(`${k}n`, LONG)));
      expect(sums.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await cache.increment(`${k}m`, 50)).toBe(1);
      // A later call does not lengthen the window: it ends although the calls go on.
      let last = 1;
      await until(async () => {
        const before = last;
        last = await cache.increment(`${k}m`, 50);
        return last < before || last === 1;
      }, 'a new window');
    });
  });

  describe('take', () => {
    it('gives out what a window holds and no more, whoever asks', async () => {
      const given = await Promise.all(Array.from({ length: 6 }, () => cache.take(`${k}t`, 3, 10, LONG)));
      expect(given.map(({ taken }) => taken).sort()).toEqual([0, 0, 1, 3, 3, 3]);
      for (const { resetMs } of given) expect(resetMs > 0 && resetMs <= LONG).toBe(true);
      expect(await cache.take(`${k}t`, 1, 10, LONG)).toMatchObject({ taken: 0, left: 0 });
      // A limit that was raised holds at once, one that was lowered gives nothing.
      expect(await cache.take(`${k}t`, 5, 12, LONG)).toMatchObject({ taken: 2, left: 0 });
      expect(await cache.take(`${k}t`, 5, 2, LONG)).toMatchObject({ taken: 0, left: 0 });
      expect(await cache.take(`${k}other`, 1, 10, LONG)).toMatchObject({ taken: 1, left: 9 });
    });

    it('begins again after the time, and no call lengthens it', async () => {
      expect(await cache.take(`${k}w`, 2, 2, 40)).toMatchObject({ taken: 2, left: 0 });
      await until(async () => (await cache.take(`${k}w`, 1, 2, 40)).taken === 1, 'a new window');
    });
  });

  describe('leases', () => {
    it('holds who renews, and forgets who does not', async () => {
      await cache.renewLease(`${k}g`, 'short', 's', 30);
      await cache.renewLease(`${k}g`, 'long', 'l1', LONG);
      await cache.renewLease(`${k}g`, 'renewed', 'r', 30);
      await cache.renewLease(`${k}g`, 'renewed', 'r2', LONG);
      await cache.renewLease(`${k}other`, 'else', 'e', LONG);
      await until(async () => (await cache.leases(`${k}g`)).length === 2, 'run out');
      const holders = [...(await cache.leases(`${k}g`))].sort((x, y) => x.holder.localeCompare(y.holder));
      expect(holders).toEqual([
        { holder: 'long', info: 'l1' },
        { holder: 'renewed', info: 'r2' },
      ]);
      await cache.releaseLease(`${k}g`, 'long');
      await cache.releaseLease(`${k}g`, 'nobody');
      expect(await cache.leases(`${k}g`)).toEqual([{ holder: 'renewed', info: 'r2' }]);
      expect(await cache.leases(`${k}none`)).toEqual([]);
      expect(await cache.leases(`${k}other`)).toHaveLength(1);
    });

    it('does not end a long lease with a short one beside it', async () => {
      await cache.renewLease(`${k}h`, 'long', '', LONG);
      await cache.renewLease(`${k}h`, 'short', '', 30);
      await until(async () => (await cache.leases(`${k}h`)).length === 1, 'run out');
      expect(await cache.leases(`${k}h`)).toEqual([{ holder: 'long', info: '' }]);
    });
  });

  describe('bounds', () => {
    it('names the argument that cannot be one', async () => {
      await expect(cache.get('')).rejects.toThrow('key:');
      await expect(cache.set('x'.repeat(600), '1')).rejects.toThrow('key:');
      await expect(cache.set(`${k}v`, 'x'.repeat(1_048_577))).rejects.toThrow('value:');
      for (const ttl of [0, -1, 1.5, Number.NaN, 1e15]) {
        await expect(cache.set(`${k}v`, '1', ttl), String(ttl)).rejects.toThrow('ttlMs:');
      }
      await expect(cache.leases('')).rejects.toThrow('group:');
      await expect(cache.take(`${k}v`, 0, 1, LONG)).rejects.toThrow('wanted:');
      await expect(cache.take(`${k}v`, 1, 1.5, LONG)).rejects.toThrow('most:');
    });
  });

  describe('a server that goes away', () => {
    it('is refused by every method, and comes back', async () => {
      await cache.set(`${k}before`, '1', LONG);
      await harness().down();
      await until(() => !cache.ready, 'not ready');
      const calls: (() => Promise<unknown>)[] = [
        () => cache.get(`${k}a`),
        () => cache.set(`${k}a`, '1'),
        () => cache.setIfAbsent(`${k}a`, '1', LONG),
        () => cache.compareAndSet(`${k}a`, '1', null),
        () => cache.delete(`${k}a`),
        () => cache.increment(`${k}a`, LONG),
        () => cache.take(`${k}a`, 1, 1, LONG),
        () => cache.renewLease(`${k}g`, 'h', '', LONG),
        () => cache.releaseLease(`${k}g`, 'h'),
        () => cache.leases(`${k}g`),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(CacheUnavailableError);
      await harness().up();
      await until(() => cache.ready, 'ready');
      expect(await cache.increment(`${k}after`, LONG)).toBe(1);
      expect(await cache.get(`${k}before`)).toBe('1');
    });

    it('stays closed once closed', async () => {
      await cache.close();
      await cache.close();
      await until(() => !cache.ready, 'not ready');
      await expect(cache.get(`${k}a`)).rejects.toBeInstanceOf(CacheUnavailableError);
    });
  });
}
