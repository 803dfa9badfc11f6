import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromMinor, minorDigits, toMinor } from './money.js';

const currency = fc.constantFrom('BRL', 'EUR', 'JPY', 'KWD', 'CLF', 'brl');

describe('amounts in minor units', () => {
  it('are those of the currency', () => {
    expect(toMinor(12.34, 'BRL')).toEqual({ minor: 1234, rounded: false });
    expect(toMinor(12.34, 'JPY')).toEqual({ minor: 12, rounded: true });
    expect(toMinor(12.345, 'KWD')).toEqual({ minor: 12_345, rounded: false });
    expect(minorDigits('XXX')).toBe(2);
    expect(minorDigits('constructor')).toBe(2);
  });

  it('are rounded once, half away from zero, by what was written and not by its binary fraction', () => {
    expect(toMinor(1.005, 'BRL')).toEqual({ minor: 101, rounded: true });
    expect(toMinor(-1.005, 'BRL')).toEqual({ minor: -101, rounded: true });
    expect(toMinor(0.1 + 0.2, 'BRL')).toEqual({ minor: 30, rounded: true });
    expect(toMinor(0.004, 'BRL')).toEqual({ minor: 0, rounded: true });
    expect(toMinor(-0.004, 'BRL')).toEqual({ minor: 0, rounded: true });
    expect(toMinor(1e-7, 'BRL')).toEqual({ minor: 0, rounded: true });
    expect(toMinor(5e-324, 'BRL')).toEqual({ minor: 0, rounded: true });
  });

  it('are none where they cannot be exact', () => {
    for (const amount of [Number.NaN, Number.POSITIVE_INFINITY, 1e300, 1e16])
      expect(toMinor(amount, 'BRL')).toBeUndefined();
  });

  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), currency, (minor, c) => {
        expect(toMinor(fromMinor(minor, c), c)).toEqual({ minor, rounded: false });
      }),
    );
  });

  it('are never further from the amount than half of a unit, and larger for the larger amount', () => {
    const amount = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(amount, amount, currency, (a, b, c) => {
        const [x, y] = [toMinor(a, c)?.minor as number, toMinor(b, c)?.minor as number];
        expect(Math.abs(x - a * 10 ** minorDigits(c))).toBeLessThanOrEqual(0.5 + 1e-3);
        expect(Math.sign(x - y) * Math.sign(a - b)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
