import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargerTariffId, chargerTariffOf } from './charger-tariff.js';
import { toMinor } from './money.js';
import { energyCostMinor } from './tariff/cost.js';
import { DEFAULT_TARIFF, type Tariff } from './tariff/tariff.js';

const tariff = fc.record({ currency: fc.constantFrom('BRL', 'JPY', 'KWD'), perKwhMinor: fc.nat(100_000) });

describe('the tariff of a charger', () => {
  it('says the price of a kWh in both languages', () => {
    expect(chargerTariffOf(DEFAULT_TARIFF)).toEqual({
      tariffId: 'brl-75-kwh',
      currency: 'BRL',
      description: [
        { format: 'UTF8', language: 'pt-BR', content: 'Energia: R$ 0,75 por kWh.' },
        { format: 'UTF8', language: 'en', content: 'Energy: R$0.75 per kWh.' },
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

  it('says what 2.1 has words for: bands before the own price, grace as an idle time, taxes on top', () => {
    const t: Tariff = {
      ...{ id: 7, version: 3, name: 'Rua', currency: 'BRL', perKwhMinor: 65.313, perMinuteMinor: 10 },
      idle: { perMinuteMinor: 50, graceMinutes: 10, capMinor: 3000 },
      bands: [{ days: [1, 5], from: '18:00', to: '21:00', perKwhMinor: 120 }],
      taxes: [{ name: 'ICMS', basisPoints: 1850 }],
      ...{ taxesIncluded: false, sessionFeeMinor: 200, minimumMinor: 500, maximumMinor: 10_000 },
    };
    const taxRates = [{ type: 'ICMS', tax: 18.5 }];
    const conditions = { startTimeOfDay: '18:00', endTimeOfDay: '21:00', dayOfWeek: ['Monday', 'Friday'] };
    expect(chargerTariffOf(t)).toMatchObject({
      tariffId: 't7-v3',
      energy: { prices: [{ priceKwh: 1.2, conditions }, { priceKwh: 0.65313 }], taxRates },
      chargingTime: { prices: [{ priceMinute: 0.1 }], taxRates },
      idleTime: { prices: [{ priceMinute: 0.5, conditions: { minIdleTime: 600 } }], taxRates },
      fixedFee: { prices: [{ priceFixed: 2 }], taxRates },
      minCost: { inclTax: 5 },
      maxCost: { inclTax: 100 },
    });
    expect(chargerTariffOf({ ...t, taxesIncluded: true }).energy.taxRates).toBeUndefined();
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
