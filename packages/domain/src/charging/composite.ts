/**
 * The composite schedule as the CSMS expects it (1.6 section 3.13.4, 2.x K08): per purpose the highest stack level that
 * holds, a TxProfile in place of a TxDefaultProfile, and the least of what is left.
 */
import { type ChargingSchedule, CYCLE_MS, type PlacedProfile, type ProfilePurpose, type RateUnit } from './profile.js';
import { toWatts } from './validate.js';

export interface CompositePlace {
  /** 0 is the whole station. */
  readonly evseId: number;
  /** The transaction that runs there, as the charger names it. */
  readonly transactionId: string | null;
  readonly startedAt: number | null;
  /** 2.1 K22: whether the transaction is charged with priority. */
  readonly priority: boolean;
  readonly maxPowerW: number | null;
  readonly voltageV: number | null;
  readonly phases: number | null;
}

export interface CompositePeriod {
  readonly startS: number;
  /** Null: nothing limits it that we know of. */
  readonly limit: number | null;
}

/** Most periods of an answer, and most instants looked at. */
const MAX_PERIODS = 1024;
const MAX_EDGES = 4096;

function startOf(profile: PlacedProfile, schedule: ChargingSchedule, at: number, place: CompositePlace): number {
  if (profile.kind === 'Relative') return place.startedAt ?? at;
  const start = schedule.startAt ?? place.startedAt ?? at;
  if (profile.kind !== 'Recurring' || profile.recurrency === null || at < start) return start;
  const cycle = CYCLE_MS[profile.recurrency];
  return start + Math.floor((at - start) / cycle) * cycle;
}

/** Watts that a profile allows at an instant; undefined where it says nothing then. */
function wattsAt(profile: PlacedProfile, at: number, place: CompositePlace): number | undefined {
  if ((profile.validFrom ?? 0) > at || (profile.validTo ?? Number.POSITIVE_INFINITY) <= at) return undefined;
  const schedule = profile.schedules[0];
  if (schedule === undefined) return undefined;
  const seconds = (at - startOf(profile, schedule, at, place)) / 1000;
  if (seconds < 0 || (schedule.durationS !== null && seconds >= schedule.durationS)) return undefined;
  const period = schedule.periods.findLast(({ startS }) => startS <= seconds);
  if (period === undefined || period.limit === null) return undefined;
  return toWatts(period.limit, schedule.unit, period.phases ?? place.phases, place.voltageV);
}

/** Watts at an instant; infinite where nothing holds. `profiles` are in order of stack level, the highest first. */
function limitAt(profiles: readonly PlacedProfile[], at: number, place: CompositePlace): number {
  const stacked = (purpose: ProfilePurpose): number | undefined => {
    for (const profile of profiles) {
      if (profile.purpose !== purpose) continue;
      const watts = wattsAt(profile, at, place);
      if (watts !== undefined) return watts;
    }
    return undefined;
  };
  const free = Number.POSITIVE_INFINITY;
  const own = place.priority ? (stacked('PriorityCharging') ?? stacked('TxProfile')) : stacked('TxProfile');
  const charge = own ?? stacked('TxDefaultProfile') ?? free;
  const station = Math.min(
    stacked('ChargingStationMaxProfile') ?? free,
    stacked('ChargingStationExternalConstraints') ?? free,
  );
  // What is generated on the spot comes on top of what the grid gives (2.1 K27).
  return Math.min(charge, station + (stacked('LocalGeneration') ?? 0), place.maxPowerW ?? free);
}

/** Whether a profile has a say at a place. */
function speaksFor({ evseId, purpose, transactionId }: PlacedProfile, place: CompositePlace): boolean {
  if (evseId !== 0 && evseId !== place.evseId) return false;
  if (purpose !== 'TxProfile' && purpose !== 'PriorityCharging') return true;
  if (place.transactionId === null) return false;
  return transactionId === null || transactionId === place.transactionId;
}

