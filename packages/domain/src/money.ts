/** Money as integer minor units, and as the decimal fractions in which OCPP carries it. */

/** Digits behind the point of the currencies that have not two (ISO 4217). */
const OTHER_DIGITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((c) => [c, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((c) => [c, 3])),
  ...Object.fromEntries('CLF UYW'.split(' ').map((c) => [c, 4])),
};

/** How many digits of a currency stand behind the point; two where nobody knows better. */
export function minorDigits(currency: string): number {
  const upper = currency.toUpperCase();
  return Object.hasOwn(OTHER_DIGITS, upper) ? (OTHER_DIGITS[upper] as number) : 2;
}

export interface MinorAmount {
  readonly minor: number;
  /** True where the amount held a fraction of a minor unit. */
  readonly rounded: boolean;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/**
 * An amount as it was written, in minor units, rounded half away from zero. It is the decimal text that counts and not
 * the binary fraction behind it: 1.005 is half a cent above one.
 * @returns undefined where it is no number, or too large to be exact
 */
export function toMinor(amount: number, currency: string): MinorAmount | undefined {
  const parts = DECIMAL.exec(String(amount));
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const shift = minorDigits(currency) + Number(exponent) - fraction.length;
  if (shift > 30 || whole.length > 30) return undefined;
  const digits = BigInt(whole + fraction);
  const scale = 10n ** BigInt(Math.min(Math.abs(shift), 400));
  const magnitude = shift >= 0 ? digits * scale : (2n * digits + scale) / (2n * scale);
  const minor = Number(magnitude) * (sign === '-' ? -1 : 1);
  if (!Number.isSafeInteger(minor)) return undefined;
  return { minor: minor === 0 ? 0 : minor, rounded: shift < 0 && digits % scale !== 0n };
}

/** The number that is written as that many minor units are: 1234 centavos are 12.34. */
export function fromMinor(minor: number, currency: string): number {
  const digits = minorDigits(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const cut = text.length - digits;
  return Number(`${minor < 0 ? '-' : ''}${text.slice(0, cut)}${digits === 0 ? '' : `.${text.slice(cut)}`}`);
}
