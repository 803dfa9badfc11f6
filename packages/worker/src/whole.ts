/** Whole numbers of messages: the schemas bound many at one end only or not at all, what stores them at both. */
import { CallRefused } from './handler.js';

/** The largest integer of OCPP (2.x part 2 section 2.1.3, 32 bits with a sign), and of a PostgreSQL int4. */
export const INT32_MAX = 2 ** 31 - 1;

/** For numbers that are stored with 64 bits, as chargers number what they count without end. */
export const INT53_MAX = Number.MAX_SAFE_INTEGER;

/**
 * @param field as errors name it
 * @param most the largest, either way
 * @throws {CallRefused} where it cannot be stored
 */
export function requireWhole(field: string, value: number, most = INT32_MAX): number {
  if (Number.isSafeInteger(value) && Math.abs(value) <= most) return value;
  throw new CallRefused('property', `${field}: a whole number of at most ${most} wanted`);
}