/** Instants, in seconds after `from`, at which something may change. */
function edges(profiles: readonly PlacedProfile[], from: number, durationS: number, place: CompositePlace): number[] {
  const found = new Set([0]);
  const add = (at: number) => {
    const offset = Math.ceil((at - from) / 1000);
    if (offset > 0 && offset < durationS && found.size < MAX_EDGES) found.add(offset);
  };
  for (const profile of profiles) {
    if (profile.validFrom !== null) add(profile.validFrom);
    if (profile.validTo !== null) add(profile.validTo);
    const schedule = profile.schedules[0];
    if (schedule === undefined) continue;
    const cycle = profile.kind === 'Recurring' && profile.recurrency !== null ? CYCLE_MS[profile.recurrency] : null;
    const last = from + durationS * 1000;
    for (
      let start = startOf(profile, schedule, from, place);
      start < last;
      start += cycle ?? Number.POSITIVE_INFINITY
    ) {
      add(start);
      if (schedule.durationS !== null) add(start + schedule.durationS * 1000);
      for (const { startS } of schedule.periods) add(start + startS * 1000);
      if (cycle === null || found.size >= MAX_EDGES) break;
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** Limits from `from` on, joined where equal, in the unit asked for. */
export function compositeSchedule(
  profiles: readonly PlacedProfile[],
  place: CompositePlace,
  from: number,
  durationS: number,
  unit: RateUnit,
): CompositePeriod[] {
  const speaking = profiles
    .filter((profile) => speaksFor(profile, place))
    .sort((a, b) => b.stackLevel - a.stackLevel || b.evseId - a.evseId);
  const wattsOfAmpere = toWatts(1, 'A', place.phases, place.voltageV);
  const periods: CompositePeriod[] = [];
  for (const startS of edges(speaking, from, durationS, place)) {
    const watts = limitAt(speaking, from + startS * 1000, place);
    const value = unit === 'W' ? watts : watts / wattsOfAmpere;
    const limit = Number.isFinite(value) ? Math.round(value * 10) / 10 : null;
    if (periods.at(-1)?.limit === limit && periods.length > 0) continue;
    if (periods.length === MAX_PERIODS) break;
    periods.push({ startS, limit });
  }
  return periods;
}

/** Whether a vehicle's own schedule stays within what it is allowed (2.x K15, K17). */
export function isWithin(
  schedule: ChargingSchedule,
  startAt: number,
  profiles: readonly PlacedProfile[],
  place: CompositePlace,
): boolean {
  const speaking = profiles
    .filter((profile) => speaksFor(profile, place))
    .sort((a, b) => b.stackLevel - a.stackLevel || b.evseId - a.evseId);
  const { periods, unit, durationS } = schedule;
  return periods.every(({ limit, startS, phases }, index) => {
    if (limit === null) return true;
    const watts = toWatts(limit, unit, phases ?? place.phases, place.voltageV);
    const endS = periods[index + 1]?.startS ?? durationS ?? startS + 1;
    const [from, to] = [startAt + startS * 1000, Math.max(1, endS - startS)];
    // A watt of room for what rounding does.
    return edges(speaking, from, to, place).every((s) => watts <= limitAt(speaking, from + s * 1000, place) + 1);
  });
}

/** Whether two answers allow the same, within a hundredth; what one of them leaves open the other may close. */
export function schedulesAgree(
  a: readonly CompositePeriod[],
  b: readonly CompositePeriod[],
  durationS: number,
): boolean {
  const at = (periods: readonly CompositePeriod[], s: number) => periods.findLast(({ startS }) => startS <= s)?.limit;
  const instants = [...a, ...b].map(({ startS }) => startS).filter((s) => s >= 0 && s < durationS);
  return instants.every((s) => {
    const [x, y] = [at(a, s), at(b, s)];
    if (x === undefined || x === null || y === undefined || y === null) return true;
    // Chargers count in whole seconds from a start of their own.
    const near = Math.max(1, Math.abs(x) / 100);
    return Math.abs(x - y) <= near || [s - 1, s + 1].some((t) => Math.abs((at(a, t) ?? x) - (at(b, t) ?? y)) <= near);
  });
}
