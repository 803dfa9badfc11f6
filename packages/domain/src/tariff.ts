/** Tariff and cost. Fixed at the start of a transaction, never repriced; integer minor units throughout. */

export interface Tariff {
  /** ISO 4217. */
  readonly currency: string;
  /** Minor units (centavos) per kWh. */
  readonly perKwhMinor: number;
}

/** 0.75 BRL/kWh. */
export const DEFAULT_TARIFF: Tariff = { currency: 'BRL', perKwhMinor: 75 };

/** mWh in a kWh. */
const MWH_PER_KWH = 1_000_000n;

/**
 * Cost of an energy, in minor units, rounded half up once, at the end. bigint, so that no register is too large.
 * @param energyMWh energy in mWh, an integer >= 0
 */
export function energyCostMinor(tariff: Tariff, energyMWh: number): number {
  const product = BigInt(energyMWh) * BigInt(tariff.perKwhMinor);
  return Number((2n * product + MWH_PER_KWH) / (2n * MWH_PER_KWH));
}

/** Minor units of each currency's unit, as a power of ten; asked for once each. */
const digits = new Map<string, number>();

/**
 * An amount as OCPP tells it (2.x I02, I03): a decimal number of the currency's own unit.
 * @param minor integer minor units
 */
export function amountOf(minor: number, currency: string): number {
  let places = digits.get(currency);
  if (places === undefined) {
    places = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    digits.set(currency, places);
  }
  return minor / 10 ** places;
}
