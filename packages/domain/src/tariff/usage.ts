/**
 * What a timed tariff remembers of a session beside its register: a fold of readings and of what the charger said of the
 * flow. Order does not matter and twice is once, as in meter.ts, and its size does not grow with the number of samples.
 */
import type { RegisterReading } from '../meter.js';
import { slotAt } from './slots.js';
import type { Tariff } from './tariff.js';

/**
 * charging: the vehicle may take energy; idle: the cable is in and the vehicle wants nothing; paused: nothing flows and it is
 * not the driver's doing, or no vehicle is there.
 */
export type Flow = 'charging' | 'idle' | 'paused';

/** What the charger said of the flow, from that time on. */
export interface FlowPoint {
  /** ms since 1970. */
  readonly at: number;
  readonly flow: Flow;
  /** Which of two at one time is the later: the sequence number of 2.x. */
  readonly order: number;
  /** The charger said that it changed. The others repeat what holds, and most are not worth remembering. */
  readonly changed: boolean;
}

/** As it is kept, small: [at, flow, order, changed]. */
type KeptPoint = readonly [at: number, flow: Flow, order: number, changed: 0 | 1];
/** First and last reading within one slot: [slot's beginning, at, mWh, at, mWh]. */
export type SlotReadings = readonly [from: number, firstAt: number, firstMWh: number, lastAt: number, lastMWh: number];

export interface Usage {
  /** The earliest reading that shows the highest register: after it nothing flowed. */
  readonly peak: { readonly at: number; readonly mWh: number } | null;
  /** In the order of time. */
  readonly points: readonly KeptPoint[];
  /** In the order of time; only where a tariff has bands. */
  readonly slots: readonly SlotReadings[];
}

export const EMPTY_USAGE: Usage = { peak: null, points: [], slots: [] };

/** The earliest that many are kept: weeks of a session that changes every few hours. What is later is spread evenly. */
const MAX_SLOTS = 200;
const MAX_POINTS = 150;

/** Takes one reading of the register. Commutative, associative and idempotent. */
export function foldUsage(usage: Usage, { at, mWh }: RegisterReading, tariff: Tariff): Usage {
  const { peak } = usage;
  const higher = peak === null || mWh > peak.mWh || (mWh === peak.mWh && at < peak.at);
  const slots = tariff.bands === undefined ? usage.slots : foldSlot(usage.slots, at, mWh, slotAt(tariff, at).from);
  if (!higher && slots === usage.slots) return usage;
  return { peak: higher ? { at, mWh } : peak, points: usage.points, slots };
}

function foldSlot(slots: readonly SlotReadings[], at: number, mWh: number, from: number): readonly SlotReadings[] {
  // Most readings are of the last slot.
  let i = slots.length;
  while (i > 0 && (slots[i - 1] as SlotReadings)[0] > from) i--;
  const known = i > 0 ? (slots[i - 1] as SlotReadings) : undefined;
  if (known === undefined || known[0] !== from)
    return [...slots.slice(0, i), [from, at, mWh, at, mWh] as const, ...slots.slice(i)].slice(0, MAX_SLOTS);
  const [, firstAt, firstMWh, lastAt, lastMWh] = known;
  const earlier = at < firstAt || (at === firstAt && mWh < firstMWh);
  const later = at > lastAt || (at === lastAt && mWh > lastMWh);
  if (!earlier && !later) return slots;
  const first = earlier ? ([at, mWh] as const) : ([firstAt, firstMWh] as const);
  const last = later ? ([at, mWh] as const) : ([lastAt, lastMWh] as const);
  return slots.with(i - 1, [from, ...first, ...last]);
}

const RANK: Readonly<Record<Flow, number>> = { charging: 0, idle: 1, paused: 2 };

function comparePoints(a: KeptPoint, b: KeptPoint): number {
  return a[0] - b[0] || a[2] - b[2] || RANK[a[1]] - RANK[b[1]] || a[3] - b[3];
}

/**
 * Takes what the charger said of the flow. Independent of the order in which they come where every change was told as one;
 * a change that was not, and came late, holds until the next that is known.
 */
export function foldFlow(usage: Usage, { at, flow, order, changed }: FlowPoint): Usage {
  const { points } = usage;
  const point: KeptPoint = [at, flow, order, changed ? 1 : 0];
  let i = points.length;
  while (i > 0 && comparePoints(points[i - 1] as KeptPoint, point) > 0) i--;
  const before = points[i - 1];
  if (before !== undefined && comparePoints(before, point) === 0) return usage;
  // It says what was known, and moves nothing.
  if (!changed && before?.[1] === flow) return usage;
  const all = [...points.slice(0, i), point, ...points.slice(i)];
  const kept = all.filter(([, said, , marked], n) => marked === 1 || n === 0 || all[n - 1]?.[1] !== said);
  return { ...usage, points: kept.slice(0, MAX_POINTS) };
}
