import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegisterReading } from '../meter.js';
import { endTransaction, flowed, meter, openTransaction, totalsOf } from '../transaction.js';
import { costOf } from './cost.js';
import type { Tariff } from './tariff.js';
import type { Flow, FlowPoint } from './usage.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KWH = 1_000_000;
/** A Monday, 17:00 in São Paulo. */
const T = Date.UTC(2026, 0, 5, 20);

const TIMED: Tariff = {
  ...{ currency: 'BRL', perKwhMinor: 75, perMinuteMinor: 10 },
  idle: { perMinuteMinor: 50, graceMinutes: 10 },
  bands: [{ name: 'ponta', from: '18:00', to: '21:00', perKwhMinor: 150, idlePerMinuteMinor: 100 }],
};

const open = (tariff: Tariff = TIMED) =>
  openTransaction({
    ...{ id: 1, tenantId: 1, stationId: 1, evseId: 1, connectorId: 1, version: 'ocpp2.0.1', ocppTransactionId: 'T' },
    ...{ startedAt: T, tariff },
  });

type Told = { readonly reading: RegisterReading } | { readonly point: FlowPoint };
const take = (told: readonly Told[], from = open()) =>
  told.reduce((state, one) => ('reading' in one ? meter(state, [one.reading]) : flowed(state, one.point)), from);

/** A session as its charger lived it: flows that change, each told as a change, told again, and metered as it charges. */
const life = fc
  .array(
    fc.record({
      flow: fc.constantFrom<Flow>('charging', 'idle', 'paused'),
      readings: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((stretches) => {
    const told: Told[] = [{ reading: { at: T, mWh: 1000 * KWH, role: 0 } }];
    let [at, mWh, order] = [T, 1000 * KWH, 0];
    for (const { flow, readings } of stretches) {
      at += MINUTE;
      told.push({ point: { at, flow, order: order++, changed: true } });
      for (const minutes of readings) {
        at += minutes * MINUTE;
        if (flow === 'charging') mWh += minutes * (KWH / 10);
        told.push({ reading: { at, mWh, role: 1 } });
        told.push({ point: { at, flow, order: order++, changed: false } });
      }
    }
    return { told, end: at };
  });

/** The same in another order, some of it again. */
const delivery = <V>(items: readonly V[]) =>
  fc
    .tuple(fc.shuffledSubarray([...items], { minLength: items.length }), fc.array(fc.nat(), { maxLength: 6 }))
    .map(([order, again]) => [...order, ...again.flatMap((n) => order[n % order.length] ?? [])]);

describe('what a timed session remembers', () => {
  it('does not depend on the order in which it came, nor on what came twice', () => {
    fc.assert(
      fc.property(
        life.chain(({ told, end }) => fc.tuple(fc.constant({ told, end }), delivery(told))),
        ([{ told, end }, delivered]) => {
          const inOrder = endTransaction(take(told), end, null);
          const any = endTransaction(take(delivered), end, null);
          expect(any.register).toEqual(inOrder.register);
          expect(costOf(any, TIMED)).toEqual(costOf(inOrder, TIMED));
          expect(totalsOf(any).costMinor).toBe(costOf(inOrder, TIMED).totalMinor);
        },
      ),
    );
  });

  it('counts the time of each flow: charging, idle after it, and nothing while the station holds back', () => {
    fc.assert(
      fc.property(life, ({ told, end }) => {
        const points = told.flatMap((one) => ('point' in one ? [one.point] : []));
        let [charging, idle, charged] = [0, 0, false];
        const readings = told.flatMap((one) => ('reading' in one ? [one.reading] : []));
        const top = Math.max(...readings.map(({ mWh }) => mWh));
        fc.pre(top > 1000 * KWH);
        // When the last energy was read.
        const ceased = readings.find(({ mWh }) => mWh === top)?.at ?? end;
        const still = readings.some(({ at }) => at > ceased);
        for (const [i, { at, flow }] of points.entries()) {
          const to = points[i + 1]?.at ?? end;
          charged ||= flow === 'charging';
          const until = still ? Math.max(at, Math.min(to, ceased)) : to;
          if (flow === 'charging') [charging, idle] = [charging + (until - at), idle + (to - until)];
          if (flow === 'idle' && charged) idle += to - at;
        }
        const cost = costOf(endTransaction(take(told), end, null), TIMED);
        expect([cost.chargingMs, cost.idleMs]).toEqual([charging, idle]);
        expect(cost.energyMWh).toBe(top - 1000 * KWH);
      }),
    );
  });

  it('does not grow with the number of samples', () => {
    let state = open();
    for (let n = 0; n < 2_000; n++) {
      const at = T + n * 1_000;
      state = meter(state, [{ at, mWh: n * 1_000, role: 1 }]);
      state = flowed(state, { at, flow: 'charging', order: n, changed: false });
    }
    expect(JSON.stringify(state.register).length).toBeLessThan(700);
  });

  it('is bounded for a session that never ends and a charger that flaps', () => {
    let state = open();
    const flows = ['charging', 'idle', 'paused'] as const;
    for (let n = 0; n < 3_000; n++) {
      const at = T + n * 2 * HOUR;
      state = meter(state, [{ at, mWh: n * KWH, role: 1 }]);
      state = flowed(state, { at, flow: flows[n % 3] as Flow, order: n, changed: true });
    }
    expect(JSON.stringify(state.register).length).toBeLessThan(20_000);
    expect(costOf(state, TIMED)).toMatchObject({ energyMWh: 2_999 * KWH });
  });

  it('is nothing where the tariff does not ask when', () => {
    const flat = open({ currency: 'BRL', perKwhMinor: 75, sessionFeeMinor: 100 });
    const state = meter(flat, [{ at: T, mWh: 0, role: 0 }]);
    expect(flowed(state, { at: T, flow: 'charging', order: 0, changed: true })).toBe(state);
    expect(state.register).not.toHaveProperty('usage');
  });
});

describe('a running cost', () => {
  const reading = (minutes: number, kWh: number): Told => ({
    reading: { at: T + minutes * MINUTE, mWh: kWh * KWH, role: 1 },
  });

  it('follows what is heard', () => {
    const costs = [0, 30, 60, 90, 120].map((until) => {
      const told = [reading(0, 0), reading(30, 5), reading(60, 10), reading(90, 10), reading(120, 10)];
      const heard = told.filter((one) => 'reading' in one && one.reading.at <= T + until * MINUTE);
      return totalsOf(take(heard)).costMinor;
    });
    // Energy and minutes to 18:00; then half an hour and an hour of standing, at the price of that band, ten minutes free.
    expect(costs).toEqual([0, 375 + 300, 750 + 600, 750 + 600 + 2000, 750 + 600 + 5000]);
  });

  it('of a clock that was set in between bills no time, and is flagged', () => {
    const told = [reading(0, 0), reading(60, 10), reading(60 * 24 * 40, 11)];
    const state = endTransaction(take(told), T + 40 * 24 * HOUR, null);
    expect(costOf(state, TIMED)).toMatchObject({ energyMWh: 11 * KWH, chargingMs: 0, idleMs: 0 });
    expect(state.flags).toEqual(['clock']);
  });

  it('of a charger that tells no flow before it holds back counts what was drawn before', () => {
    const told = [reading(0, 0), reading(30, 5), reading(60, 10)];
    const point = { at: T + 60 * MINUTE, flow: 'paused', order: 0, changed: true } as const;
    const state = endTransaction(take([...told, { point }]), T + 3 * HOUR, null);
    expect(costOf(state, TIMED)).toMatchObject({ chargingMs: HOUR, idleMs: 0 });
  });
});
