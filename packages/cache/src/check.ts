/** The checks of arguments that every cache makes alike. */

const MAX_KEY = 512;
const MAX_VALUE = 1_048_576;
/** A year: what should stay longer belongs into the database. */
const MAX_TTL_MS = 366 * 24 * 3_600_000;

export function checkKey(field: string, key: string): void {
  if (key.length === 0 || key.length > MAX_KEY) throw new RangeError(`${field}: must have 1 to ${MAX_KEY} characters`);
}

export function checkValue(field: string, value: string): void {
  if (value.length > MAX_VALUE) throw new RangeError(`${field}: must have at most ${MAX_VALUE} characters`);
}

export function checkTtl(ttlMs: number | undefined): void {
  if (ttlMs === undefined) return;
  if (!Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > MAX_TTL_MS) {
    throw new RangeError(`ttlMs: must be a whole number from 1 to ${MAX_TTL_MS}`);
  }
}

const MAX_COUNT = 1_000_000_000;

export function checkCount(field: string, count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT)
    throw new RangeError(`${field}: must be a whole number from 1 to ${MAX_COUNT}`);
}
