/** How far a time zone is from UTC, and when that changes: daylight saving time begins and ends within a day. */

export interface Offset {
  /** ms since 1970, from when on it holds. */
  readonly from: number;
  /** Local time minus UTC, ms. */
  readonly offset: number;
}

export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** By the day of UTC, counted from 1970. */
  readonly days: Map<number, readonly Offset[]>;
}

/** Asking the calendar costs a hundred times what remembering does. */
const zones = new Map<string, Zone>();
const MAX_ZONES = 600;
const MAX_DAYS = 400;

function zoneOf(timeZone: string): Zone {
  let zone = zones.get(timeZone);
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    });
    if (zones.size >= MAX_ZONES) zones.clear();
    zone = { format, days: new Map() };
    zones.set(timeZone, zone);
  }
  return zone;
}

function offsetAt(format: Intl.DateTimeFormat, at: number): number {
  const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const parts = format.formatToParts(minute);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - minute;
}

/**
 * The offsets of a zone within a day of UTC, in order; the first holds from its beginning. No zone changes twice a day.
 * @param day days since 1970, UTC
 */
export function offsetsOf(timeZone: string, day: number): readonly Offset[] {
  const { format, days } = zoneOf(timeZone);
  const known = days.get(day);
  if (known !== undefined) return known;
  const from = day * DAY_MS;
  const before = offsetAt(format, from);
  const after = offsetAt(format, from + DAY_MS);
  const offsets: Offset[] = [{ from, offset: before }];
  if (after !== before) offsets.push({ from: changeWithin(format, from, before), offset: after });
  if (days.size >= MAX_DAYS) days.clear();
  days.set(day, offsets);
  return offsets;
}

/** The first minute of the day that has not the offset which the day began with. */
function changeWithin(format: Intl.DateTimeFormat, from: number, before: number): number {
  let [low, high] = [0, DAY_MS / MINUTE_MS];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (offsetAt(format, from + middle * MINUTE_MS) === before) low = middle;
    else high = middle;
  }
  return from + high * MINUTE_MS;
}
