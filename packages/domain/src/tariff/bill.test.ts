import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cost, energyCostMinor } from './cost.js';
import { type PlannedSession, previewCost } from './preview.js';
import type { PriceBand, Tariff, Tax } from './tariff.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KWH = 1_000_000;
/** A Monday, 17:00 in São Paulo. */
const T = Date.UTC(2026, 0, 5, 20);

const price = fc.nat(500_000).map((thousandth) => thousandth / 1000);
const maybe = <V>(of: fc.Arbitrary<V>) => fc.option(of, { nil: undefined });
const band: fc.Arbitrary<PriceBand> = fc.record({
  from: fc.constantFrom('00:00', '07:30', '18:00', '21:00', '23:59'),
  to: fc.constantFrom('00:00', '07:30', '18:00', '21:00', '23:59'),
  days: maybe(fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 })),
  perKwhMinor: maybe(price),
  perMinuteMinor: maybe(price),
  idlePerMinuteMinor: maybe(price),
});
const taxes = fc.array(
  fc.record({
    name: fc.constantFrom('A', 'B'),
    basisPoints: fc.nat(3000),
    base: maybe(fc.constantFrom('net', 'paid')),
  }),
  { maxLength: 2 },
);

/** Prices that are in proportion to what was taken: these alone can be split. */
const linear: fc.Arbitrary<Tariff> = fc.record({
  currency: fc.constant('BRL'),
  perKwhMinor: price,
  perMinuteMinor: maybe(price),
  bands: maybe(fc.array(band, { minLength: 1, maxLength: 3 })),
  taxes: maybe(taxes),
  taxesIncluded: maybe(fc.boolean()),
});
const any: fc.Arbitrary<Tariff> = fc
  .tuple(
    linear,
    fc.record({
      sessionFeeMinor: maybe(fc.nat(1000)),
      idle: maybe(fc.record({ perMinuteMinor: price, graceMinutes: maybe(fc.nat(60)), capMinor: maybe(fc.nat(5000)) })),
      minimumMinor: maybe(fc.nat(2000)),
      maximumMinor: maybe(fc.integer({ min: 2000, max: 9000 })),
    }),
  )
  .map(([prices, bounds]) => ({ ...prices, ...bounds }));

/** Steps of time and energy, up to 350 kW; some stand still. */
const step = fc
  .tuple(fc.integer({ min: 1, max: 6 * HOUR }), fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })))
  .map(([ms, load]) => [ms, Math.round((ms / HOUR) * 350 * KWH * load)] as const);
const steps = fc.array(step, { minLength: 1, maxLength: 12 });
function session(all: readonly (readonly [ms: number, mWh: number])[]): PlannedSession {
  let [at, mWh] = [T, 0];
  const energy = all.map(([ms, more]) => {
    at += ms;
    mWh += more;
    return { at, mWh };
  });
  return { startAt: T, endAt: at, energy };
}
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
const linesOf = ({ lines }: Cost) =>
  lines.map(({ kind, name, quantity, amountMinor }) => [kind, name, quantity, amountMinor]);

