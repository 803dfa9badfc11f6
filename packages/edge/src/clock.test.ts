import { expect, it } from 'vitest';
import { createStamp } from './clock.js';

it('each time is later than the one before, also in microseconds, and also where the clock stands still or goes back', () => {
  const clock = [1_000, 1_000, 1_000, 900, 900, 1_005];
  const stamp = createStamp(() => clock.shift() ?? 1_005);
  const times = Array.from({ length: 3_000 }, stamp);
  const micros = times.map((ms) => Math.round(ms * 1000));
  expect(times[0]).toBe(1_000);
  expect(times[5]).toBe(1_005);
  expect(new Set(micros).size).toBe(3_000);
  expect([...micros].sort((a, b) => a - b)).toEqual(micros);
  // A thousand frames in one millisecond run ahead of the clock by little more than one.
  expect(times.at(-1)).toBeLessThan(1_005 + 4);
});

it('follows the clock once it is ahead again', () => {
  let now = Date.UTC(2025, 0, 1);
  const stamp = createStamp(() => now);
  stamp();
  now += 10_000;
  expect(stamp()).toBe(now);
});
