/** The clock on the wall against what the calendar itself writes: bills, opening hours and tokens all go by it. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoDay, isTimeZone, localTime } from './local-time.js';

const ZONES = [
  ...['America/Sao_Paulo', 'America/New_York', 'Europe/Lisbon', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
  ...['Pacific/Apia', 'Pacific/Chatham', 'UTC'],
];
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

it('shows the day, the weekday and the minute that the calendar shows', () => {
  const written = new Map(
    ZONES.map((timeZone) => {
      const fields = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
      return [timeZone, new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hourCycle: 'h23', ...fields })];
    }),
  );
  const until = Date.UTC(2100, 0, 1);
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer({ min: 0, max: until }), (timeZone, at) => {
      const { day, minute } = localTime(timeZone, at);
      const date = new Date(day * 86_400_000).toISOString().slice(0, 10).split('-');
      const clock = [Math.floor(minute / 60), minute % 60].map((n) => String(n).padStart(2, '0'));
      const [year, month, ofMonth] = date;
      expect(written.get(timeZone)?.format(at)).toBe(
        `${DAYS[isoDay(day) - 1]}, ${month}/${ofMonth}/${year}, ${clock.join(':')}`,
      );
    }),
  );
});

it('knows which zones there are', () => {
  expect([...ZONES, 'Mars/Base', ''].filter((name) => !isTimeZone(name))).toEqual(['Mars/Base', '']);
});
