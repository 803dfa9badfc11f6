/** A tariff in words, for drivers and operators: pt-BR, and English beside it. */
import { minorDigits } from '../money.js';
import { DEFAULT_ZONE } from '../token-hours.js';
import { type PriceBand, type Tariff, thousandths } from './tariff.js';

export interface TariffText {
  readonly pt: string;
  readonly en: string;
}

interface Words {
  readonly locale: string;
  readonly days: readonly string[];
  readonly perKwh: (price: string) => string;
  readonly perMinute: (price: string) => string;
  readonly perIdleMinute: (price: string) => string;
  readonly energy: string;
  readonly fee: (price: string) => string;
  readonly idle: (price: string, grace: number, cap: string | undefined) => string;
  readonly everyDay: string;
  /** Between two times, and between two days. */
  readonly until: string;
  readonly through: string;
  readonly zone: (zone: string) => string;
  readonly taxes: (list: string, included: boolean) => string;
  readonly minimum: (price: string) => string;
  readonly maximum: (price: string) => string;
}

const PT: Words = {
  locale: 'pt-BR',
  days: ['seg', 'ter', 'qua', 'qui', 'sex', 'sáb', 'dom'],
  perKwh: (price) => `${price} por kWh`,
  perMinute: (price) => `${price} por minuto de recarga`,
  perIdleMinute: (price) => `${price} por minuto parado`,
  energy: 'Energia',
  fee: (price) => `Taxa por sessão: ${price}`,
  idle: (price, grace, cap) =>
    `Parado após a recarga: ${price} por minuto${grace > 0 ? ` depois de ${grace} min sem cobrança` : ''}` +
    `${cap === undefined ? '' : `, no máximo ${cap}`}`,
  everyDay: 'todos os dias',
  until: 'às',
  through: 'a',
  zone: (zone) => `Horários de ${zone}`,
  taxes: (list, included) => `${included ? 'Impostos incluídos' : 'Mais impostos'}: ${list}`,
  minimum: (price) => `Mínimo por sessão: ${price}`,
  maximum: (price) => `Máximo por sessão: ${price}`,
};

const EN: Words = {
  locale: 'en',
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  perKwh: (price) => `${price} per kWh`,
  perMinute: (price) => `${price} per minute of charging`,
  perIdleMinute: (price) => `${price} per idle minute`,
  energy: 'Energy',
  fee: (price) => `Session fee: ${price}`,
  idle: (price, grace, cap) =>
    `Idle after charging: ${price} per minute${grace > 0 ? ` after ${grace} min free of charge` : ''}` +
    `${cap === undefined ? '' : `, at most ${cap}`}`,
  everyDay: 'every day',
  until: 'to',
  through: 'to',
  zone: (zone) => `Times of ${zone}`,
  taxes: (list, included) => `${included ? 'Taxes included' : 'Plus taxes'}: ${list}`,
  minimum: (price) => `Minimum per session: ${price}`,
  maximum: (price) => `Maximum per session: ${price}`,
};

const formats = new Map<string, Intl.NumberFormat>();

/** An amount as people write it: `R$ 0,75`. Prices of a unit may have three decimals more. */
function money({ locale }: Words, currency: string, minor: number): string {
  const digits = minorDigits(currency);
  const key = `${locale} ${currency}`;
  let format = formats.get(key);
  if (format === undefined) {
    const fractions = { minimumFractionDigits: digits, maximumFractionDigits: digits + 3 };
    format = new Intl.NumberFormat(locale, { style: 'currency', currency, ...fractions });
    formats.set(key, format);
  }
  // Thin and unbreakable spaces are no spaces to a charger's display.
  return format.format(thousandths(minor) / 1000 / 10 ** digits).replace(/\s/g, ' ');
}

/** The days of a band: neighbours as a range. */
function daysOf({ days, everyDay, through }: Words, on: readonly number[] | undefined): string {
  const sorted = [...new Set(on ?? [])].sort((a, b) => a - b);
  if (sorted.length === 0 || sorted.length === 7) return everyDay;
  const name = (day: number) => days[day - 1] ?? '';
  const [first = 1] = sorted;
  const last = sorted.at(-1) ?? first;
  if (sorted.length > 2 && last - first === sorted.length - 1) return `${name(first)} ${through} ${name(last)}`;
  return sorted.map(name).join(', ');
}

function bandText(words: Words, currency: string, band: PriceBand): string {
  const { perKwhMinor, perMinuteMinor, idlePerMinuteMinor, name, from, to } = band;
  const prices = [
    perKwhMinor === undefined ? [] : [words.perKwh(money(words, currency, perKwhMinor))],
    perMinuteMinor === undefined ? [] : [words.perMinute(money(words, currency, perMinuteMinor))],
    idlePerMinuteMinor === undefined ? [] : [words.perIdleMinute(money(words, currency, idlePerMinuteMinor))],
  ].flat();
  const when = `${daysOf(words, band.days)}, ${from} ${words.until} ${to}`;
  return `${name === undefined ? when : `${name} (${when})`}: ${prices.join(', ')}`;
}

function sentences(words: Words, tariff: Tariff): string {
  const { currency, perKwhMinor, perMinuteMinor, sessionFeeMinor, idle, bands = [], taxes = [] } = tariff;
  const amount = (minor: number) => money(words, currency, minor);
  const told: string[] = [`${words.energy}: ${words.perKwh(amount(perKwhMinor))}`];
  if (sessionFeeMinor !== undefined) told.push(words.fee(amount(sessionFeeMinor)));
  if (perMinuteMinor !== undefined) told.push(words.perMinute(amount(perMinuteMinor)));
  if (idle !== undefined) {
    const cap = idle.capMinor === undefined ? undefined : amount(idle.capMinor);
    told.push(words.idle(amount(idle.perMinuteMinor), idle.graceMinutes ?? 0, cap));
  }
  told.push(...bands.map((band) => bandText(words, currency, band)));
  if (bands.length > 0) told.push(words.zone(tariff.timeZone ?? DEFAULT_ZONE));
  if (tariff.minimumMinor !== undefined) told.push(words.minimum(amount(tariff.minimumMinor)));
  if (tariff.maximumMinor !== undefined) told.push(words.maximum(amount(tariff.maximumMinor)));
  if (taxes.length > 0) {
    const percent = new Intl.NumberFormat(words.locale, { maximumFractionDigits: 2 });
    const list = taxes.map(({ name, basisPoints }) => `${name} ${percent.format(basisPoints / 100)}%`).join(', ');
    told.push(words.taxes(list, tariff.taxesIncluded ?? true));
  }
  return `${told.join('. ')}.`;
}

export function describeTariff(tariff: Tariff): TariffText {
  return { pt: sentences(PT, tariff), en: sentences(EN, tariff) };
}
