import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { energyCostMinor } from './cost.js';
import { DEFAULT_TARIFF } from './tariff.js';

const MAX_MWH = 9_000_000_000_000_000;
const tariff = fc.record({ currency: fc.constant('BRL'), perKwhMinor: fc.nat(100_000) });
const cost = (wattHours: number) => energyCostMinor(DEFAULT_TARIFF, wattHours * 1_000);

describe('cost of energy', () => {
  it('is 0.75 BRL per kWh where nothing else is set, in centavos, half up', () => {
    expect(DEFAULT_TARIFF).toEqual({ currency: 'BRL', perKwhMinor: 75 });
    expect(cost(0)).toBe(0);
    expect(cost(1_000)).toBe(75);
    // 925.875
    expect(cost(12_345)).toBe(926);
    // 37.5, 112.5
    expect(cost(500)).toBe(38);
    expect(cost(1_500)).toBe(113);
    // 0.49995, 0.5
    expect(energyCostMinor(DEFAULT_TARIFF, 6_666)).toBe(0);
    expect(energyCostMinor({ currency: 'BRL', perKwhMinor: 1 }, 499_999)).toBe(0);
    expect(energyCostMinor({ currency: 'BRL', perKwhMinor: 1 }, 500_000)).toBe(1);
  });

  it('is the whole number nearest to the product, the upper of two, for any register', () => {
    fc.assert(
      fc.property(tariff, fc.nat(MAX_MWH), (t, mWh) => {
        const minor = BigInt(energyCostMinor(t, mWh));
        const twice = 2n * BigInt(mWh) * BigInt(t.perKwhMinor);
        expect((2n * minor - 1n) * 1_000_000n <= twice).toBe(true);
        expect(twice < (2n * minor + 1n) * 1_000_000n).toBe(true);
      }),
    );
    expect(cost(9_000_000_000_000)).toBe(675_000_000_000);
  });

  it('takes prices of three decimals as they are written', () => {
    expect(energyCostMinor({ currency: 'BRL', perKwhMinor: 65.313 }, 100_000_000)).toBe(6531);
    expect(energyCostMinor({ currency: 'BRL', perKwhMinor: 0.005 }, 100_000_000)).toBe(1);
    expect(energyCostMinor({ currency: 'BRL', perKwhMinor: 0.005 }, 99_999_999)).toBe(0);
  });

  it('grows with the energy, and parts cost as much as the whole but for the rounding', () => {
    fc.assert(
      fc.property(tariff, fc.array(fc.nat(200_000_000), { minLength: 1, maxLength: 10 }), (t, parts) => {
        const whole = energyCostMinor(
          t,
          parts.reduce((a, b) => a + b, 0),
        );
        const sum = parts.reduce((total, part) => total + energyCostMinor(t, part), 0);
        expect(Math.abs(whole - sum)).toBeLessThanOrEqual((parts.length + 1) / 2);
        expect(whole).toBeGreaterThanOrEqual(energyCostMinor(t, parts[0] as number));
      }),
    );
  });
});
