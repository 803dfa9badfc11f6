/** A session that nobody charged yet, described by a curve of energy: what it would cost. */
import { EMPTY_REGISTER, foldReading, type RegisterReading } from '../meter.js';
import { type Cost, costOf } from './cost.js';
import { isTimed, type Tariff } from './tariff.js';
import { EMPTY_USAGE, type Flow, foldFlow, foldUsage } from './usage.js';

export interface PlannedSession {
  /** ms since 1970, as all times here. */
  readonly startAt: number;
  readonly endAt: number;
  /** Energy given since the start, mWh, in any order. The start is 0. */
  readonly energy: readonly { readonly at: number; readonly mWh: number }[];
  /** What the charger would say of the flow; left out, energy that is drawn says it. */
  readonly flow?: readonly { readonly at: number; readonly flow: Flow }[];
}

export function previewCost(tariff: Tariff, { startAt, endAt, energy, flow = [] }: PlannedSession): Cost {
  const last = energy.reduce((most, { mWh }) => Math.max(most, mWh), 0);
  const readings: RegisterReading[] = [
    { at: startAt, mWh: 0, role: 0 },
    ...energy.map(({ at, mWh }) => ({ at, mWh, role: 1 }) as const),
    { at: endAt, mWh: last, role: 2 },
  ];
  const folded = readings.reduce(foldReading, EMPTY_REGISTER);
  const metered = readings.reduce((usage, reading) => foldUsage(usage, reading, tariff), EMPTY_USAGE);
  const usage = flow.reduce(
    (all, { at, flow: said }) => foldFlow(all, { at, flow: said, order: 0, changed: true }),
    metered,
  );
  const register = isTimed(tariff) ? { ...folded, usage } : folded;
  return costOf({ startedAt: startAt, endedAt: endAt, register }, tariff);
}
