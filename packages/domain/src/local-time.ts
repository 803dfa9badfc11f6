/** The clock on a wall: what it shows at an instant, and at which instant it shows something. */

export interface LocalTime {
  /** Of the calendar, days since 1970-01-01. */
  readonly day: number;
  /** Of the day. */
  readonly minute: number;
}

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** Making one costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 600;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const number = 'numeric';
  const fields = { year: number, month: number, day: number, hour: number, minute: number, second: number } as const;
  const made = new Intl.DateTimeFormat('en-US', { ...fields, timeZone, hourCycle: 'h23', calendar: 'gregory' });
  if (formats.size >= MAX_FORMATS) formats.clear();
  formats.set(timeZone, made);
  return made;
}

/** Whether the zone is one that the calendar knows. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** How far the wall is ahead of UTC, ms. */
export function offsetOf(timeZone: string, at: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** @param at ms since 1970 */
export function localTime(timeZone: string, at: number): LocalTime {
  const wall = at + offsetOf(timeZone, at);
  const day = Math.floor(wall / DAY_MS);
  return { day, minute: Math.floor((wall - day * DAY_MS) / MINUTE_MS) };
}

/** How far the wall is ahead of UTC at both instants, ms; undefined where that differs. */
export function sameOffset(timeZone: string, from: number, to: number): number | undefined {
  const offset = offsetOf(timeZone, from);
  return offset === offsetOf(timeZone, to) ? offset : undefined;
}

/**
 * When the wall shows this: the first time where the clocks are put back over it. What is skipped as they are put forward
 * is as much later as the clocks are.
 * @param minute of the day
 */
export function localInstant(timeZone: string, day: number, minute: number): number {
  const wall = day * DAY_MS + minute * MINUTE_MS;
  const before = offsetOf(timeZone, wall - DAY_MS);
  const shown = [before, offsetOf(timeZone, wall + DAY_MS)]
    .map((offset) => wall - offset)
    .filter((at) => at + offsetOf(timeZone, at) === wall);
  return shown.length > 0 ? Math.min(...shown) : wall - before;
}

/** 1 = Monday to 7 = Sunday. */
export const isoDay = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;
