/** How far a time zone is from UTC, and when that changes: daylight saving time begins and ends within a day. */
import { DAY_MS, MINUTE_MS, offsetOf } from '../local-time.js';

export interface Offset {
  /** ms since 1970, from when on it holds. */
  readonly from: number;
  /** Local time minus UTC, ms. */
  readonly offset: number;
}

/** By the day of UTC, counted from 1970. Asking the calendar costs a hundred times what remembering does. */
type Days = Map<number, readonly Offset[]>;
const zones = new Map<string, Days>();
const MAX_ZONES = 600;
const MAX_DAYS = 400;

function daysOf(timeZone: string): Days {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  if (zones.size >= MAX_ZONES) zones.clear();
  const days: Days = new Map();
  zones.set(timeZone, days);
  return days;
}

/**
 * The offsets of a zone within a day of UTC, in order; the first holds from its beginning. No zone changes twice a day.
 * @param day days since 1970, UTC
 */
export function offsetsOf(timeZone: string, day: number): readonly Offset[] {
  const days = daysOf(timeZone);
  const known = days.get(day);
  if (known !== undefined) return known;
  const from = day * DAY_MS;
  const before = offsetOf(timeZone, from);
  const after = offsetOf(timeZone, from + DAY_MS);
  const offsets: Offset[] = [{ from, offset: before }];
  if (after !== before) offsets.push({ from: changeWithin(timeZone, from, before), offset: after });
  if (days.size >= MAX_DAYS) days.clear();
  days.set(day, offsets);
  return offsets;
}

/** The first minute of the day that has not the offset which the day began with. */
function changeWithin(timeZone: string, from: number, before: number): number {
  let [low, high] = [0, DAY_MS / MINUTE_MS];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (offsetOf(timeZone, from + middle * MINUTE_MS) === before) low = middle;
    else high = middle;
  }
  return from + high * MINUTE_MS;
}
