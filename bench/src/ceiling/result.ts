/** The room of what a ceiling run has found: `ceiling.json`, and the sums over its rounds. */
import type { Machine } from '../machine.js';
import { median, ratio, type Spread, spreadOf } from '../maths.js';
import type { CeilingOptions } from './options.js';
import { TARGETS, type TargetId } from './targets.js';

/** One target, one round. Latencies in milliseconds. */
export interface Measurement {
  readonly target: TargetId;
  readonly round: number;
  readonly rate: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Microseconds of processor time per message, by group of processes; `client` is the harness. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Of the client's event loop, 0 to 1. */
  readonly utilisation: number;
  readonly faults: number;
}

/** Open loop at half of the closed loop's rate. */
export interface HalfMeasurement extends Measurement {
  readonly asked: number;
  /** Sends that could not be made in time, as their stations still waited. */
  readonly behind: number;
  /** How late the client itself was, p99. */
  readonly ownDelay: number;
}

export interface RestMeasurement {
  readonly target: 'device' | 'hello';
  readonly round: number;
  readonly rate: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  /** Microseconds per request, by group. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly failed: number;
}

export interface CeilingResult {
  readonly format: 'sigec-bench-ceiling/1';
  readonly at: string;
  readonly command: string;
  readonly machine: Machine;
  readonly options: CeilingOptions;
  readonly measurements: readonly Measurement[];
  readonly half: readonly HalfMeasurement[];
  readonly rest: readonly RestMeasurement[];
}

/** One target over its rounds. */
export interface Summary {
  readonly target: TargetId;
  readonly rounds: number;
  readonly rate: Spread;
  /** To the bare echo of the same frame in the same round. */
  readonly ratio: Spread | null;
  /** The same as processor time would have it: what the echo used per message beside what this used, client included. */
  readonly cpuRatio: Spread | null;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly cpu: Readonly<Record<string, number>>;
  readonly utilisation: number;
  readonly faults: number;
}

/** Medians by group of processes; a group that was not there in a round counts with the others only. */
export function medianCpu(all: readonly { readonly cpu: Readonly<Record<string, number>> }[]): Record<string, number> {
  const groups = [...new Set(all.flatMap(({ cpu }) => Object.keys(cpu)))];
  return Object.fromEntries(
    groups.map((group) => [group, median(all.flatMap(({ cpu }) => (cpu[group] === undefined ? [] : [cpu[group]])))]),
  );
}

type Figure = (measurement: Measurement) => number;

function compare(all: readonly Measurement[], target: TargetId, base: TargetId, of: Figure): Spread | null {
  return spreadOf(
    all
      .filter((one) => one.target === target)
      .map((one) => {
        const other = all.find(({ target: id, round }) => id === base && round === one.round);
        return other === undefined ? null : ratio(of(one), of(other));
      }),
  );
}

/** Rate beside that of another target in the same round, over all rounds that have both. */
export function ratioTo(all: readonly Measurement[], target: TargetId, base: TargetId): Spread | null {
  return compare(all, target, base, ({ rate }) => rate);
}

/** Messages that a second of processor time pays for, of all processes; beside another target in the same round. */
export function cpuRatioTo(all: readonly Measurement[], target: TargetId, base: TargetId): Spread | null {
  const paid: Figure = ({ cpu }) => 1 / Object.values(cpu).reduce((sum, micros) => sum + micros, 0);
  return compare(all, target, base, paid);
}

/** In the order of the targets; those that were not measured are left out. */
export function summarise(measurements: readonly Measurement[]): Summary[] {
  return TARGETS.flatMap(({ id, base }) => {
    const mine = measurements.filter(({ target }) => target === id);
    const rate = spreadOf(mine.map((one) => one.rate));
    if (rate === null) return [];
    return {
      target: id,
      rounds: mine.length,
      rate,
      ratio: ratioTo(measurements, id, base),
      cpuRatio: cpuRatioTo(measurements, id, base),
      p50: median(mine.map((one) => one.p50)),
      p95: median(mine.map((one) => one.p95)),
      p99: median(mine.map((one) => one.p99)),
      cpu: medianCpu(mine),
      utilisation: median(mine.map((one) => one.utilisation)),
      faults: mine.reduce((sum, one) => sum + one.faults, 0),
    };
  });
}

/** REST beside the bare hello of the same round. */
export function restRatio(rest: readonly RestMeasurement[]): Spread | null {
  const hello = (round: number) => rest.find((one) => one.target === 'hello' && one.round === round)?.rate;
  return spreadOf(rest.filter(({ target }) => target === 'device').map(({ round, rate }) => ratio(rate, hello(round))));
}
