import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargerTariffId, chargerTariffOf } from './charger-tariff.js';
import { toMinor } from './money.js';
import { DEFAULT_TARIFF, energyCostMinor } from './tariff.js';

const tariff = fc.record({ currency: fc.constantFrom('BRL', 'JPY', 'KWD'), perKwhMinor: fc.nat(100_000) });

describe('the tariff of a charger', () => {
  it('says the price of a kWh in both languages', () => {
    expect(chargerTariffOf(DEFAULT_TARIFF)).toEqual({
      tariffId: 'brl-75-kwh',
      currency: 'BRL',
      description: [
        { format: 'UTF8', language: 'pt-BR', content: 'BRL 0,75 por kWh' },
        { format: 'UTF8', language: 'en', content: 'BRL 0.75 per kWh' },
      ],
      energy: { prices: [{ priceKwh: 0.75 }] },
    });
  });

  it('costs per kWh what ours costs, whatever that is', () => {
    fc.assert(
      fc.property(tariff, fc.integer({ min: 1, max: 1000 }), (t, kWh) => {
        const price = chargerTariffOf(t).energy.prices[0]?.priceKwh as number;
        const perKwh = toMinor(price, t.currency);
        expect(perKwh).toEqual({ minor: t.perKwhMinor, rounded: false });
        expect((perKwh?.minor ?? 0) * kWh).toBe(energyCostMinor(t, kWh * 1_000_000));
      }),
    );
  });

  it('has an id of its content', () => {
    fc.assert(
      fc.property(tariff, tariff, (a, b) => {
        const same = a.currency === b.currency && a.perKwhMinor === b.perKwhMinor;
        expect(chargerTariffId(a) === chargerTariffId(b)).toBe(same);
      }),
    );
  });
});
