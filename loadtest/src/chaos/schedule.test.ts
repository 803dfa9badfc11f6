import fc from 'fast-check';
import { expect, it } from 'vitest';
import { busyUntil, FAULT_KINDS, type Fault } from './faults.js';
import { longestHopeless } from './hope.js';
import { checkFaults, schedule } from './schedule.js';

const options = fc.record({
  seed: fc.nat(),
  world: fc.record({
    edges: fc.integer({ min: 1, max: 3 }),
    workers: fc.integer({ min: 1, max: 3 }),
    chargerLinks: fc.integer({ min: 1, max: 3 }),
    smallDisk: fc.boolean(),
  }),
  durationMs: fc.integer({ min: 5000, max: 60_000 }),
  everyMs: fc.integer({ min: 1500, max: 8000 }),
  maxHopelessMs: fc.integer({ min: 8000, max: 20_000 }),
});

it('is the same for the same seed, in order, inside its time, and leaves hope', () => {
  fc.assert(
    fc.property(options, (o) => {
      const faults = schedule(o);
      expect(schedule(o)).toEqual(faults);
      for (const [k, fault] of faults.entries()) {
        expect(fault.atMs).toBeGreaterThanOrEqual(faults[k - 1]?.atMs ?? 0);
        expect(fault.atMs + fault.durationMs).toBeLessThanOrEqual(o.durationMs);
        const before = faults.slice(0, k).filter((other) => other.target === fault.target);
        expect(before.every((other) => busyUntil(other) <= fault.atMs)).toBe(true);
        if (fault.kind === 'disk-full') expect(o.world.smallDisk).toBe(true);
      }
      expect(longestHopeless(faults, o.world)).toBeLessThanOrEqual(o.maxHopelessMs);
    }),
    { numRuns: 40 },
  );
});

const world = { edges: 2, workers: 2, chargerLinks: 2, smallDisk: true };
const usual = { world, durationMs: 120_000, everyMs: 3000, maxHopelessMs: 15_000 };

it('has every kind in a usual run, and another seed gives another schedule', () => {
  const faults = schedule({ ...usual, seed: 1 });
  expect(new Set(faults.map(({ kind }) => kind)).size).toBe(FAULT_KINDS.length);
  expect(schedule({ ...usual, seed: 2 })).not.toEqual(faults);
});

it('has only what was asked for', () => {
  const faults = schedule({ ...usual, seed: 3, faults: ['kill:worker', 'cut'] });
  expect(faults.length).toBeGreaterThan(5);
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['kill', 'cut']));
  for (const { kind, target } of faults) if (kind === 'kill') expect(target).toMatch(/^worker/);
  expect(() => checkFaults(['kill:nats', 'flood'])).toThrow('faults: "flood"');
});

it('sees where two faults together leave no way', () => {
  const fault = (target: string, atMs: number): Fault => ({ kind: 'cut', target, atMs, durationMs: 5000 });
  expect(longestHopeless([fault('edge 1>nats', 0), fault('worker 1', 0)], world)).toBe(0);
  const both = [fault('edge 1>nats', 0), fault('edge 2', 2000)];
  expect(longestHopeless(both, world)).toBe(busyUntil(both[0]!) - 2000);
  expect(longestHopeless([fault('postgres', 0), fault('nats', 4000)], world)).toBe(10_500);
});
