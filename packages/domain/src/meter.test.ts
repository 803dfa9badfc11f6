import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_REGISTER, energyOf, foldReading, type RegisterReading, type RegisterState } from './meter.js';

const fold = (readings: readonly RegisterReading[], from = EMPTY_REGISTER) => readings.reduce(foldReading, from);
const energy = (readings: readonly RegisterReading[]) => energyOf(fold(readings));
const kept = (state: RegisterState) =>
  [state.first, state.second, state.last, state.highest].filter((r): r is RegisterReading => r !== null);

const HOUR = 3_600_000;
const KWH = 1_000_000;
const begin = (at: number, mWh: number): RegisterReading => ({ at, mWh, role: 0 });
const sample = (at: number, mWh: number): RegisterReading => ({ at, mWh, role: 1 });
const end = (at: number, mWh: number): RegisterReading => ({ at, mWh, role: 2 });

/** Small numbers, so that times and registers meet often. */
const anyReading: fc.Arbitrary<RegisterReading> = fc.record({
  at: fc.oneof(fc.nat(5), fc.nat(2_000_000_000_000)),
  mWh: fc.oneof(fc.nat(5), fc.nat(9_000_000_000_000_000)),
  role: fc.constantFrom(0, 1, 2),
});
const anyReadings = fc.array(anyReading, { maxLength: 12 });

/** The same elements in another order, some of them again. */
const delivery = <T>(items: readonly T[]) =>
  fc
    .tuple(fc.shuffledSubarray([...items], { minLength: items.length }), fc.array(fc.nat(), { maxLength: 6 }))
    .map(([order, again]) => [...order, ...again.flatMap((n) => order[n % Math.max(1, order.length)] ?? [])]);

/** A session as a true meter sees it: up to 350 kW, readings a second to an hour apart, on a register of any height. */
const session = fc
  .record({
    start: fc.nat(8_000_000_000_000_000),
    steps: fc.array(
      fc.record({ ms: fc.integer({ min: 1_000, max: HOUR }), load: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { minLength: 1, maxLength: 20 },
    ),
  })
  .map(({ start, steps }) => {
    const readings = [begin(1_800_000_000_000, start)];
    for (const { ms, load } of steps) {
      const { at, mWh } = readings.at(-1) as RegisterReading;
      readings.push(sample(at + ms, mWh + Math.round((ms / HOUR) * 350 * KWH * load)));
    }
    const stop = readings.pop() as RegisterReading;
    return [...readings, end(stop.at, stop.mWh)];
  });

describe('foldReading', () => {
  it('gives the same for any order and any repetition', () => {
    fc.assert(
      fc.property(
        anyReadings.chain((readings) => fc.tuple(fc.constant(readings), delivery(readings))),
        ([readings, delivered]) => {
          expect(fold(delivered)).toEqual(fold(readings));
        },
      ),
    );
  });

  it('is associative: what a state keeps of its readings stands for them', () => {
    fc.assert(
      fc.property(anyReadings, anyReadings, (a, b) => {
        expect(fold(kept(fold(a)), fold(b))).toEqual(fold([...a, ...b]));
      }),
    );
  });

  it('is idempotent, and changes no state in place', () => {
    fc.assert(
      fc.property(anyReadings, anyReading, (readings, reading) => {
        const before = fold(readings);
        const copy = structuredClone(before);
        const once = foldReading(before, reading);
        expect(foldReading(once, reading)).toEqual(once);
        expect(before).toEqual(copy);
      }),
    );
  });

  it('keeps what a sorted list of all readings would give', () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        const sorted = [...readings].sort((a, b) => a.role - b.role || a.at - b.at || a.mWh - b.mWh);
        const state = fold(readings);
        expect(state.first).toEqual(sorted[0] ?? null);
        expect(state.second).toEqual(sorted.find((r) => r.mWh !== sorted[0]?.mWh) ?? null);
        expect(state.last).toEqual(sorted.at(-1) ?? null);
        expect(state.highest?.mWh ?? null).toBe(readings.length === 0 ? null : Math.max(...readings.map((r) => r.mWh)));
      }),
    );
  });
});

