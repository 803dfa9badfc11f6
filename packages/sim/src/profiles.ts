/**
 * The room of charging profiles: which limit holds at an instant, by the stacking rules of 1.6 chapter 3.13 and
 * 2.x K01. One shape serves the three versions; the message as it came is kept for reports. Times of schedules are
 * real, also where energy is accelerated.
 */
import { FieldError, isObject, type JsonObject, read } from './json.js';

export interface Period {
  startS: number;
  limit: number;
  phases: number;
}

export interface Profile {
  id: number;
  /** 0 is the whole station. */
  evseId: number;
  stackLevel: number;
  purpose: string;
  kind: string;
  recurrency: string | undefined;
  validFrom: number | undefined;
  validTo: number | undefined;
  transactionId: string | undefined;
  startMs: number | undefined;
  durationS: number | undefined;
  unit: 'A' | 'W';
  periods: Period[];
  raw: JsonObject;
}

const STATION_WIDE = ['ChargePointMaxProfile', 'ChargingStationMaxProfile', 'ChargingStationExternalConstraints'];
const VOLTS = 230;
/** ChargeProfileMaxStackLevel, MaxChargingProfilesInstalled and ChargingScheduleMaxPeriods of this station. */
export const PROFILE_LIMITS = { stackLevel: 10, installed: 50, periods: 100 };

/** Reads ChargingProfileType of any version; `id` stands under `chargingProfileId` in 1.6. */
export function readProfile(raw: JsonObject, evseId: number): Profile {
  const schedules = raw.chargingSchedule;
  const schedule = Array.isArray(schedules) ? schedules[0] : schedules;
  if (!isObject(schedule)) throw new FieldError('chargingSchedule', schedule === undefined ? 'missing' : 'type', 'one');
  const transactionId = raw.transactionId;
  return {
    id: raw.chargingProfileId === undefined ? read.int(raw, 'id') : read.int(raw, 'chargingProfileId'),
    evseId,
    stackLevel: read.int(raw, 'stackLevel'),
    purpose: read.str(raw, 'chargingProfilePurpose'),
    kind: read.str(raw, 'chargingProfileKind'),
    recurrency: read.optStr(raw, 'recurrencyKind'),
    validFrom: read.optTime(raw, 'validFrom'),
    validTo: read.optTime(raw, 'validTo'),
    transactionId: transactionId === undefined ? undefined : String(transactionId),
    startMs: read.optTime(schedule, 'startSchedule'),
    durationS: read.optInt(schedule, 'duration'),
    unit: read.word(schedule, 'chargingRateUnit', ['A', 'W']),
    periods: read.objects(schedule, 'chargingSchedulePeriod').map((p) => ({
      startS: read.int(p, 'startPeriod'),
      // 2.1 lets a period go without a limit (a setpoint or an operation mode stands there instead).
      limit: read.optNum(p, 'limit') ?? Number.POSITIVE_INFINITY,
      phases: read.optInt(p, 'numberPhases') ?? 3,
    })),
    raw,
  };
}

const toWatts = (p: Profile, period: Period): number =>
  p.unit === 'W' ? period.limit : period.limit * VOLTS * period.phases;

/** Start of the schedule that holds at `at`, or undefined when none does. */
function scheduleStart(p: Profile, at: number, chargeStart: number | undefined): number | undefined {
  if (p.kind === 'Relative') return chargeStart ?? at;
  const start = p.startMs ?? chargeStart ?? at;
  if (p.kind !== 'Recurring' || at < start) return start;
  const cycle = (p.recurrency === 'Weekly' ? 7 : 1) * 86_400_000;
  return start + Math.floor((at - start) / cycle) * cycle;
}

function limitOf(p: Profile, at: number, chargeStart: number | undefined): number | undefined {
  if ((p.validFrom ?? 0) > at || (p.validTo ?? Number.POSITIVE_INFINITY) <= at) return undefined;
  const start = scheduleStart(p, at, chargeStart);
  if (start === undefined || at < start) return undefined;
  const seconds = (at - start) / 1000;
  if (p.durationS !== undefined && seconds >= p.durationS) return undefined;
  const period = p.periods.findLast((candidate) => candidate.startS <= seconds);
  return period === undefined ? undefined : toWatts(p, period);
}

