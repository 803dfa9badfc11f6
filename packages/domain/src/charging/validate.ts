/** What makes a charging profile one that may be sent: the combinations of the specification, and what the station can do. */
import { type ChargingProfile, type ChargingSchedule, CYCLE_MS, isStationWide, type PlacedProfile } from './profile.js';

/** What is known of a station, or of one of its EVSEs; null is not known. */
export interface ChargingAbility {
  readonly maxPowerW: number | null;
  readonly maxCurrentA: number | null;
  /** Phases that are wired; null also for DC. */
  readonly phases: number | null;
  readonly voltageV: number | null;
  readonly maxStackLevel: number | null;
  /** Of one schedule. */
  readonly maxPeriods: number | null;
  /** Units that it takes, all where null. */
  readonly units: readonly ('A' | 'W')[] | null;
}

export const UNKNOWN_ABILITY: ChargingAbility = {
  maxPowerW: null,
  maxCurrentA: null,
  phases: null,
  voltageV: null,
  maxStackLevel: null,
  maxPeriods: null,
  units: null,
};

export interface ProfilePlace {
  readonly version: 'ocpp1.6' | 'ocpp2.0.1' | 'ocpp2.1';
  readonly evseId: number;
  /** Those that exist; null where nobody knows. */
  readonly evseIds: readonly number[] | null;
  /** Transactions that run at this EVSE, as the charger names them. */
  readonly running: readonly string[];
  readonly ability: ChargingAbility;
  /** Profiles that the station holds. */
  readonly held: readonly PlacedProfile[];
  /** Sent with the start of a transaction, which has no name yet (1.6 section 5.16.2, 2.x F01). */
  readonly withStart: boolean;
}

