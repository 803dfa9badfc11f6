/**
 * What a session costs: exact fractions up to one rounding, of the total, half up. The lines of a bill are what each adds
 * to the rounded sum, so they make up the total and none is further than one minor unit from its own exact value.
 */
import { type Session, type Spent, spentIn } from './spend.js';
import { type Tariff, type Tax, type TaxBase, thousandths } from './tariff.js';

export type CostKind =
  | 'session_fee'
  | 'energy'
  | 'charging_time'
  | 'idle_time'
  | 'idle_cap'
  | 'tax'
  | 'minimum'
  | 'maximum';

export interface CostLine {
  readonly kind: CostKind;
  /** The band's name, or the tax's; null for the tariff's own prices. */
  readonly name: string | null;
  /** mWh of energy, ms of time; null where nothing is measured. */
  readonly quantity: number | null;
  /** Minor units per kWh or minute. */
  readonly priceMinor: number | null;
  readonly amountMinor: number;
}

/** A tax within the total: on a line of its own where it came on top. */
export interface TaxShare extends Tax {
  readonly amountMinor: number;
}

export interface Cost {
  readonly currency: string;
  readonly totalMinor: number;
  readonly lines: readonly CostLine[];
  readonly taxes: readonly TaxShare[];
  readonly taxesIncluded: boolean;
  readonly energyMWh: number;
  readonly chargingMs: number;
  /** All of it, the grace too. */
  readonly idleMs: number;
}

/** Thousandths of a minor unit times mWh per kWh. */
const PER_KWH = 1_000_000_000n;

/**
 * Cost of an energy alone, in minor units, rounded half up once, at the end. bigint, so that no register is too large.
 * @param energyMWh energy in mWh, an integer >= 0
 */
export function energyCostMinor({ perKwhMinor }: Tariff, energyMWh: number): number {
  const product = BigInt(energyMWh) * BigInt(thousandths(perKwhMinor));
  return Number((2n * product + PER_KWH) / (2n * PER_KWH));
}

/** What a session costs as far as it is known, in minor units: the total of its bill, without the lines. */
export function costMinorOf(session: Session, tariff: Tariff): number {
  const { parts, unit } = reckon(session, tariff);
  return Number(halfUp(total(parts), unit));
}

/** The whole bill of a session, as far as it is known. */
export function costOf(session: Session, tariff: Tariff): Cost {
  const { spent, parts, before, unit } = reckon(session, tariff);
  const { currency, taxes = [], taxesIncluded = true } = tariff;
  const lines = rounded(parts, unit);
  return {
    ...{ currency, lines, taxesIncluded },
    totalMinor: sum(lines.map((line) => line.amountMinor)),
    taxes: taxesIncluded ? within(taxes, before, unit) : sharesOf(taxes, lines),
    energyMWh: sum(spent.energyMWh),
    chargingMs: sum(spent.chargingMs),
    idleMs: sum(spent.idleMs) + spent.graceMs,
  };
}

/**
 * In these parts of a minor unit every price is a whole number: thousandths of it, per 10^6 mWh or 60,000 ms.
 * 3 * 10^9 is the least common multiple of 10^9 and 6 * 10^7.
 */
const UNIT = 3_000_000_000n;
const PER_MWH = UNIT / PER_KWH;
const PER_MS = UNIT / 60_000_000n;
const BASIS = 10_000n;

