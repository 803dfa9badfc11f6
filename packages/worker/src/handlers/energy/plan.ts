/** Small readings that several actions of this block share. */
import { CallRefused } from '../../handler.js';

/** A time that is planned, which may lie anywhere; null where there is none, or nobody can read it. */
export function planTime(text: string | undefined): number | null {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** The largest number of a PostgreSQL integer. */
export const INT_MAX = 2 ** 31 - 1;

/**
 * The schemas bound many numbers at one end only.
 * @throws {CallRefused} where it cannot be stored
 */
export function requireWhole(field: string, value: number, most = INT_MAX): number {
  if (Number.isSafeInteger(value) && value >= -most && value <= most) return value;
  throw new CallRefused('property', `${field}: too large`);
}
