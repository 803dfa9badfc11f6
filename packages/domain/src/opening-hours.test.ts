import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localInstant, localTime } from './local-time.js';
import { type OpeningHours, openingState } from './opening-hours.js';

const at = (text: string) => Date.parse(text);
const SP = 'America/Sao_Paulo';
const NEW_YORK = 'America/New_York';
const hours = (more: Partial<OpeningHours>): OpeningHours => ({
  alwaysOpen: false,
  weekly: [],
  exceptions: [],
  ...more,
});
const state = (given: OpeningHours, zone: string, now: string) => {
  const { open, changesAt } = openingState(given, zone, at(now));
  return [open, changesAt === null ? null : new Date(changesAt).toISOString()];
};

describe('openingState', () => {
  // 2026-11-30 is a Monday; São Paulo is three hours behind.
  const week = hours({
    weekly: [
      { days: [1, 2, 3, 4, 5], from: '08:00', to: '12:00' },
      { days: [1, 2, 3, 4, 5], from: '12:00', to: '18:00' },
      { days: [6], from: '22:00', to: '02:00' },
    ],
    exceptions: [{ date: '2026-12-25', periods: [], note: 'Natal' }],
  });

  it.each([
    ['before it opens', '2026-11-30T10:59:00Z', false, '2026-11-30T11:00:00.000Z'],
    ['as it opens, over what follows at once', '2026-11-30T11:00:00Z', true, '2026-11-30T21:00:00.000Z'],
    ['as it closes', '2026-11-30T21:00:00Z', false, '2026-12-01T11:00:00.000Z'],
    ['on Saturday night', '2026-12-06T02:00:00Z', true, '2026-12-06T05:00:00.000Z'],
    ['on Sunday, which has no hours', '2026-12-06T05:00:00Z', false, '2026-12-07T11:00:00.000Z'],
    ['on a day that is closed for once', '2026-12-25T15:00:00Z', false, '2026-12-27T01:00:00.000Z'],
  ])('%s', (_, now, open, changes) => {
    expect(state(week, SP, now)).toEqual([open, changes]);
  });

  it('is open day and night but for the exceptions', () => {
    expect(state(hours({ alwaysOpen: true }), SP, '2026-11-30T10:00:00Z')).toEqual([true, null]);
    const closed = hours({ alwaysOpen: true, exceptions: [{ date: '2026-12-01', periods: [] }] });
    expect(state(closed, SP, '2026-11-30T10:00:00Z')).toEqual([true, '2026-12-01T03:00:00.000Z']);
    expect(state(closed, SP, '2026-12-01T10:00:00Z')).toEqual([false, '2026-12-02T03:00:00.000Z']);
    expect(state(closed, SP, '2026-12-02T10:00:00Z')).toEqual([true, null]);
    const short = hours({
      alwaysOpen: true,
      exceptions: [{ date: '2026-12-01', periods: [{ from: '09:00', to: '10:00' }] }],
    });
    expect(state(short, SP, '2026-12-01T12:30:00Z')).toEqual([true, '2026-12-01T13:00:00.000Z']);
  });

  it('does not cut short the night before an exception', () => {
    const night = hours({
      weekly: [{ from: '22:00', to: '04:00' }],
      exceptions: [{ date: '2026-12-25', periods: [] }],
    });
    expect(state(night, SP, '2026-12-25T04:00:00Z')).toEqual([true, '2026-12-25T07:00:00.000Z']);
    expect(state(night, SP, '2026-12-26T01:30:00Z')).toEqual([false, '2026-12-27T01:00:00.000Z']);
  });

  it('keeps the hours of the wall as the clocks change', () => {
    const morning = hours({ weekly: [{ from: '08:00', to: '09:00' }] });
    // Forward on 2026-03-08, back on 2026-11-01.
    expect(state(morning, NEW_YORK, '2026-03-07T20:00:00Z')).toEqual([false, '2026-03-08T12:00:00.000Z']);
    expect(state(morning, NEW_YORK, '2026-10-31T20:00:00Z')).toEqual([false, '2026-11-01T13:00:00.000Z']);
    // 02:30 does not exist on the one day, and is there twice on the other.
    const early = hours({ weekly: [{ from: '02:30', to: '05:00' }] });
    expect(state(early, NEW_YORK, '2026-03-08T06:00:00Z')).toEqual([false, '2026-03-08T07:30:00.000Z']);
    const twice = hours({ weekly: [{ from: '01:30', to: '05:00' }] });
    expect(state(twice, NEW_YORK, '2026-11-01T05:00:00Z')).toEqual([false, '2026-11-01T05:30:00.000Z']);
  });

  it('says nothing of what never comes', () => {
    expect(state(hours({}), SP, '2026-11-30T10:00:00Z')).toEqual([false, null]);
  });

  const clock = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const period = fc.record({ from: clock, to: clock });
  const START = at('2026-03-01T00:00:00Z');
  const date = fc.integer({ min: 0, max: 30 }).map((n) => new Date(START + n * 86_400_000).toISOString().slice(0, 10));
  const anyHours = fc.record({
    alwaysOpen: fc.boolean(),
    weekly: fc.array(
      fc.tuple(period, fc.subarray([1, 2, 3, 4, 5, 6, 7])).map(([one, days]) => ({ ...one, days })),
      { maxLength: 4 },
    ),
    exceptions: fc.array(fc.record({ date, periods: fc.array(period, { maxLength: 2 }) }), { maxLength: 3 }),
  });
  const zone = fc.constantFrom(SP, NEW_YORK, 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC');
  const instant = fc.integer({ min: 0, max: 30 * 1440 }).map((minutes) => START + minutes * 60_000);

  it('holds until the moment that it names, and is otherwise from then on', () => {
    fc.assert(
      fc.property(
        anyHours,
        zone,
        instant,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (given, where, now, part) => {
          const { open, changesAt } = openingState(given, where, now);
          const until = changesAt ?? now + 7 * 86_400_000;
          expect(until).toBeGreaterThan(now);
          const between = now + Math.floor((until - now) * part);
          expect(openingState(given, where, between).open).toBe(open);
          if (changesAt !== null) expect(openingState(given, where, changesAt).open).toBe(!open);
        },
      ),
    );
  });

  it('finds the instant of what a wall shows', () => {
    fc.assert(
      fc.property(zone, instant, (where, now) => {
        const { day, minute } = localTime(where, now);
        const found = localInstant(where, day, minute);
        expect(localTime(where, found)).toEqual({ day, minute });
        expect(found).toBeLessThanOrEqual(now);
      }),
    );
  });
});
