/** The hours of a week in which a token may be used. */

export interface TokenHours {
  /** ISO days, 1 = Monday to 7 = Sunday; absent: every day. Past midnight, the day on which they began. */
  readonly days?: readonly number[] | undefined;
  /** `HH:MM`, in the zone of the limits. */
  readonly from: string;
  /** `HH:MM`, not included. At or before `from` it is of the next day. */
  readonly to: string;
}

export const DEFAULT_ZONE = 'America/Sao_Paulo';

const DAYS: Readonly<Record<string, number>> = { Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6, Sun: 7 };
const MINUTES_OF_DAY = 1440;

/** Making one costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 600;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    if (formats.size >= MAX_FORMATS) formats.clear();
    formats.set(timeZone, format);
  }
  return format;
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

/** Minutes of the day of `HH:MM`. */
export function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** @param now ms since 1970 */
export function inHours(hours: readonly TokenHours[], timeZone: string | undefined, now: number): boolean {
  const parts = formatOf(timeZone ?? DEFAULT_ZONE).formatToParts(now);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  const day = DAYS[part('weekday')] ?? 1;
  const minute = minutesOf(`${part('hour')}:${part('minute')}`);
  const before = day === 1 ? 7 : day - 1;
  return hours.some(({ days, from, to }) => {
    const on = (which: number) => days === undefined || days.includes(which);
    const begins = minutesOf(from);
    const ends = minutesOf(to);
    if (ends > begins) return on(day) && minute >= begins && minute < ends;
    return (on(day) && minute >= begins && minute < MINUTES_OF_DAY) || (on(before) && minute < ends);
  });
}
