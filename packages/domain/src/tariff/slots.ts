/**
 * Time cut where the price changes. A slot is a stretch of time in which one band of a tariff holds; none reaches over
 * midnight of UTC, so that a day's slots can be remembered.
 */
import { DAY_MS, MINUTE_MS } from '../local-time.js';
import { DEFAULT_ZONE, holdsAt, minutesOf, type TokenHours } from '../token-hours.js';
import type { Tariff } from './tariff.js';
import { offsetsOf } from './zone.js';

export interface Slot {
  /** ms since 1970. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  /** Which of the tariff's bands; their number where none holds, and the tariff's own prices do. */
  readonly band: number;
}

const EVER: Slot = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, band: 0 };

/** By the text of bands and zone: snapshots of one tariff are as many objects as there are transactions. */
const calendars = new Map<string, Map<number, readonly Slot[]>>();
const MAX_CALENDARS = 500;
const MAX_DAYS = 100;
/** The calendar of a snapshot that was asked for before. */
const ofTariff = new WeakMap<Tariff, Map<number, readonly Slot[]>>();

function calendarOf(tariff: Tariff): Map<number, readonly Slot[]> {
  let calendar = ofTariff.get(tariff);
  if (calendar !== undefined) return calendar;
  const key = JSON.stringify([tariff.timeZone, tariff.bands]);
  calendar = calendars.get(key);
  if (calendar === undefined) {
    if (calendars.size >= MAX_CALENDARS) calendars.clear();
    calendar = new Map();
    calendars.set(key, calendar);
  }
  ofTariff.set(tariff, calendar);
  return calendar;
}

/** The slot that a moment lies in. */
export function slotAt(tariff: Tariff, at: number): Slot {
  if (tariff.bands === undefined) return EVER;
  const day = Math.floor(at / DAY_MS);
  const calendar = calendarOf(tariff);
  let slots = calendar.get(day);
  if (slots === undefined) {
    slots = slotsOf(tariff, day);
    if (calendar.size >= MAX_DAYS) calendar.clear();
    calendar.set(day, slots);
  }
  // A handful a day.
  return slots.find(({ to }) => at < to) as Slot;
}

function bandAt(bands: readonly TokenHours[], local: number): number {
  const day = Math.floor(local / DAY_MS);
  const minute = Math.floor((local - day * DAY_MS) / MINUTE_MS);
  // 1970 began on a Thursday.
  const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
  const found = bands.findIndex((band) => holdsAt(band, weekday, minute));
  return found < 0 ? bands.length : found;
}

/** The slots of a day of UTC: cut where a clock on the wall shows a boundary of a band, and where that clock is changed. */
function slotsOf({ bands = [], timeZone = DEFAULT_ZONE }: Tariff, day: number): readonly Slot[] {
  const end = (day + 1) * DAY_MS;
  const minutes = [...new Set([0, ...bands.flatMap(({ from, to }) => [minutesOf(from), minutesOf(to)])])];
  const cuts = new Map<number, number>();
  for (const [i, { from, offset }] of offsetsOf(timeZone, day).entries()) {
    const until = offsetsOf(timeZone, day)[i + 1]?.from ?? end;
    cuts.set(from, offset);
    for (let local = Math.floor((from + offset) / DAY_MS) * DAY_MS; local - offset < until; local += DAY_MS)
      for (const minute of minutes) {
        const at = local + minute * MINUTE_MS - offset;
        if (at > from && at < until) cuts.set(at, offset);
      }
  }
  const slots: Slot[] = [];
  for (const [from, offset] of [...cuts].sort(([a], [b]) => a - b)) {
    const band = bandAt(bands, from + offset);
    const last = slots.at(-1);
    if (last?.band === band) continue;
    if (last !== undefined) slots[slots.length - 1] = { ...last, to: from };
    slots.push({ from, to: end, band });
  }
  return slots;
}
