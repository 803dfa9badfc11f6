import { expect, it } from 'vitest';
import { AckTimes } from './recovery.js';

it('tells how soon answers came again, and how long there were none', () => {
  const times = new AckTimes();
  for (const at of [100, 200, 1500, 1600, 1700, 1800]) times.add(at);
  for (const [at, waiting] of [
    [900, 2],
    [1100, 50],
    [2000, 3],
  ] as const)
    times.sample(at, waiting);
  expect(times.recovery(150, 1000, 3)).toEqual({ answeredMs: 700, drainedMs: 1000, silentMs: 1300, during: 1 });
  expect(times.recovery(250, 1000, 3)).toEqual({ answeredMs: 700, drainedMs: 1000, silentMs: 1250, during: 0 });
  expect(times.recovery(1550, 1650, 3).answeredMs).toBeNull();
});