export interface ProfileFault {
  /** Where, in the names of the neutral shape; ['evseId'] is beside the profile. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const VOLTS = 230;
const PHASES = 3;
/** Faults named at once. */
const MAX_FAULTS = 20;

/** What is wrong with a profile for a place; empty where it may be sent (1.6 chapter 3.13, 2.x K01). */
export function profileFaults(profile: ChargingProfile, place: ProfilePlace): ProfileFault[] {
  const faults: ProfileFault[] = [];
  const fault = (path: readonly (string | number)[], message: string) => {
    if (faults.length < MAX_FAULTS) faults.push({ path, message });
  };
  const { ability, evseId, version } = place;
  if (evseId < 0 || (evseId > 0 && place.evseIds !== null && !place.evseIds.includes(evseId)))
    fault(['evseId'], 'the device has no such EVSE');
  if (profile.stackLevel < 0) fault(['stackLevel'], 'must not be negative');
  if (ability.maxStackLevel !== null && profile.stackLevel > ability.maxStackLevel)
    fault(['stackLevel'], `the device takes at most ${ability.maxStackLevel}`);
  purposeFaults(profile, place, fault);
  kindFaults(profile, version, fault);
  const { validFrom, validTo } = profile;
  if (validFrom !== null && validTo !== null && validTo <= validFrom) fault(['validTo'], 'must be after its begin');
  const most = version !== 'ocpp1.6' && profile.purpose === 'TxProfile' ? 3 : 1;
  if (profile.schedules.length === 0 || profile.schedules.length > most)
    fault(['schedules'], most === 1 ? 'must be one schedule' : 'must be one to three schedules');
  const cycleS = profile.recurrency === null ? null : CYCLE_MS[profile.recurrency] / 1000;
  for (const [index, schedule] of profile.schedules.entries())
    scheduleFaults(profile, schedule, ability, cycleS, (path, message) =>
      fault(['schedules', index, ...path], message),
    );
  const twin = place.held.find((other) => isTwin(profile, evseId, other));
  // 1.6 replaces it; 2.x refuses (K01.FR.06).
  if (twin !== undefined && version !== 'ocpp1.6')
    fault(['stackLevel'], `profile ${twin.id} has this purpose, stack level and EVSE; clear it, or use its id`);
  return faults;
}

type Say = (path: readonly (string | number)[], message: string) => void;

/** Whether two profiles are told apart by nothing but their id. */
export function isTwin(profile: ChargingProfile, evseId: number, other: PlacedProfile): boolean {
  if (other.id === profile.id || other.evseId !== evseId || other.purpose !== profile.purpose) return false;
  if (other.stackLevel !== profile.stackLevel || other.transactionId !== profile.transactionId) return false;
  const [from, to] = [profile.validFrom ?? 0, profile.validTo ?? Number.POSITIVE_INFINITY];
  return (other.validFrom ?? 0) < to && from < (other.validTo ?? Number.POSITIVE_INFINITY);
}

function purposeFaults(profile: ChargingProfile, place: ProfilePlace, fault: Say): void {
  const { purpose, transactionId } = profile;
  const { evseId, version, withStart } = place;
  if (withStart) {
    if (purpose !== 'TxProfile') fault(['purpose'], 'must be TxProfile where it comes with a start');
    if (transactionId !== null) fault(['transactionId'], 'must be absent: the transaction has no name yet');
    return;
  }
  // K01.FR.22: they come from elsewhere and never from a CSMS.
  if (purpose === 'ChargingStationExternalConstraints') fault(['purpose'], 'is set by the grid, not by a CSMS');
  if ((purpose === 'PriorityCharging' || purpose === 'LocalGeneration') && version !== 'ocpp2.1')
    fault(['purpose'], 'only OCPP 2.1 has it');
  if (isStationWide(purpose) && evseId !== 0) fault(['evseId'], `must be 0 for ${purpose}`);
  if (purpose !== 'TxProfile') {
    if (transactionId !== null) fault(['transactionId'], 'only a TxProfile has one');
    return;
  }
  if (evseId === 0) fault(['evseId'], 'must be the EVSE of the transaction for a TxProfile');
  else if (transactionId === null) {
    // 1.6 leaves it out where the connector says enough.
    if (version !== 'ocpp1.6') fault(['transactionId'], 'a TxProfile needs one');
    else if (place.running.length === 0) fault(['purpose'], 'no transaction runs at this EVSE');
  } else if (!place.running.includes(transactionId)) fault(['transactionId'], 'does not run at this EVSE');
}

function kindFaults(profile: ChargingProfile, version: ProfilePlace['version'], fault: Say): void {
  const { kind, recurrency, purpose } = profile;
  if (kind === 'Recurring' && recurrency === null) fault(['recurrency'], 'a recurring profile needs one');
  if (kind !== 'Recurring' && recurrency !== null) fault(['recurrency'], 'only a recurring profile has one');
  if (kind === 'Dynamic' && version !== 'ocpp2.1') fault(['kind'], 'only OCPP 2.1 has it');
  // Relative to the start of a transaction, which the station as a whole has none of.
  if (kind === 'Relative' && isStationWide(purpose)) fault(['kind'], `cannot be Relative for ${purpose}`);
  for (const [index, schedule] of profile.schedules.entries()) {
    const at = ['schedules', index] as const;
    if (kind === 'Relative' && schedule.startAt !== null)
      fault([...at, 'startAt'], 'must be absent where it is relative');
    // K01.FR.40; 1.6 reads its absence as the start of charging.
    if ((kind === 'Absolute' || kind === 'Recurring') && schedule.startAt === null && version !== 'ocpp1.6')
      fault([...at, 'startAt'], `must be there where the kind is ${kind}`);
    if (kind === 'Dynamic' && schedule.periods.length !== 1)
      fault([...at, 'periods'], 'a dynamic profile has one period');
  }
}

function scheduleFaults(
  profile: ChargingProfile,
  { periods, durationS, unit }: ChargingSchedule,
  ability: ChargingAbility,
  cycleS: number | null,
  fault: Say,
): void {
  if (durationS !== null && durationS <= 0) fault(['durationS'], 'must be positive');
  if (ability.units !== null && !ability.units.includes(unit))
    fault(['unit'], `the device takes ${ability.units.join(', ')}`);
  if (periods.length === 0) fault(['periods'], 'must have at least one period');
  if (ability.maxPeriods !== null && periods.length > ability.maxPeriods)
    fault(['periods'], `the device takes at most ${ability.maxPeriods}`);
  const endS = Math.min(durationS ?? Number.POSITIVE_INFINITY, cycleS ?? Number.POSITIVE_INFINITY);
  let before = -1;
  for (const [index, period] of periods.entries()) {
    const say: Say = (path, message) => fault(['periods', index, ...path], message);
    if (index === 0 && period.startS !== 0) say(['startS'], 'the first period starts at 0');
    else if (period.startS <= before) say(['startS'], 'must be later than that of the period before');
    else if (period.startS >= endS && period.startS > 0) say(['startS'], 'is after the end of the schedule');
    before = period.startS;
    if (period.phases !== null && (period.phases < 1 || period.phases > 3)) say(['phases'], 'must be 1 to 3');
    else if (period.phases !== null && ability.phases !== null && period.phases > ability.phases)
      say(['phases'], `the EVSE has ${ability.phases}`);
    if (period.phaseToUse !== null && (period.phases !== 1 || period.phaseToUse < 1 || period.phaseToUse > 3))
      say(['phaseToUse'], 'is 1 to 3, and only where one phase is used');
    if (period.limit === null) {
      if (Object.keys(period.extra).length === 0) say(['limit'], 'must be there');
    } else if (period.limit < 0) say(['limit'], 'must not be negative');
    else if (profile.purpose !== 'LocalGeneration') {
      const most = highestLimit(ability, unit, period.phases);
      if (most !== null && period.limit > most)
        say(['limit'], `is above the ${round(most)} ${unit} that it can deliver`);
    }
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;

/**
 * The highest limit that means something, in a unit; null where it is not known. Watts and amperes are made of one another
 * only where the phases are known: for DC nobody knows the voltage.
 */
export function highestLimit(ability: ChargingAbility, unit: 'A' | 'W', phases: number | null): number | null {
  const { maxPowerW, maxCurrentA, voltageV } = ability;
  const wired = ability.phases === null ? null : Math.min(phases ?? ability.phases, ability.phases);
  const wattsOfAmpere = wired === null ? null : (voltageV ?? VOLTS) * wired;
  const own = unit === 'W' ? maxPowerW : maxCurrentA;
  const other = unit === 'W' ? maxCurrentA : maxPowerW;
  if (other === null || wattsOfAmpere === null) return own;
  const made = unit === 'W' ? other * wattsOfAmpere : other / wattsOfAmpere;
  return own === null ? made : Math.min(own, made);
}

/** Amperes and watts of one another, on as many phases as are named (three where none are). */
export function toWatts(limit: number, unit: 'A' | 'W', phases: number | null, voltageV: number | null): number {
  return unit === 'W' ? limit : limit * (voltageV ?? VOLTS) * (phases ?? PHASES);
}
