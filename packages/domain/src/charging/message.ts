/** From a version's own message to the neutral shape and back; the message has passed its schema. */
import type {
  ChargingProfile,
  ChargingSchedule,
  ProfileKind,
  ProfilePurpose,
  RateUnit,
  Recurrency,
  SchedulePeriod,
} from './profile.js';

type Json = Readonly<Record<string, unknown>>;
/** 1.6 spells three names in its own way. */
export type Dialect = '1.6' | '2.x';

/** Year 10000: nothing that is kept is later, and no database has to hold it. */
const LATEST_MS = 253_402_300_800_000;

/** A time before 1970, or none that can be read, bounds nothing. */
const ms = (value: unknown): number | null => {
  if (typeof value !== 'string') return null;
  const at = Date.parse(value);
  return at >= 0 && at < LATEST_MS ? at : null;
};
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const text = (value: unknown): string | null =>
  value === undefined || value === null ? null : String(value as string | number);

function without(raw: Json, ...known: string[]): Json {
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !known.includes(name)));
}

function readPeriod(raw: Json): SchedulePeriod {
  return {
    startS: number(raw.startPeriod) ?? 0,
    limit: number(raw.limit),
    phases: number(raw.numberPhases),
    phaseToUse: number(raw.phaseToUse),
    extra: without(raw, 'startPeriod', 'limit', 'numberPhases', 'phaseToUse'),
  };
}

/** ChargingSchedule of any version (1.6 section 7.13, 2.x ChargingScheduleType). */
export function readSchedule(raw: Json): ChargingSchedule {
  return {
    id: number(raw.id),
    startAt: ms(raw.startSchedule),
    durationS: number(raw.duration),
    unit: raw.chargingRateUnit as RateUnit,
    minRate: number(raw.minChargingRate),
    periods: (raw.chargingSchedulePeriod as readonly Json[]).map(readPeriod),
    extra: without(
      raw,
      ...['id', 'startSchedule', 'duration', 'chargingRateUnit', 'minChargingRate', 'chargingSchedulePeriod'],
    ),
  };
}

const FROM_16: Readonly<Record<string, ProfilePurpose>> = { ChargePointMaxProfile: 'ChargingStationMaxProfile' };
const TO_16: Readonly<Record<string, string>> = { ChargingStationMaxProfile: 'ChargePointMaxProfile' };

/** A purpose by its word in any version. */
export const readPurpose = (word: string): ProfilePurpose => FROM_16[word] ?? (word as ProfilePurpose);

/** csChargingProfiles of 1.6 or chargingProfile of 2.x: the id's name and the one schedule tell them apart. */
export function readProfile(raw: Json): ChargingProfile {
  const schedules = Array.isArray(raw.chargingSchedule) ? raw.chargingSchedule : [raw.chargingSchedule];
  return {
    id: number(raw.chargingProfileId) ?? number(raw.id) ?? 0,
    stackLevel: number(raw.stackLevel) ?? 0,
    purpose: readPurpose(String(raw.chargingProfilePurpose)),
    kind: raw.chargingProfileKind as ProfileKind,
    recurrency: (raw.recurrencyKind as Recurrency | undefined) ?? null,
    validFrom: ms(raw.validFrom),
    validTo: ms(raw.validTo),
    transactionId: text(raw.transactionId),
    schedules: (schedules as readonly Json[]).map(readSchedule),
    extra: without(
      raw,
      ...['chargingProfileId', 'id', 'stackLevel', 'chargingProfilePurpose', 'chargingProfileKind', 'recurrencyKind'],
      ...['validFrom', 'validTo', 'transactionId', 'chargingSchedule'],
    ),
  };
}

const iso = (at: number): string => new Date(at).toISOString();
/** Leaves out what is not there: no schema takes null. */
const present = (raw: Json): Record<string, unknown> =>
  Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null && value !== undefined));

function writeSchedule(schedule: ChargingSchedule, index: number, dialect: Dialect): Json {
  const old = dialect === '1.6';
  return present({
    ...(old ? {} : schedule.extra),
    id: old ? null : (schedule.id ?? index + 1),
    startSchedule: schedule.startAt === null ? null : iso(schedule.startAt),
    duration: schedule.durationS,
    chargingRateUnit: schedule.unit,
    minChargingRate: schedule.minRate,
    chargingSchedulePeriod: schedule.periods.map((period) =>
      present({
        ...(old ? {} : period.extra),
        startPeriod: period.startS,
        limit: period.limit,
        numberPhases: period.phases,
        phaseToUse: old ? null : period.phaseToUse,
      }),
    ),
  });
}

/** The profile as SetChargingProfile of a version spells it. */
export function writeProfile(profile: ChargingProfile, dialect: Dialect): Record<string, unknown> {
  const schedules = profile.schedules.map((schedule, index) => writeSchedule(schedule, index, dialect));
  const old = dialect === '1.6';
  const id = old ? { chargingProfileId: profile.id } : { id: profile.id };
  const { transactionId } = profile;
  return present({
    ...(old ? {} : profile.extra),
    ...id,
    stackLevel: profile.stackLevel,
    chargingProfilePurpose: old ? (TO_16[profile.purpose] ?? profile.purpose) : profile.purpose,
    chargingProfileKind: profile.kind,
    recurrencyKind: profile.recurrency,
    validFrom: profile.validFrom === null ? null : iso(profile.validFrom),
    validTo: profile.validTo === null ? null : iso(profile.validTo),
    transactionId: old && transactionId !== null ? Number(transactionId) : transactionId,
    chargingSchedule: old ? schedules[0] : schedules,
  });
}

/** Names of the neutral shape as each dialect spells them. */
const NAMES: Readonly<Record<string, string>> = {
  purpose: 'chargingProfilePurpose',
  kind: 'chargingProfileKind',
  recurrency: 'recurrencyKind',
  schedules: 'chargingSchedule',
  startAt: 'startSchedule',
  durationS: 'duration',
  unit: 'chargingRateUnit',
  minRate: 'minChargingRate',
  periods: 'chargingSchedulePeriod',
  startS: 'startPeriod',
  phases: 'numberPhases',
};

/** Where a field of the neutral shape stands in the message, dotted; 1.6 has one schedule and no list of them. */
export function messagePath(path: readonly (string | number)[], dialect: Dialect): string {
  const old = dialect === '1.6';
  const kept = old && path[0] === 'schedules' ? ['schedules', ...path.slice(2)] : path;
  return kept
    .map((part) => (old && part === 'id' ? 'chargingProfileId' : (NAMES[String(part)] ?? String(part))))
    .join('.');
}
