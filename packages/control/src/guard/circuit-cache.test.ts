import { type Cache, CacheUnavailableError, createMemoryCache } from '@sigec/cache';
import { Circuits, createLogger, createMetrics } from '@sigec/runtime';
import { expect, it } from 'vitest';
import { behindCircuit } from './circuit-cache.js';

it('spares a cache that is away, rejects as it would, and asks it again when its time is over', async () => {
  let ms = 0;
  let asked = 0;
  const cache = createMemoryCache();
  const counted: Cache = {
    ...cache,
    get: (key) => {
      asked += 1;
      return cache.get(key);
    },
  };
  const clock = { now: () => ms, monotonic: () => ms };
  const logger = createLogger({ role: 'test', level: 'silent' });
  const guarded = behindCircuit(counted, new Circuits({ metrics: createMetrics('test'), logger, clock }));
  await guarded.set('key', 'value');
  cache.disconnect();
  for (let n = 0; n < 20; n++) await expect(guarded.get('key')).rejects.toBeInstanceOf(CacheUnavailableError);
  expect(asked).toBe(5);
  cache.reconnect();
  await expect(guarded.get('key')).rejects.toBeInstanceOf(CacheUnavailableError);
  ms += 1000;
  expect(await guarded.get('key')).toBe('value');
  expect(asked).toBe(6);
});
