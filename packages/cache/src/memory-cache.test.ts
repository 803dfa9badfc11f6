import { describe, expect, it } from 'vitest';
import { cacheContract } from './cache.contract.js';
import { createMemoryCache, type MemoryCache } from './memory-cache.js';

describe('memory cache', () => {
  let current: MemoryCache;
  cacheContract(() => ({
    connect: async () => {
      current = createMemoryCache();
      return current;
    },
    down: async () => current.disconnect(),
    up: async () => current.reconnect(),
  }));

  it('refuses what is new when full, and makes room of what has run out', async () => {
    const cache = createMemoryCache();
    for (let i = 0; i < 100_000; i++) await cache.set(`k${i}`, '', i === 0 ? 1 : undefined);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await cache.set('new', '');
    await expect(cache.set('newer', '')).rejects.toThrow('full');
    await cache.set('new', 'again');
    expect(await cache.get('new')).toBe('again');
  });
});
