/** When a site is open: hours by weekday, days that are otherwise, and whether it is open at an instant. */
import { DAY_MS, isoDay, localInstant, localTime, MINUTE_MS, sameOffset } from './local-time.js';
import { minutesOf, type TokenHours } from './token-hours.js';

export interface OpeningPeriod {
  /** `HH:MM`, in the zone of the site. */
  readonly from: string;
  /** `HH:MM`, not included. At or before `from` it is of the next day: from 00:00 to 00:00 is the whole day. */
  readonly to: string;
}

/** A date with hours of its own, which take the place of all that begins on it; without any it is closed. */
export interface OpeningException {
  /** `YYYY-MM-DD`, in the zone of the site. */
  readonly date: string;
  readonly periods: readonly OpeningPeriod[];
  readonly note?: string | undefined;
}

/** What lasts past midnight belongs to the day on which it began, so an exception does not cut the night before it short. */
export interface OpeningHours {
  /** Day and night but for the exceptions; then `weekly` says nothing. */
  readonly alwaysOpen: boolean;
  readonly weekly: readonly TokenHours[];
  readonly exceptions: readonly OpeningException[];
}

export interface OpeningState {
  readonly open: boolean;
  /** When that changes, ms since 1970; null where it does not within a week. */
  readonly changesAt: number | null;
}

const MINUTES_OF_DAY = 1440;
const WHOLE_DAY: readonly OpeningPeriod[] = [{ from: '00:00', to: '00:00' }];
/** Days that are looked at after today: a week, and the rest of the last day. */
const AHEAD = 8;

/** @param day of the calendar, days since 1970-01-01 */
function periodsOf(hours: OpeningHours, day: number): readonly OpeningPeriod[] {
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  const exception = hours.exceptions.find((one) => one.date === date);
  if (exception !== undefined) return exception.periods;
  if (hours.alwaysOpen) return WHOLE_DAY;
  return hours.weekly.filter(({ days }) => days === undefined || days.includes(isoDay(day)));
}

type Span = { readonly from: number; readonly to: number };

function spansOf(hours: OpeningHours, timeZone: string, now: number): Span[] {
  const today = localTime(timeZone, now).day;
  // Making instants of local times is dear, and few weeks have a change of the clocks.
  const offset = sameOffset(timeZone, now - 3 * DAY_MS, now + (AHEAD + 3) * DAY_MS);
  const at = (day: number, minute: number) =>
    offset === undefined ? localInstant(timeZone, day, minute) : day * DAY_MS + minute * MINUTE_MS - offset;
  const spans: Span[] = [];
  for (let day = today - 1; day <= today + AHEAD; day++) {
    for (const { from, to } of periodsOf(hours, day)) {
      const begins = minutesOf(from);
      const ends = minutesOf(to);
      spans.push({ from: at(day, begins), to: at(ends > begins ? day : day + 1, ends % MINUTES_OF_DAY) });
    }
  }
  return spans.sort((a, b) => a.from - b.from);
}

/**
 * Whether a site is open, and until when that holds.
 * @param now ms since 1970
 * @param timeZone a name that {@link isTimeZone} knows
 */
export function openingState(hours: OpeningHours, timeZone: string, now: number): OpeningState {
  if (hours.alwaysOpen && hours.exceptions.length === 0) return { open: true, changesAt: null };
  const known = now + 7 * DAY_MS;
  const within = (at: number | undefined) => (at === undefined || at > known ? null : at);
  let until: number | undefined;
  for (const { from, to } of spansOf(hours, timeZone, now)) {
    if (to <= now || to <= from) continue;
    if (until === undefined && from > now) return { open: false, changesAt: within(from) };
    if (until !== undefined && from > until) break;
    until = Math.max(until ?? to, to);
  }
  return { open: until !== undefined, changesAt: within(until) };
}
