/** Numbers by which tax offices know companies and people: whether one can exist. Whether it does is a registry's word. */

/** A company as a registry knows it (2.1 AddressType). */
export interface Company {
  readonly name: string;
  readonly address1: string;
  readonly address2?: string;
  readonly city: string;
  readonly postalCode?: string;
  readonly country: string;
}

/** The port to a registry of companies; without one nothing is known but the form of a number. */
export interface VatRegistry {
  /** From what is at hand: it must not wait. */
  companyOf(number: VatNumber): Company | undefined;
}

export interface VatNumber {
  /** ISO 3166-1 alpha-2, as VAT numbers spell it: Greece is EL. */
  readonly country: string;
  readonly kind: 'cnpj' | 'cpf' | 'vat';
  /** Without prefix and punctuation, upper case. */
  readonly digits: string;
}

/** ok, or why it cannot exist. `country`: no rule for it here. */
export type VatVerdict =
  | { readonly ok: true; readonly number: VatNumber }
  | { readonly ok: false; readonly why: VatFault };
export type VatFault = 'form' | 'check-digits' | 'country';

/** What stands behind the prefix. By the European Commission's table of forms; where a check digit is common knowledge it is checked. */
const FORMS: Readonly<Record<string, RegExp>> = {
  AT: /^U\d{8}$/,
  BE: /^[01]\d{9}$/,
  BG: /^\d{9,10}$/,
  CY: /^\d{8}[A-Z]$/,
  CZ: /^\d{8,10}$/,
  DE: /^\d{9}$/,
  DK: /^\d{8}$/,
  EE: /^\d{9}$/,
  EL: /^\d{9}$/,
  ES: /^[A-Z0-9]\d{7}[A-Z0-9]$/,
  FI: /^\d{8}$/,
  FR: /^[A-Z0-9]{2}\d{9}$/,
  GB: /^(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})$/,
  HR: /^\d{11}$/,
  HU: /^\d{8}$/,
  IE: /^\d[A-Z0-9+*]\d{5}[A-Z]{1,2}$/,
  IT: /^\d{11}$/,
  LT: /^(?:\d{9}|\d{12})$/,
  LU: /^\d{8}$/,
  LV: /^\d{11}$/,
  MT: /^\d{8}$/,
  NL: /^\d{9}B\d{2}$/,
  PL: /^\d{10}$/,
  PT: /^\d{9}$/,
  RO: /^\d{2,10}$/,
  SE: /^\d{12}$/,
  SI: /^\d{8}$/,
  SK: /^\d{10}$/,
  XI: /^(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})$/,
};

/** Letters count from 17: since 2026 a CNPJ may hold them in its first twelve places. */
const worth = (c: string): number => c.charCodeAt(0) - 48;

/** The remainder by 11 of a weighted sum, as both Brazilian numbers use it. */
function modulo11(text: string, weights: readonly number[]): number {
  const sum = weights.reduce((total, weight, i) => total + weight * worth(text[i] ?? '0'), 0);
  return sum % 11 < 2 ? 0 : 11 - (sum % 11);
}

/** Both check digits of the first twelve places of a CNPJ. */
export function cnpjCheckDigits(body: string): string {
  const first = modulo11(body, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  return `${first}${modulo11(`${body}${first}`, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])}`;
}

/** Both check digits of the first nine digits of a CPF. */
export function cpfCheckDigits(body: string): string {
  const first = modulo11(body, [10, 9, 8, 7, 6, 5, 4, 3, 2]);
  return `${first}${modulo11(`${body}${first}`, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])}`;
}

/** One character over and over has right check digits, and is nobody's. */
const isMonotonous = (text: string): boolean => /^(.)\1*$/.test(text);

function brazilian(digits: string): VatVerdict {
  const kind = digits.length === 11 ? 'cpf' : 'cnpj';
  if (!/^(?:\d{11}|[0-9A-Z]{12}\d{2})$/.test(digits)) return { ok: false, why: 'form' };
  const body = digits.slice(0, -2);
  const right = kind === 'cpf' ? cpfCheckDigits(body) : cnpjCheckDigits(body);
  if (isMonotonous(digits) || !digits.endsWith(right)) return { ok: false, why: 'check-digits' };
  return { ok: true, number: { country: 'BR', kind, digits } };
}

/**
 * Whether a number can exist. Punctuation and blanks do not count. A country's two letters stand before it, which Brazil
 * leaves out: there a CNPJ (also with letters) or a CPF is known by its length.
 */
export function checkVatNumber(text: string): VatVerdict {
  const bare = text.toUpperCase().replace(/[\s./-]/g, '');
  if (bare.startsWith('BR') && bare.length > 11 && brazilian(bare.slice(2)).ok) return brazilian(bare.slice(2));
  const country = bare.slice(0, 2);
  const digits = bare.slice(2);
  const form = Object.hasOwn(FORMS, country) ? FORMS[country] : undefined;
  if (form?.test(digits) === true) return { ok: true, number: { country, kind: 'vat', digits } };
  const isBrazilian = /^\d{11}$/.test(bare) || /^[0-9A-Z]{12}\d{2}$/.test(bare);
  if (isBrazilian) return brazilian(bare);
  if (country === 'BR') return brazilian(digits);
  if (form !== undefined) return { ok: false, why: 'form' };
  return { ok: false, why: /^[A-Z]{2}[0-9A-Z]{4,}$/.test(bare) ? 'country' : 'form' };
}
