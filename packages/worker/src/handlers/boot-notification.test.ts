import { expect, it } from 'vitest';
import { heartbeatSeconds } from './boot-notification.js';

it('gives each station its own interval, within 10 % and the same at each boot', () => {
  const all = Array.from({ length: 1_000 }, (_, id) => heartbeatSeconds(300, id + 1));
  expect(Math.min(...all)).toBeGreaterThanOrEqual(270);
  expect(Math.max(...all)).toBeLessThanOrEqual(330);
  // Spread over all of it: no second has more than a fair share and a half of its neighbours'.
  const counts = new Map<number, number>();
  for (const seconds of all) counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
  expect(counts.size).toBe(61);
  expect(Math.max(...counts.values())).toBeLessThan(30);
  expect(heartbeatSeconds(300, 77)).toBe(all[76]);
  expect(heartbeatSeconds(1, 5)).toBe(1);
});
