import { describe, expect, it } from 'vitest';
import { describeTariff } from './describe.js';
import { tariffFaults } from './faults.js';
import { DEFAULT_TARIFF, type Tariff } from './tariff.js';

const WHOLE: Tariff = {
  ...{ currency: 'BRL', perKwhMinor: 65.313, sessionFeeMinor: 200, perMinuteMinor: 10 },
  idle: { perMinuteMinor: 50, graceMinutes: 10, capMinor: 3000 },
  bands: [
    { name: 'Ponta', days: [1, 2, 3, 4, 5], from: '18:00', to: '21:00', perKwhMinor: 120, perMinuteMinor: 20 },
    { days: [6, 7], from: '00:00', to: '00:00', idlePerMinuteMinor: 25 },
  ],
  taxes: [{ name: 'ICMS', basisPoints: 1850 }],
  ...{ minimumMinor: 500, maximumMinor: 100_000 },
};

describe('a tariff in words', () => {
  it('is plain where it is', () => {
    expect(describeTariff(DEFAULT_TARIFF)).toEqual({
      pt: 'Energia: R$ 0,75 por kWh.',
      en: 'Energy: R$0.75 per kWh.',
    });
  });

  it('says all that costs, in both languages', () => {
    const { pt, en } = describeTariff(WHOLE);
    expect(pt).toBe(
      'Energia: R$ 0,65313 por kWh. Taxa por sessão: R$ 2,00. R$ 0,10 por minuto de recarga. ' +
        'Parado após a recarga: R$ 0,50 por minuto depois de 10 min sem cobrança, no máximo R$ 30,00. ' +
        'Ponta (seg a sex, 18:00 às 21:00): R$ 1,20 por kWh, R$ 0,20 por minuto de recarga. ' +
        'sáb, dom, 00:00 às 00:00: R$ 0,25 por minuto parado. Horários de America/Sao_Paulo. ' +
        'Mínimo por sessão: R$ 5,00. Máximo por sessão: R$ 1.000,00. Impostos incluídos: ICMS 18,5%.',
    );
    expect(en).toContain('Ponta (Mon to Fri, 18:00 to 21:00): R$1.20 per kWh, R$0.20 per minute of charging.');
    expect(en).toContain('Taxes included: ICMS 18.5%.');
  });
});

describe('faults of a tariff', () => {
  it('are none in one that can be billed', () => {
    expect([DEFAULT_TARIFF, WHOLE].flatMap(tariffFaults)).toEqual([]);
  });

  it.each<[Partial<Tariff>, string]>([
    [{ currency: 'XYZ' }, 'currency'],
    [{ perKwhMinor: 0.0001 }, 'perKwhMinor'],
    [{ perMinuteMinor: -1 }, 'perMinuteMinor'],
    [{ sessionFeeMinor: 1.5 }, 'sessionFeeMinor'],
    [{ idle: { perMinuteMinor: 1, capMinor: -1 } }, 'idle.capMinor'],
    [{ minimumMinor: 10, maximumMinor: 9 }, 'maximumMinor'],
    [{ timeZone: 'Mars/Base' }, 'timeZone'],
    [{ bands: [{ from: '08:00', to: '09:00' }] }, 'bands.0'],
    [{ taxes: [{ name: 'A', basisPoints: 10_001 }] }, 'taxes.0.basisPoints'],
    [
      {
        taxes: [
          { name: 'A', basisPoints: 1 },
          { name: 'A', basisPoints: 2 },
        ],
      },
      'taxes',
    ],
    [
      {
        bands: [
          { from: '22:00', to: '06:00', perKwhMinor: 1 },
          { days: [2], from: '23:00', to: '05:00', perKwhMinor: 2 },
        ],
      },
      'bands.1',
    ],
  ])('%j: %s', (wrong, field) => {
    expect(tariffFaults({ ...DEFAULT_TARIFF, ...wrong }).map((fault) => fault.field)).toEqual([field]);
  });
});
