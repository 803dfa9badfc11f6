/** The tariff object of OCPP 2.1 (I07), made of ours, so that a station's own running cost is that of the bill. */
import { fromMinor, minorDigits } from './money.js';
import type { Tariff } from './tariff.js';

/** What we fill of 2.1's TariffType. */
export interface ChargerTariff {
  readonly tariffId: string;
  readonly currency: string;
  readonly description: readonly { readonly format: 'UTF8'; readonly language: string; readonly content: string }[];
  readonly energy: { readonly prices: readonly { readonly priceKwh: number }[] };
}

/** Of the same content the same: a station that has it is not told another. */
export function chargerTariffId({ currency, perKwhMinor }: Tariff): string {
  return `${currency.toLowerCase()}-${perKwhMinor}-kwh`;
}

export function chargerTariffOf(tariff: Tariff): ChargerTariff {
  const { currency, perKwhMinor } = tariff;
  const price = fromMinor(perKwhMinor, currency);
  const text = price.toFixed(minorDigits(currency));
  return {
    tariffId: chargerTariffId(tariff),
    currency,
    description: [
      { format: 'UTF8', language: 'pt-BR', content: `${currency} ${text.replace('.', ',')} por kWh` },
      { format: 'UTF8', language: 'en', content: `${currency} ${text} per kWh` },
    ],
    energy: { prices: [{ priceKwh: price }] },
  };
}