interface Part extends Omit<CostLine, 'amountMinor'> {
  /** In parts of 1 / {@link UNIT} of a minor unit. */
  readonly exact: bigint;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const total = (parts: readonly Part[]): bigint => parts.reduce((all, { exact }) => all + exact, 0n);
const plain = (kind: CostKind, name: string | null, exact: bigint): Part => ({
  ...{ kind, name, exact },
  quantity: null,
  priceMinor: null,
});

interface Reckoning {
  readonly spent: Spent;
  readonly parts: readonly Part[];
  /** What the parts but the taxes on top make. */
  readonly before: bigint;
  /** A minor unit, in what the parts are counted in. */
  readonly unit: bigint;
}

function reckon(session: Session, tariff: Tariff): Reckoning {
  const spent = spentIn(session, tariff);
  // A start that gave nothing is a failed start. Without a meter, time alone can tell.
  const unmetered = session.register.first === null && sum(spent.chargingMs) > 0;
  if (sum(spent.energyMWh) === 0 && !unmetered) return { spent, parts: [], before: 0n, unit: UNIT };
  const onTop = taxesOnTop(tariff);
  const rate = BASIS + BigInt(sum(onTop.map((tax) => tax.basisPoints)));
  // Counted in parts that divide by BASIS and by `rate` too: what a share of a share is, stays whole.
  const scale = BASIS * rate;
  const parts = netParts(spent, tariff).map((part) => ({ ...part, exact: part.exact * scale }));
  parts.push(...bounded(parts, tariff, rate, scale));
  const before = total(parts);
  for (const { name, basisPoints } of onTop) parts.push(plain('tax', name, (before * BigInt(basisPoints)) / BASIS));
  return { spent, parts, before, unit: UNIT * scale };
}

const taxesOnTop = ({ taxes = [], taxesIncluded = true }: Tariff): readonly Tax[] => (taxesIncluded ? [] : taxes);

function netParts(spent: Spent, tariff: Tariff): Part[] {
  const { sessionFeeMinor, bands = [], idle } = tariff;
  const parts: Part[] = [];
  if (sessionFeeMinor !== undefined) parts.push(plain('session_fee', null, BigInt(sessionFeeMinor) * UNIT));
  const measure = (kind: CostKind, quantities: readonly number[], own: number | undefined, field: PriceField) => {
    for (const [i, some] of quantities.entries()) {
      const price = bands[i]?.[field] ?? own;
      const quantity = Math.round(some);
      if (price === undefined || quantity === 0) continue;
      const exact = BigInt(quantity) * BigInt(thousandths(price)) * (kind === 'energy' ? PER_MWH : PER_MS);
      parts.push({ kind, name: bands[i]?.name ?? null, quantity, priceMinor: price, exact });
    }
  };
  measure('energy', spent.energyMWh, tariff.perKwhMinor, 'perKwhMinor');
  measure('charging_time', spent.chargingMs, tariff.perMinuteMinor, 'perMinuteMinor');
  const until = parts.length;
  measure('idle_time', spent.idleMs, idle?.perMinuteMinor, 'idlePerMinuteMinor');
  const over = idle?.capMinor === undefined ? 0n : total(parts.slice(until)) - BigInt(idle.capMinor) * UNIT;
  if (over > 0n) parts.push(plain('idle_cap', null, -over));
  return parts;
}

type PriceField = 'perKwhMinor' | 'perMinuteMinor' | 'idlePerMinuteMinor';

/** What brings the whole, with the taxes that come on top, to the least or the most that a session may cost. */
function bounded(parts: readonly Part[], tariff: Tariff, rate: bigint, scale: bigint): Part[] {
  const { minimumMinor, maximumMinor } = tariff;
  const now = total(parts);
  const netOf = (minor: number) => (BigInt(minor) * UNIT * scale * BASIS) / rate;
  if (maximumMinor !== undefined && now > netOf(maximumMinor))
    return [plain('maximum', null, netOf(maximumMinor) - now)];
  if (minimumMinor !== undefined && now < netOf(minimumMinor))
    return [plain('minimum', null, netOf(minimumMinor) - now)];
  return [];
}

function halfUp(exact: bigint, unit: bigint): bigint {
  return floorDiv(2n * exact + unit, 2n * unit);
}

function floorDiv(a: bigint, b: bigint): bigint {
  return a / b - (a < 0n && a % b !== 0n ? 1n : 0n);
}

/** A line is the difference of two rounded sums. */
function rounded(parts: readonly Part[], unit: bigint): CostLine[] {
  let exactly = 0n;
  let sofar = 0n;
  return parts.map(({ exact, ...line }) => {
    exactly += exact;
    const next = halfUp(exactly, unit);
    const amountMinor = Number(next - sofar);
    sofar = next;
    return { ...line, amountMinor };
  });
}

/**
 * Taxes that prices hold already: each its share, rounded by itself, as it is no part of the sum. Those of what is paid come
 * off first; the others are of what is left without themselves.
 */
function within(taxes: readonly Tax[], paid: bigint, unit: bigint): TaxShare[] {
  const points = (base: TaxBase) =>
    BigInt(sum(taxes.map((tax) => ((tax.base ?? 'net') === base ? tax.basisPoints : 0))));
  const [left, whole] = [BASIS - points('paid'), BASIS + points('net')];
  const shareOf = ({ base, basisPoints }: Tax): bigint => {
    const share = paid * BigInt(basisPoints);
    return base === 'paid' ? halfUp(share, unit * BASIS) : halfUp(share * left, unit * BASIS * whole);
  };
  return taxes.map((tax) => ({ ...tax, amountMinor: Number(shareOf(tax)) }));
}

function sharesOf(taxes: readonly Tax[], lines: readonly CostLine[]): TaxShare[] {
  const told = lines.filter(({ kind }) => kind === 'tax');
  return taxes.map((tax, i) => ({ ...tax, amountMinor: told[i]?.amountMinor ?? 0 }));
}
