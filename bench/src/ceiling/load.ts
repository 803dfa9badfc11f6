/** The room of one measurement: the same client, with the same options, whoever answers. */
import { type LoadOptions, type LoadResult, runLoad } from '@sigec/loadtest';
import { median } from '../maths.js';
import type { CeilingOptions } from './options.js';
import type { Measurement } from './result.js';
import type { Target } from './targets.js';

/** Who answers, and whose processor time counts. */
export interface Answering {
  readonly url: string;
  readonly watch: NonNullable<LoadOptions['watch']>;
}

export interface Run {
  readonly options: CeilingOptions;
  readonly signal: AbortSignal;
}

/** Sent to everyone; only the platform looks at it. */
export const PASSWORD = 'a-password-of-the-bench';
export const IDENTITY = 'LT-%06d';
const READY_MS = 60_000;

/** @param rate open loop at this rate; closed loop without it */
export async function load(
  target: Pick<Target, 'scenario' | 'unit'>,
  { url, watch }: Answering,
  { options, signal }: Run,
  rate?: number,
): Promise<LoadResult> {
  const result = await runLoad({
    url,
    scenario: target.scenario,
    stations: options.stations,
    processes: options.processes,
    durationMs: options.durationMs,
    warmupMs: options.warmupMs,
    readyTimeoutMs: READY_MS,
    version: '2.0.1',
    identity: IDENTITY,
    password: PASSWORD,
    echo: target.unit === 'echo',
    rate,
    watch,
    signal,
  });
  signal.throwIfAborted();
  return result;
}

/** `edge 2` is of the group `edge`; all processes of the harness are the client. */
function cpuByGroup(result: LoadResult): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { role, name, cpuMicrosPerMessage } of result.processes.all) {
    if (cpuMicrosPerMessage === null) continue;
    const group = role === 'harness' ? 'client' : name.replace(/ \d+$/, '');
    sums[group] = (sums[group] ?? 0) + cpuMicrosPerMessage;
  }
  return sums;
}

/** Of the seconds of the load itself: the last ones in which answers came. */
function utilisationOf({ series, load: { seconds } }: LoadResult): number {
  const busy = series.utilisation.filter((_share, k) => (series.rate[k] ?? 0) > 0);
  return busy.length === 0 ? 0 : median(busy.slice(-Math.max(1, Math.floor(seconds))));
}

export function measurementOf(target: Target['id'], round: number, result: LoadResult): Measurement {
  const { p50, p95, p99 } = result.latency;
  return {
    target,
    round,
    rate: result.load.rate,
    p50,
    p95,
    p99,
    cpu: cpuByGroup(result),
    utilisation: utilisationOf(result),
    faults: Object.values(result.faults.counts).reduce((sum, count) => sum + count, 0),
  };
}
