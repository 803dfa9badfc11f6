import { type Cache, createMemoryCache } from '@sigec/cache';
import { createLogger } from '@sigec/runtime';
import { expect, it } from 'vitest';
import { ProblemError } from '../problem.js';
import { UserLimits } from './user-limits.js';

const logger = createLogger({ role: 'test', level: 'silent' });

/** A cache that counts how often it is asked. */
function counted() {
  const cache = createMemoryCache();
  const asked: number[] = [];
  const spy: Cache = {
    ...cache,
    take: (key, wanted, most, windowMs) => {
      asked.push(wanted);
      return cache.take(key, wanted, most, windowMs);
    },
  };
  return { cache, spy, asked };
}

/** A clock that stands until it is moved. */
function clockAt() {
  let ms = 0;
  return { now: () => ms, monotonic: () => ms, move: (by: number) => (ms += by) };
}

/** How many of `count` requests, one after another, get through. */
async function through(limits: UserLimits, user: string, count: number): Promise<number> {
  let good = 0;
  for (let i = 0; i < count; i++) {
    try {
      await limits.spend(user);
      good++;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'too-many-requests') throw error;
    }
  }
  return good;
}

it('lets a limit of requests through in all processes together, and asks the cache once per block', async () => {
  const { spy, asked } = counted();
  const clock = clockAt();
  const [one, two] = [
    new UserLimits({ cache: spy, clock, logger }, 100),
    new UserLimits({ cache: spy, clock, logger }, 100),
  ];
  expect((await through(one, 'a', 60)) + (await through(two, 'a', 60))).toBe(100);
  expect(asked).toEqual(Array(20).fill(5));
  // Refused without a question; another person is not.
  expect(await through(two, 'a', 50)).toBe(0);
  expect(asked).toHaveLength(20);
  expect(await through(one, 'b', 3)).toBe(3);
});

it('says where the limit stands, and when to come again', async () => {
  const limits = new UserLimits({ cache: createMemoryCache(), clock: clockAt(), logger }, 2);
  expect(await limits.spend('a')).toMatchObject({ limit: 2, remaining: 1 });
  expect(await limits.spend('a')).toMatchObject({ limit: 2, remaining: 0 });
  const refused = await Promise.resolve()
    .then(() => limits.spend('a'))
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProblemError);
  const { headers } = (refused as ProblemError).options;
  expect(headers).toMatchObject({ 'ratelimit-limit': '2', 'ratelimit-remaining': '0' });
  expect(Number(headers?.['retry-after'])).toBeGreaterThan(0);
  expect(headers?.['retry-after']).toBe(headers?.['ratelimit-reset']);
});

it('counts those that come at once each once', async () => {
  const { spy, asked } = counted();
  const limits = new UserLimits({ cache: spy, clock: clockAt(), logger }, 40);
  const all = await Promise.allSettled(Array.from({ length: 60 }, async () => limits.spend('a')));
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(40);
  expect(asked).toHaveLength(20);
});

it('begins again with the next window', async () => {
  const cache = createMemoryCache();
  const clock = clockAt();
  const limits = new UserLimits({ cache, clock, logger }, 3);
  expect(await through(limits, 'a', 5)).toBe(3);
  clock.move(60_001);
  await cache.delete('limit:user:a');
  expect(await through(limits, 'a', 5)).toBe(3);
});

it('lets through while the cache is away, asking now and then, and counts again when it is back', async () => {
  const { cache, spy, asked } = counted();
  const clock = clockAt();
  const limits = new UserLimits({ cache: spy, clock, logger }, 10);
  cache.disconnect();
  expect(await through(limits, 'a', 500)).toBe(500);
  expect(asked).toHaveLength(1);
  clock.move(1001);
  expect(await through(limits, 'a', 500)).toBe(500);
  expect(asked).toHaveLength(2);
  cache.reconnect();
  clock.move(1001);
  expect(await through(limits, 'a', 500)).toBe(10);
});

it('limits nobody where it is off', async () => {
  const { spy, asked } = counted();
  expect(await through(new UserLimits({ cache: spy, clock: clockAt(), logger }, 0), 'a', 100)).toBe(100);
  expect(asked).toEqual([]);
});
