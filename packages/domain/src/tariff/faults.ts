/** What a tariff must be beyond its types, so that a session's price is defined, exact and bounded. */
import { isTimeZone } from '../local-time.js';
import { holdsAt, minutesOf } from '../token-hours.js';
import { isPrice, MAX_BANDS, MAX_TAXES, type PriceBand, type Tariff } from './tariff.js';

export interface TariffFault {
  /** Of {@link Tariff}, as `bands.0.perKwhMinor`. */
  readonly field: string;
  readonly message: string;
}

/** No amount of a tariff is above this, so that what sessions come to stays exact. */
const MAX_MINOR = 1_000_000_000;

/** What is wrong with a tariff; empty where nothing is. */
export function tariffFaults(tariff: Tariff): TariffFault[] {
  const faults: TariffFault[] = [];
  const add = (field: string, message: string) => faults.push({ field, message });
  const price = (field: string, value: number | undefined) => {
    if (value !== undefined && !isPrice(value)) add(field, 'must be from 0, with at most three decimals');
  };
  const amount = (field: string, value: number | undefined) => {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0 && value <= MAX_MINOR))
      add(field, `must be a whole number from 0 to ${MAX_MINOR}`);
  };
  if (!isCurrency(tariff.currency)) add('currency', 'must be three capitals of ISO 4217');
  price('perKwhMinor', tariff.perKwhMinor);
  price('perMinuteMinor', tariff.perMinuteMinor);
  price('idle.perMinuteMinor', tariff.idle?.perMinuteMinor);
  amount('sessionFeeMinor', tariff.sessionFeeMinor);
  amount('idle.capMinor', tariff.idle?.capMinor);
  amount('minimumMinor', tariff.minimumMinor);
  amount('maximumMinor', tariff.maximumMinor);
  if ((tariff.maximumMinor ?? MAX_MINOR) < (tariff.minimumMinor ?? 0)) add('maximumMinor', 'must not be below minimum');
  if (tariff.timeZone !== undefined && !isTimeZone(tariff.timeZone)) add('timeZone', 'is not a time zone');
  const { bands = [], taxes = [] } = tariff;
  if (bands.length > MAX_BANDS) add('bands', `must be at most ${MAX_BANDS}`);
  for (const [i, band] of bands.entries()) {
    for (const field of PRICES) price(`bands.${i}.${field}`, band[field]);
    if (PRICES.every((field) => band[field] === undefined)) add(`bands.${i}`, 'must have a price of its own');
    if (isHidden(bands, i)) add(`bands.${i}`, 'never holds: bands before it hold at all of its times');
  }
  if (taxes.length > MAX_TAXES) add('taxes', `must be at most ${MAX_TAXES}`);
  if (new Set(taxes.map(({ name }) => name)).size < taxes.length) add('taxes', 'must be named once each');
  for (const [i, { basisPoints }] of taxes.entries())
    if (!(Number.isSafeInteger(basisPoints) && basisPoints >= 0 && basisPoints <= 10_000))
      add(`taxes.${i}.basisPoints`, 'must be a whole number from 0 to 10000');
  const ofPaid = taxes.filter(({ base }) => base === 'paid');
  if (tariff.taxesIncluded === false && ofPaid.length > 0)
    add(`taxes.${taxes.findIndex(({ base }) => base === 'paid')}.base`, 'must be net where taxes come on top');
  if (ofPaid.reduce((all, { basisPoints }) => all + basisPoints, 0) > 10_000)
    add('taxes', 'must not be more than all that is paid');
  return faults;
}

const PRICES = ['perKwhMinor', 'perMinuteMinor', 'idlePerMinuteMinor'] as const;

function isCurrency(currency: string): boolean {
  return /^[A-Z]{3}$/.test(currency) && Intl.supportedValuesOf('currency').includes(currency);
}

/** Whether no moment of the week is left to a band. Bands change at their boundaries alone. */
function isHidden(bands: readonly PriceBand[], index: number): boolean {
  const band = bands[index] as PriceBand;
  const before = bands.slice(0, index);
  const minutes = [0, ...[band, ...before].flatMap(({ from, to }) => [minutesOf(from), minutesOf(to)])];
  for (let day = 1; day <= 7; day++)
    for (const minute of minutes)
      if (holdsAt(band, day, minute) && !before.some((other) => holdsAt(other, day, minute))) return false;
  return true;
}