/** Where a limit is asked for: an EVSE, and the transaction on it, if any. */
export interface Place {
  evseId: number;
  transactionId: string | undefined;
  startedMs: number | undefined;
  /** Whether the transaction is charged with priority (2.1 K22). */
  priority?: boolean;
}

export class Profiles {
  #all: Profile[] = [];

  list(): readonly Profile[] {
    return this.#all;
  }

  /** Stores a profile in place of the one with its id, or of its purpose, stack level and EVSE; false when full. */
  set(profile: Profile): boolean {
    const { purpose, stackLevel, evseId, transactionId } = profile;
    const rest = this.#all.filter(
      (p) =>
        p.id !== profile.id &&
        !(
          p.purpose === purpose &&
          p.stackLevel === stackLevel &&
          p.evseId === evseId &&
          p.transactionId === transactionId
        ),
    );
    const tooMuch = rest.length >= PROFILE_LIMITS.installed || profile.periods.length > PROFILE_LIMITS.periods;
    if (tooMuch || profile.periods.length === 0 || stackLevel < 0 || stackLevel > PROFILE_LIMITS.stackLevel)
      return false;
    this.#all = [...rest, profile];
    return true;
  }

  /** Removes what matches; gives how many went. */
  clear(matches: (profile: Profile) => boolean): number {
    const before = this.#all.length;
    this.#all = this.#all.filter((p) => !matches(p));
    return before - this.#all.length;
  }

  /** New values for a dynamic profile (2.1 K28); false where there is none of this id. */
  update(id: number, limit: number | undefined): boolean {
    const held = this.#all.find((p) => p.id === id && p.kind === 'Dynamic');
    const period = held?.periods[0];
    if (period === undefined) return false;
    if (limit !== undefined) period.limit = limit;
    return true;
  }

  /** Highest power at a place and instant in W; infinite where no profile holds. */
  limitW(place: Place, at: number): number {
    const stacked = (purposes: readonly string[], onlyEvse: boolean): number | undefined => {
      const holding = this.#all
        .filter((p) => purposes.includes(p.purpose) && (p.evseId === place.evseId || (!onlyEvse && p.evseId === 0)))
        .filter((p) => p.transactionId === undefined || p.transactionId === place.transactionId)
        .sort((a, b) => b.stackLevel - a.stackLevel || b.evseId - a.evseId);
      for (const p of holding) {
        const limit = limitOf(p, at, place.startedMs);
        if (limit !== undefined) return limit;
      }
      return undefined;
    };
    const first = place.priority === true ? stacked(['PriorityCharging'], false) : undefined;
    const own = first ?? (place.transactionId === undefined ? undefined : stacked(['TxProfile'], true));
    const perCharge = own ?? stacked(['TxDefaultProfile'], false) ?? Number.POSITIVE_INFINITY;
    return STATION_WIDE.reduce(
      (least, purpose) => Math.min(least, stacked([purpose], false) ?? Number.POSITIVE_INFINITY),
      perCharge,
    );
  }

  /** The limits from `fromMs` for `durationS`, joined where equal, at most `maxW`; in the unit asked for. */
  composite(place: Place, fromMs: number, durationS: number, unit: 'A' | 'W', maxW: number): Period[] {
    const edges = new Set([0]);
    for (const p of this.#all) {
      const start = scheduleStart(p, fromMs, place.startedMs) ?? fromMs;
      const cycles = p.kind === 'Recurring' ? 8 : 1;
      const cycle = (p.recurrency === 'Weekly' ? 7 : 1) * 86_400_000;
      const times = [p.validFrom, p.validTo];
      for (let n = 0; n < cycles; n++) {
        const base = start + n * cycle;
        times.push(base, p.durationS === undefined ? undefined : base + p.durationS * 1000);
        for (const period of p.periods) times.push(base + period.startS * 1000);
      }
      for (const time of times) {
        const offset = time === undefined ? -1 : Math.ceil((time - fromMs) / 1000);
        if (offset > 0 && offset < durationS) edges.add(offset);
      }
    }
    const periods: Period[] = [];
    for (const startS of [...edges].sort((a, b) => a - b)) {
      const watts = Math.min(maxW, this.limitW(place, fromMs + startS * 1000));
      const limit = unit === 'W' ? Math.round(watts) : Math.round(watts / (VOLTS * 3));
      if (periods.at(-1)?.limit !== limit) periods.push({ startS, limit, phases: 3 });
    }
    return periods;
  }
}
