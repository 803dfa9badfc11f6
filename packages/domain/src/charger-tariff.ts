/** The tariff object of OCPP 2.1 (I07), made of ours, so that a station's own running cost is near that of the bill. */
import { fromMinor } from './money.js';
import { describeTariff } from './tariff/describe.js';
import { isFlat, type PriceBand, type Tariff, thousandths } from './tariff/tariff.js';

/** When a price holds; the times are the station's own. */
interface Conditions {
  readonly startTimeOfDay?: string;
  readonly endTimeOfDay?: string;
  readonly dayOfWeek?: readonly string[];
  /** Seconds that an idle time has lasted. */
  readonly minIdleTime?: number;
}

interface TaxRate {
  readonly type: string;
  /** Percent. */
  readonly tax: number;
}

type Conditional<P> = P & { readonly conditions?: Conditions };

interface Prices<P> {
  readonly prices: readonly Conditional<P>[];
  readonly taxRates?: readonly TaxRate[];
}

/** What we fill of 2.1's TariffType. */
export interface ChargerTariff {
  readonly tariffId: string;
  readonly currency: string;
  readonly description: readonly { readonly format: 'UTF8'; readonly language: string; readonly content: string }[];
  readonly energy: Prices<{ readonly priceKwh: number }>;
  readonly chargingTime?: Prices<{ readonly priceMinute: number }>;
  readonly idleTime?: Prices<{ readonly priceMinute: number }>;
  readonly fixedFee?: Prices<{ readonly priceFixed: number }>;
  readonly minCost?: { readonly inclTax: number };
  readonly maxCost?: { readonly inclTax: number };
}

/** Longest content of a message to a station. */
const MAX_CONTENT = 1_024;
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Of the same content the same: a station that has it is not told another. */
export function chargerTariffId(tariff: Tariff): string {
  const { id, version, currency, perKwhMinor } = tariff;
  if (isFlat(tariff)) return `${currency.toLowerCase()}-${perKwhMinor}-kwh`;
  return `t${id ?? 0}-v${version ?? 0}`;
}

/**
 * What 2.1 has words for. It has none for a cap of idle time, nor for taxes within a price: prices stand as the driver pays
 * them, without a rate. Times are the station's own, and an energy of two bands is priced by when it is measured there.
 */
export function chargerTariffOf(tariff: Tariff): ChargerTariff {
  const { currency, perKwhMinor, perMinuteMinor, idle, sessionFeeMinor, minimumMinor, maximumMinor } = tariff;
  const { pt, en } = describeTariff(tariff);
  const text = (language: string, content: string) =>
    ({ format: 'UTF8', language, content: content.slice(0, MAX_CONTENT) }) as const;
  const rates = tariff.taxesIncluded === false ? (tariff.taxes ?? []) : [];
  const taxRates = rates.map(({ name, basisPoints }) => ({ type: name, tax: basisPoints / 100 }));
  const taxed = <P>(prices: Prices<P>['prices']): Prices<P> => ({
    prices,
    ...(taxRates.length > 0 && { taxRates }),
  });
  const price = (minor: number) => priceOf(minor, currency);
  const perKwh = (minor: number): Conditional<{ priceKwh: number }> => ({ priceKwh: price(minor) });
  const perMinute = (minor: number): Conditional<{ priceMinute: number }> => ({ priceMinute: price(minor) });
  const minutes = banded(tariff, 'perMinuteMinor', perMinuteMinor, perMinute);
  const grace = idle?.graceMinutes ?? 0;
  const idleMinutes = banded(tariff, 'idlePerMinuteMinor', idle?.perMinuteMinor, perMinute).map((one) =>
    grace === 0 ? one : { ...one, conditions: { ...one.conditions, minIdleTime: grace * 60 } },
  );
  return {
    tariffId: chargerTariffId(tariff),
    currency,
    description: [text('pt-BR', pt), text('en', en)],
    energy: taxed(banded(tariff, 'perKwhMinor', perKwhMinor, perKwh)),
    ...(minutes.length > 0 && { chargingTime: taxed(minutes) }),
    ...(idleMinutes.length > 0 && { idleTime: taxed(idleMinutes) }),
    ...(sessionFeeMinor !== undefined && {
      fixedFee: taxed([{ priceFixed: fromMinor(sessionFeeMinor, currency) }]),
    }),
    ...(minimumMinor !== undefined && { minCost: { inclTax: fromMinor(minimumMinor, currency) } }),
    ...(maximumMinor !== undefined && { maxCost: { inclTax: fromMinor(maximumMinor, currency) } }),
  };
}

/** A price of thousandths of a minor unit, as the decimal number that is written so. */
function priceOf(minor: number, currency: string): number {
  const whole = fromMinor(thousandths(minor), currency);
  return Number(`${whole}e-3`);
}

/** The first price whose conditions hold counts: bands in their order, and the tariff's own last. */
function banded<P extends { readonly conditions?: Conditions }>(
  { bands = [] }: Tariff,
  field: 'perKwhMinor' | 'perMinuteMinor' | 'idlePerMinuteMinor',
  own: number | undefined,
  priced: (minor: number) => P,
): P[] {
  const named = bands.some((band) => band[field] !== undefined);
  // A band without this price has the tariff's own, also where another band would hold after it.
  const inBands = bands.map((band) => ({ ...priced(band[field] ?? own ?? 0), conditions: conditionsOf(band) }));
  return [...(named ? inBands : []), ...(own === undefined ? [] : [priced(own)])];
}

function conditionsOf({ days, from, to }: PriceBand): Conditions {
  const all = from === to;
  return {
    ...(!all && { startTimeOfDay: from, endTimeOfDay: to }),
    ...(days !== undefined && { dayOfWeek: days.flatMap((day) => DAYS[day - 1] ?? []) }),
  };
}