describe('a bill', () => {
  it('is the sum of its lines, whatever the tariff: money, energy and time', () => {
    fc.assert(
      fc.property(any, steps, (tariff, all) => {
        const planned = session(all);
        const cost = previewCost(tariff, planned);
        expect(sum(cost.lines.map((line) => line.amountMinor))).toBe(cost.totalMinor);
        const energy = cost.lines.filter(({ kind }) => kind === 'energy');
        expect(cost.energyMWh).toBe(planned.energy.at(-1)?.mWh);
        if (cost.energyMWh > 0) expect(sum(energy.map((line) => line.quantity ?? 0))).toBe(cost.energyMWh);
        expect(cost.chargingMs + cost.idleMs).toBe(cost.energyMWh === 0 ? cost.chargingMs : planned.endAt - T);
        expect(cost.totalMinor).toBeGreaterThanOrEqual(0);
        // Each share is rounded by itself.
        expect(sum(cost.taxes.map((tax) => tax.amountMinor))).toBeLessThanOrEqual(cost.totalMinor + cost.taxes.length);
        if (cost.energyMWh === 0) expect(cost).toMatchObject({ totalMinor: 0, lines: [] });
        else {
          expect(cost.totalMinor).toBeGreaterThanOrEqual(tariff.minimumMinor ?? 0);
          expect(cost.totalMinor).toBeLessThanOrEqual(tariff.maximumMinor ?? Number.POSITIVE_INFINITY);
        }
      }),
    );
  });

  it('of energy alone is the exact product, rounded once', () => {
    fc.assert(
      fc.property(price, fc.integer({ min: 1, max: 900 * KWH }), (perKwhMinor, mWh) => {
        const tariff = { currency: 'BRL', perKwhMinor };
        const planned = { startAt: T, endAt: T + HOUR, energy: [{ at: T + HOUR, mWh }] };
        expect(previewCost(tariff, planned).totalMinor).toBe(energyCostMinor(tariff, mWh));
      }),
    );
  });

  it('does not change by more than the rounding where a session is split', () => {
    const charged = steps.map((all) => all.map(([ms, mWh]) => [ms, mWh + 1] as const));
    fc.assert(
      fc.property(linear, charged, fc.nat(), (tariff, all, where) => {
        const at = where % all.length;
        const whole = previewCost(tariff, session(all));
        const first = session(all.slice(0, at));
        const start = first.endAt;
        const before = first.energy.at(-1)?.mWh ?? 0;
        const energy = session(all)
          .energy.slice(at)
          .map((point) => ({ at: point.at, mWh: point.mWh - before }));
        const second = previewCost(tariff, { startAt: start, endAt: session(all).endAt, energy });
        const parts = at === 0 ? [second] : [previewCost(tariff, first), second];
        // Each is off by half a unit at most, and so is the whole.
        const off = Math.abs(sum(parts.map((part) => part.totalMinor)) - whole.totalMinor);
        expect(off).toBeLessThanOrEqual((parts.length + 1) / 2);
        expect(sum(parts.map((part) => part.energyMWh))).toBe(whole.energyMWh);
        expect(sum(parts.map((part) => part.chargingMs))).toBe(whole.chargingMs);
      }),
    );
  });

  it('shares energy out by when it was read, evenly between two readings', () => {
    const ponta = { name: 'ponta', from: '18:00', to: '21:00', perKwhMinor: 150 };
    const tariff: Tariff = { currency: 'BRL', perKwhMinor: 75, bands: [ponta], timeZone: 'America/Sao_Paulo' };
    // 17:00 to 19:00, half before and half after 18:00.
    const even = { startAt: T, endAt: T + 2 * HOUR, energy: [{ at: T + 2 * HOUR, mWh: 20 * KWH }] };
    expect(linesOf(previewCost(tariff, even))).toEqual([
      ['energy', 'ponta', 10 * KWH, 1500],
      ['energy', null, 10 * KWH, 750],
    ]);
    const early = { ...even, energy: [{ at: T + HOUR, mWh: 20 * KWH }] };
    expect(linesOf(previewCost(tariff, early))).toEqual([['energy', null, 20 * KWH, 1500]]);
  });

  const full: Tariff = {
    ...{ currency: 'BRL', perKwhMinor: 75, sessionFeeMinor: 200, perMinuteMinor: 10 },
    idle: { perMinuteMinor: 50, graceMinutes: 10, capMinor: 2000 },
  };
  const planned = { startAt: T, endAt: T + 2 * HOUR, energy: [{ at: T + HOUR, mWh: 10 * KWH }] };

  it('has a fee, energy, time of charging, and idle time after its grace', () => {
    const cost = previewCost(full, { ...planned, endAt: T + HOUR + 30 * MINUTE });
    expect(linesOf(cost)).toEqual([
      ['session_fee', null, null, 200],
      ['energy', null, 10 * KWH, 750],
      ['charging_time', null, HOUR, 600],
      ['idle_time', null, 20 * MINUTE, 1000],
    ]);
    expect(cost).toMatchObject({ totalMinor: 2550, chargingMs: HOUR, idleMs: 30 * MINUTE });
    expect(linesOf(previewCost(full, planned)).slice(-2)).toEqual([
      ['idle_time', null, 50 * MINUTE, 2500],
      ['idle_cap', null, null, -500],
    ]);
  });

  it("does not ask for what is not the driver's doing: a station that holds back", () => {
    const flow = [
      { at: T, flow: 'charging' },
      { at: T + HOUR, flow: 'paused' },
    ] as const;
    const cost = previewCost(full, { ...planned, flow });
    expect(cost).toMatchObject({ totalMinor: 1550, chargingMs: HOUR, idleMs: 0 });
    const waited = [
      { at: T, flow: 'idle' },
      { at: T + 30 * MINUTE, flow: 'charging' },
    ] as const;
    const late = previewCost(full, { ...planned, endAt: T + HOUR, flow: waited });
    expect(late).toMatchObject({ chargingMs: 30 * MINUTE, idleMs: 0 });
  });

  it('has taxes in its prices, or on top of them', () => {
    const taxed = { ...full, idle: undefined, taxes: [{ name: 'ICMS', basisPoints: 1800 }] };
    const held = previewCost(taxed, planned);
    expect([held.totalMinor, held.taxes[0]?.amountMinor]).toEqual([1550, 236]);
    // Por dentro: 18 % of what is paid, and of the rest the tax that is of the price without itself.
    const both = { name: 'IVA', basisPoints: 2000 };
    const within = previewCost({ ...taxed, taxes: [{ ...taxed.taxes[0], base: 'paid' } as Tax, both] }, planned);
    expect([within.totalMinor, ...within.taxes.map((tax) => tax.amountMinor)]).toEqual([1550, 279, 212]);
    const onTop = previewCost({ ...taxed, taxesIncluded: false }, planned);
    expect(onTop.totalMinor).toBe(1829);
    expect(linesOf(onTop).at(-1)).toEqual(['tax', 'ICMS', null, 279]);
  });

  it('is not below the minimum nor above the maximum, taxes and all', () => {
    const taxed = { ...full, taxes: [{ name: 'ISS', basisPoints: 333 }], taxesIncluded: false };
    const least = previewCost({ ...taxed, minimumMinor: 9999 }, planned);
    const most = previewCost({ ...taxed, maximumMinor: 1001 }, planned);
    expect([least.totalMinor, most.totalMinor]).toEqual([9999, 1001]);
    expect([least, most].map(({ lines }) => lines.at(-2)?.kind)).toEqual(['minimum', 'maximum']);
  });

  it('is nothing for a start that gave nothing', () => {
    const nothing = { ...planned, energy: [{ at: T + HOUR, mWh: 0 }] };
    expect(previewCost({ ...full, minimumMinor: 500 }, nothing)).toMatchObject({ totalMinor: 0, lines: [] });
  });
});