describe('energyOf', () => {
  it('never gives less than nothing, and whole mWh', () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        const { energyMWh } = energy(readings);
        expect(energyMWh).toBeGreaterThanOrEqual(0);
        expect(Number.isSafeInteger(energyMWh)).toBe(true);
      }),
    );
  });

  it('says where nothing was read', () => {
    expect(energy([])).toEqual({ startMWh: null, stopMWh: null, energyMWh: 0, flags: ['no_readings'] });
    expect(energy([sample(0, 5)])).toEqual({ startMWh: 5, stopMWh: 5, energyMWh: 0, flags: [] });
  });

  it('counts from the first to the last whatever comes late or twice, and never moves back (field.md 38)', () => {
    fc.assert(
      fc.property(
        session.chain((readings) => fc.tuple(fc.constant(readings), delivery(readings))),
        ([readings, delivered]) => {
          let state = EMPTY_REGISTER;
          let before = 0;
          for (const reading of delivered) {
            state = foldReading(state, reading);
            const { energyMWh, flags } = energyOf(state);
            expect(energyMWh).toBeGreaterThanOrEqual(before);
            expect(flags).toEqual([]);
            before = energyMWh;
          }
          const [start, stop] = [readings[0]?.mWh ?? 0, readings.at(-1)?.mWh ?? 0];
          expect(energyOf(state)).toEqual({ startMWh: start, stopMWh: stop, energyMWh: stop - start, flags: [] });
        },
      ),
    );
  });

  it('bills an offline start with 0 against a lifetime register from its own samples (field.md 37)', () => {
    fc.assert(
      fc.property(
        session.filter(([start]) => (start?.mWh ?? 0) > 3_000 * KWH),
        fc.integer({ min: 1, max: 3 }),
        (readings, zeros) => {
          const own = readings.slice(1);
          const at = readings[0]?.at ?? 0;
          // Some chargers tell the 0 twice: in the start, and in a sample that calls itself its beginning.
          const made = Array.from({ length: zeros }, (_, i) => begin(at - i, 0));
          for (const delivered of [
            [...made, ...own],
            [...own, ...made],
          ]) {
            const total = energy(delivered);
            expect(total.flags).toEqual(['register_jump']);
            expect(total.energyMWh).toBe(energy(own).energyMWh);
            expect(total.startMWh).toBe(own[0]?.mWh);
          }
        },
      ),
    );
    // Nothing but the 0 and the end: what the session took, nobody knows.
    expect(energy([begin(0, 0), end(HOUR, 9_000_000 * KWH)])).toMatchObject({ energyMWh: 0, flags: ['register_jump'] });
  });

  it('takes a meter that begins at 0 with each session for what it is', () => {
    expect(energy([begin(0, 0), sample(HOUR, 50 * KWH)])).toMatchObject({ energyMWh: 50 * KWH, flags: [] });
    expect(energy([begin(0, 0), begin(1, 0), end(HOUR, 50 * KWH)])).toMatchObject({ energyMWh: 50 * KWH, flags: [] });
    // A register read a little later than stamped is no jump.
    expect(energy([begin(0, 0), sample(0, 5 * KWH)])).toMatchObject({ energyMWh: 5 * KWH, flags: [] });
    expect(energy([begin(0, 0), sample(0, 5 * KWH + 1)])).toMatchObject({ energyMWh: 0, flags: ['register_jump'] });
  });

  it('does not let a stop that says 0 reset the total (field.md 38)', () => {
    fc.assert(
      fc.property(session, (readings) => {
        fc.pre((readings[0]?.mWh ?? 0) > 0);
        const own = readings.slice(0, -1);
        const total = energy([...own, end(readings.at(-1)?.at ?? 0, 0)]);
        expect(total.energyMWh).toBe(energy(own).energyMWh);
        expect(total.flags).toEqual(['register_backwards']);
      }),
    );
  });

  it('does not bill a made-up height where the last reading went back', () => {
    const total = energy([begin(0, 10 * KWH), sample(1_000, 9_000_000 * KWH), sample(2_000, 11 * KWH), end(3_000, 0)]);
    expect(total.energyMWh).toBe(0);
    expect(total.flags).toContain('register_backwards');
  });

  it('lets a begin and an end stand where the clock jumps', () => {
    const total = energy([
      begin(5 * HOUR, 10 * KWH),
      sample(HOUR, 11 * KWH),
      sample(9 * HOUR, 12 * KWH),
      end(0, 13 * KWH),
    ]);
    expect(total).toEqual({ startMWh: 10 * KWH, stopMWh: 13 * KWH, energyMWh: 3 * KWH, flags: [] });
  });
});
