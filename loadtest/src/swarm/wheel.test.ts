import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Wheel } from './wheel.js';

describe('Wheel', () => {
  it('fires each entry once, never early, and at the first tick after it is due', () => {
    const due = fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 60 });
    const steps = fc.array(fc.integer({ min: 1, max: 12_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(due, steps, (dues, gaps) => {
        const fired = new Map<number, number>();
        let now = 0;
        let before = 0;
        const wheel = new Wheel(dues.length, 1, now, (entry) => {
          expect(fired.has(entry)).toBe(false);
          fired.set(entry, now);
          expect(dues[entry]).toBeLessThanOrEqual(now);
          expect(Math.max(dues[entry]!, 1)).toBeGreaterThan(before);
        });
        for (const [entry, at] of dues.entries()) wheel.schedule(entry, at);
        for (const gap of [...gaps, 50_000]) {
          before = now;
          now += gap;
          wheel.advance(now);
        }
        expect(fired.size).toBe(dues.length);
        expect(wheel.size).toBe(0);
      }),
    );
  });

  it('takes an entry again while it fires, and keeps the first time of one that is in', () => {
    const times: number[] = [];
    let now = 0;
    const wheel = new Wheel(1, 10, now, () => {
      times.push(now);
      if (times.length < 3) wheel.schedule(0, now + 5);
    });
    wheel.schedule(0, 15);
    wheel.schedule(0, 1000);
    expect(wheel.has(0)).toBe(true);
    for (now = 1; now <= 60; now++) wheel.advance(now);
    expect(times).toEqual([20, 30, 40]);
  });
});
