import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inHours, type TokenHours } from '../token-hours.js';
import { slotAt } from './slots.js';
import type { PriceBand, Tariff } from './tariff.js';

const HOUR = 3_600_000;
const tariff = (timeZone: string, ...bands: TokenHours[]): Tariff => ({
  ...{ currency: 'BRL', perKwhMinor: 75, timeZone },
  bands: bands.map((band): PriceBand => ({ ...band, perKwhMinor: 120 })),
});

const clock = fc
  .tuple(fc.nat(23), fc.constantFrom(0, 15, 30, 59))
  .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
const band: fc.Arbitrary<TokenHours> = fc.record({
  days: fc.option(fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }), { nil: undefined }),
  from: clock,
  to: clock,
});
const zone = fc.constantFrom('America/Sao_Paulo', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC');
// Around the changes of summer time too.
const moment = fc.oneof(
  fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2030, 0) }),
  fc.integer({ min: Date.UTC(2018, 10, 3), max: Date.UTC(2018, 10, 5) }),
  fc.integer({ min: Date.UTC(2026, 2, 28), max: Date.UTC(2026, 2, 31) }),
  fc.integer({ min: Date.UTC(2026, 9, 24), max: Date.UTC(2026, 9, 27) }),
);

describe('slots', () => {
  it('have the first band that holds by the calendar, from their beginning to their end', () => {
    fc.assert(
      fc.property(zone, fc.array(band, { minLength: 1, maxLength: 4 }), moment, (timeZone, bands, at) => {
        const slot = slotAt(tariff(timeZone, ...bands), at);
        expect(slot.from).toBeLessThanOrEqual(at);
        expect(slot.to).toBeGreaterThan(at);
        for (const moment of [at, slot.from, slot.to - 1]) {
          const found = bands.findIndex((one) => inHours([one], timeZone, moment));
          expect(slot.band, new Date(moment).toISOString()).toBe(found < 0 ? bands.length : found);
        }
      }),
    );
  });

  it('of a night are an hour shorter where summer time begins, and longer where it ends', () => {
    const berlin = tariff('Europe/Berlin', { from: '22:00', to: '06:00' });
    const night = (evening: number) => {
      let length = 0;
      for (let at = evening; at < evening + 20 * HOUR; at = slotAt(berlin, at).to)
        if (slotAt(berlin, at).band === 0) length += slotAt(berlin, at).to - at;
      return length / HOUR;
    };
    expect(night(Date.UTC(2026, 2, 27, 21))).toBe(8);
    expect(night(Date.UTC(2026, 2, 28, 21))).toBe(7);
    expect(night(Date.UTC(2026, 9, 24, 20))).toBe(9);
  });

  it('are one, for ever, where no band is', () => {
    const { from, to } = slotAt({ currency: 'BRL', perKwhMinor: 75 }, 0);
    expect([from, to]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });
});
