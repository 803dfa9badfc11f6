/** The hours of a week in which a token may be used. */
import { isoDay, localTime } from './local-time.js';

export interface TokenHours {
  /** ISO days, 1 = Monday to 7 = Sunday; absent: every day. Past midnight, the day on which they began. */
  readonly days?: readonly number[] | undefined;
  /** `HH:MM`, in the zone of the limits. */
  readonly from: string;
  /** `HH:MM`, not included. At or before `from` it is of the next day. */
  readonly to: string;
}

export const DEFAULT_ZONE = 'America/Sao_Paulo';

/** Minutes since midnight of `HH:MM`. */
export function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** Whether hours hold at a minute of the day, by the clock on the wall; `day` is 1 on Monday. */
export function holdsAt({ days, from, to }: TokenHours, day: number, minute: number): boolean {
  const on = (which: number) => days === undefined || days.includes(which);
  const begins = minutesOf(from);
  const ends = minutesOf(to);
  if (ends > begins) return on(day) && minute >= begins && minute < ends;
  return (on(day) && minute >= begins) || (on(day === 1 ? 7 : day - 1) && minute < ends);
}

/** @param now ms since 1970 */
export function inHours(hours: readonly TokenHours[], timeZone: string | undefined, now: number): boolean {
  const { day, minute } = localTime(timeZone ?? DEFAULT_ZONE, now);
  return hours.some((one) => holdsAt(one, isoDay(day), minute));
}
