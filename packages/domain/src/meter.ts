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
}

/** The two earliest readings and the latest: all that the total needs. */
export interface RegisterState {
  readonly first: RegisterReading | null;
  readonly second: RegisterReading | null;
  readonly last: RegisterReading | null;
}

export const EMPTY_REGISTER: RegisterState = { first: null, second: null, last: null };

/** Flags for people and for billing's review. */
export type MeterFlag = 'register_jump' | 'register_backwards' | 'no_readings';

/** No charger gives more than this; a register that rises faster was not counting this session. 2 MW, in mWh per ms. */
const MAX_RATE_MWH_PER_MS = 2_000_000_000 / 3_600_000;
/** Clocks of chargers tick in seconds, and a register may be read a little later than stamped: 5 kWh of slack. */
const JUMP_SLACK_MWH = 5_000_000;

function compare(a: RegisterReading, b: RegisterReading): number {
  // A begin is before and an end is after everything else, whatever the charger's clock did in between.
  if (a.role !== b.role && (a.role === 0 || b.role === 0 || a.role === 2 || b.role === 2)) return a.role - b.role;
  return a.at - b.at || a.mWh - b.mWh;
}

/** Takes one reading into the state. Commutative, associative and idempotent. */
export function foldReading(state: RegisterState, reading: RegisterReading): RegisterState {
  const { first, second, last } = state;
  const low = [first, second, reading].filter((r): r is RegisterReading => r !== null).sort(compare);
  const unique = low.filter((r, i) => i === 0 || compare(r, low[i - 1] as RegisterReading) !== 0);
  return {
    first: unique[0] ?? null,
    second: unique[1] ?? null,
    last: last === null || compare(reading, last) > 0 ? reading : last,
  };
}

export interface EnergyTotal {
  /** Where the session's energy is counted from, mWh; null before the first reading. */
  readonly startMWh: number | null;
  readonly stopMWh: number | null;
  /** Never negative, mWh. */
  readonly energyMWh: number;
  readonly flags: readonly MeterFlag[];
}

/**
 * The energy of the session so far. Where the first reading is a jump away from the next (an offline start with 0
 * against the meter's lifetime, field.md 37) the session is billed from its own samples and flagged.
 */
export function energyOf(state: RegisterState): EnergyTotal {
  const { first, second, last } = state;
  if (first === null || last === null) return { startMWh: null, stopMWh: null, energyMWh: 0, flags: ['no_readings'] };
  const flags: MeterFlag[] = [];
  let base = first;
  if (second !== null) {
    const rise = second.mWh - first.mWh;
    const allowed = JUMP_SLACK_MWH + Math.max(0, second.at - first.at) * MAX_RATE_MWH_PER_MS;
    if (rise > allowed) {
      base = second;
      flags.push('register_jump');
    }
  }
  const energy = last.mWh - base.mWh;
  if (energy < 0) flags.push('register_backwards');
  return { startMWh: base.mWh, stopMWh: last.mWh, energyMWh: Math.max(0, energy), flags };
}
