/** What a session may cost: the tariff as plain data, as it is kept and as a transaction carries it. */
import type { TokenHours } from '../token-hours.js';

/** Prices that hold in some hours of the week, in the tariff's zone, instead of the tariff's own; absent: those. */
export interface PriceBand extends TokenHours {
  /** What people call it, as `ponta`. */
  readonly name?: string | undefined;
  readonly perKwhMinor?: number | undefined;
  readonly perMinuteMinor?: number | undefined;
  readonly idlePerMinuteMinor?: number | undefined;
}

export interface IdlePrice {
  readonly perMinuteMinor: number;
  /** The first minutes without charge, of the whole session. */
  readonly graceMinutes?: number | undefined;
  /** The most that idle time costs, integer minor units, before taxes that come on top. */
  readonly capMinor?: number | undefined;
}

/** What a tax within the prices is a share of. */
export const TAX_BASES = ['net', 'paid'] as const;
export type TaxBase = (typeof TAX_BASES)[number];

export interface Tax {
  readonly name: string;
  /** Hundredths of a percent. */
  readonly basisPoints: number;
  /**
   * `net`, the default: of the price without its taxes, as a VAT. `paid`: of all that is paid, the tax itself in it (por
   * dentro), as ICMS and ISS; only of taxes within the prices.
   */
  readonly base?: TaxBase | undefined;
}

/**
 * A tariff, and the snapshot of it that a transaction carries: all that the price needs and nothing that can change. With a
 * currency and a price per kWh alone it is what transactions carried before there was more.
 */
export interface Tariff {
  /** ISO 4217. */
  readonly currency: string;
  /** Minor units (centavos) per kWh, up to three decimals, as all prices of a unit. */
  readonly perKwhMinor: number;
  /** Where it was made: absent in the one that is built in. */
  readonly id?: number | undefined;
  readonly version?: number | undefined;
  readonly name?: string | undefined;
  /** Once, integer minor units. */
  readonly sessionFeeMinor?: number | undefined;
  /** Per minute of charging. */
  readonly perMinuteMinor?: number | undefined;
  readonly idle?: IdlePrice | undefined;
  /** IANA zone of the bands. Default: DEFAULT_ZONE of token hours. */
  readonly timeZone?: string | undefined;
  /** The first that fits a moment counts. */
  readonly bands?: readonly PriceBand[] | undefined;
  readonly taxes?: readonly Tax[] | undefined;
  /** Whether prices hold the taxes already. Default: true. */
  readonly taxesIncluded?: boolean | undefined;
  /** Of what the driver pays, taxes and all, where energy was given. */
  readonly minimumMinor?: number | undefined;
  readonly maximumMinor?: number | undefined;
}

/** 0.75 BRL/kWh. */
export const DEFAULT_TARIFF: Tariff = { currency: 'BRL', perKwhMinor: 75 };

/** Bounds that keep a session's fold and its description small. */
export const MAX_BANDS = 24;
export const MAX_TAXES = 5;

/** Whether energy is all that counts. */
export function isFlat(tariff: Tariff): boolean {
  return (
    tariff.sessionFeeMinor === undefined &&
    tariff.taxes === undefined &&
    tariff.minimumMinor === undefined &&
    tariff.maximumMinor === undefined &&
    !isTimed(tariff)
  );
}

/** Whether the price asks when: then a session remembers more than its register. */
export function isTimed({ perMinuteMinor, idle, bands }: Tariff): boolean {
  return perMinuteMinor !== undefined || idle !== undefined || bands !== undefined;
}

/** Decimals of a price, as a power of ten. */
const PRICE_STEPS = 1_000;

/** A price in thousandths of a minor unit. */
export const thousandths = (price: number): number => Math.round(price * PRICE_STEPS);

/** Whether a price has no more decimals than are kept, and is exact. */
export function isPrice(price: number): boolean {
  return price >= 0 && price <= 1e9 && thousandths(price) / PRICE_STEPS === price;
}
