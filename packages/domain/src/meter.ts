/**
 * The energy register of one transaction, folded from its samples. Order does not matter and twice is once: a late,
 * partial or repeated message never moves the total back (field.md 38).
 */

/** One reading of the energy register: time in ms since 1970, register in mWh (integers, so that money is exact). */
export interface RegisterReading {
  readonly at: number;
  readonly mWh: number;
  /**
   * 0 = the charger said this is the beginning, 1 = a sample, 2 = the charger said this is the end.
   * Decides between readings of one time, and lets a begin or an end stand where clocks jump.
   */
  readonly role: 0 | 1 | 2;
  /** The charger's time was unusable and `at` is when the message came: it says nothing of how long energy flowed. */
  readonly unclocked?: true;
}

/** All that the total needs, however many readings there were. */
export interface RegisterState {
  readonly first: RegisterReading | null;
  /** The earliest that shows another register than `first`: a charger may tell the value it made up more than once. */
  readonly second: RegisterReading | null;
  readonly last: RegisterReading | null;
  /** Stands in for a last one that went back, as a stop that says 0. */
  readonly highest: RegisterReading | null;
}

export const EMPTY_REGISTER: RegisterState = { first: null, second: null, last: null, highest: null };

/** Flags for people and for billing's review. */
export type MeterFlag = 'register_jump' | 'register_backwards' | 'no_readings';

/** No charger gives more than this; a register that rises faster was not counting this session. 2 MW, in mWh per ms. */
const MAX_RATE_MWH_PER_MS = 2_000_000_000 / 3_600_000;
/** Clocks of chargers tick in seconds, and a register may be read a little later than stamped: 5 kWh of slack. */
const JUMP_SLACK_MWH = 5_000_000;
/** More than any vehicle takes in one session, 1 MWh: the bound where no time tells how fast a register rose. */
const SESSION_MAX_MWH = 1_000_000_000;

function compare(a: RegisterReading, b: RegisterReading): number {
  // A begin is before and an end is after everything else, whatever the charger's clock did in between.
  return a.role - b.role || a.at - b.at || a.mWh - b.mWh;
}

function compareHeight(a: RegisterReading, b: RegisterReading): number {
  return a.mWh - b.mWh || compare(a, b);
}

/** Takes one reading into the state. Commutative, associative and idempotent. */
export function foldReading(state: RegisterState, reading: RegisterReading): RegisterState {
  const { first, last, highest } = state;
  const lowest = first === null || compare(reading, first) < 0 ? reading : first;
  return {
    first: lowest,
    second: secondOf(state, reading, lowest),
    last: last === null || compare(reading, last) > 0 ? reading : last,
    highest: highest === null || compareHeight(reading, highest) > 0 ? reading : highest,
  };
}

/** The earliest of those known that shows another register than `lowest`. Without lists: this runs for every reading. */
function secondOf({ first, second }: RegisterState, reading: RegisterReading, lowest: RegisterReading) {
  let found: RegisterReading | null = null;
  if (first !== null && first.mWh !== lowest.mWh) found = first;
  if (second !== null && second.mWh !== lowest.mWh && (found === null || compare(second, found) < 0)) found = second;
  if (reading.mWh !== lowest.mWh && (found === null || compare(reading, found) < 0)) found = reading;
  return found;
}

export interface EnergyTotal {
  /** Where the session's energy is counted from, mWh; null before the first reading. */
  readonly startMWh: number | null;
  readonly stopMWh: number | null;
  /** Never negative, mWh. */
  readonly energyMWh: number;
  readonly flags: readonly MeterFlag[];
}

/** Whether the register rose faster than anything charges. */
function jumps(from: RegisterReading, to: RegisterReading): boolean {
  const possible =
    from.unclocked || to.unclocked
      ? SESSION_MAX_MWH
      : JUMP_SLACK_MWH + Math.max(0, to.at - from.at) * MAX_RATE_MWH_PER_MS;
  return to.mWh - from.mWh > possible;
}

/**
 * The energy of the session so far. Where the first reading is a jump away from the next (an offline start with 0
 * against the meter's lifetime, field.md 37), or the last went back (a stop that says 0, field.md 38), the session is
 * billed from its own samples and flagged.
 */
export function energyOf(state: RegisterState): EnergyTotal {
  const { first, second, last, highest } = state;
  if (first === null || last === null) return { startMWh: null, stopMWh: null, energyMWh: 0, flags: ['no_readings'] };
  const flags: MeterFlag[] = [];
  let base = first;
  if (second !== null && jumps(first, second)) {
    base = second;
    flags.push('register_jump');
  }
  let stop = last;
  if (stop.mWh < base.mWh) {
    flags.push('register_backwards');
    if (highest !== null && !jumps(base, highest)) stop = highest;
  }
  return { startMWh: base.mWh, stopMWh: stop.mWh, energyMWh: Math.max(0, stop.mWh - base.mWh), flags };
}
