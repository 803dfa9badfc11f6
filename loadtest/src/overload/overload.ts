/**
 * The room of an overload: some chargers in session, and a crowd that dials many times as often as the edge admits. What the
 * admitted are answered, and how fast, shall be much as before; and all is well by itself when the crowd has gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { IDENTITY, PASSWORD } from '../fleet/fleet.js';
import type { Latency } from '../measure/latency.js';
import { type Machine, thisMachine } from '../run/machine.js';
import { type LoadOptions, OptionError, whole } from '../run/options.js';
import type { LoadResult } from '../run/result.js';
import { runLoad } from '../run/run.js';
import { type Stack, startStack } from '../stack/stack.js';

export interface OverloadOptions extends Pick<LoadOptions, 'version' | 'seed' | 'signal'> {
  /** In session all the time. Default 300. */
  readonly stations?: number | undefined;
  /** Transaction events per second of all of them. Default 300. */
  readonly rate?: number | undefined;
  /** Chargers that want in. Default 6000. */
  readonly crowd?: number | undefined;
  /** Upgrades that the edge admits per second. Default 50. */
  readonly admit?: number | undefined;
  /** How long the crowd stays, ms. Default a minute. */
  readonly durationMs?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly onLine?: ((text: string) => void) | undefined;
  readonly onPart?: ((part: OverloadPart) => void) | undefined;
}

export type PartName = 'before' | 'crowd' | 'after';

/** The chargers in session, in one part of the run. */
export interface OverloadPart {
  readonly name: PartName;
  readonly latency: Latency;
  readonly rate: number;
  readonly behind: number;
  readonly faults: number;
  /** Most memory of each server process, bytes. */
  readonly rssBytes: Readonly<Record<string, number>>;
}

export interface OverloadResult {
  readonly format: 'sigec-overload/1';
  readonly startedAt: string;
  readonly machine: Machine;
  readonly options: Readonly<Record<string, unknown>>;
  readonly passed: boolean;
  readonly parts: readonly OverloadPart[];
  /** Dials of the crowd per second, and how many times what is admitted that is. */
  readonly dialsPerSecond: number;
  readonly times: number;
  /** Of the crowd, who were let in. */
  readonly admitted: number;
  readonly refused: number;
  /** p95 under the crowd, and after it, against before. */
  readonly p95Ratio: number;
  readonly afterRatio: number;
}

const DEFAULTS = { stations: 300, rate: 300, crowd: 6_000, admit: 50, durationMs: 60_000 };
const QUIET_SHARE = 3;
const VERSION = '1.6:50,2.0.1:30,2.1:20';
/** A crowd that does not heed the time it was told to come again. */
const CROWD_BACKOFF_MS = [4_000, 8_000] as const;

/** @throws {OptionError} where the options cannot be; {Error} where the run could not be made */
export async function runOverload(options: OverloadOptions): Promise<OverloadResult> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const o = { ...DEFAULTS, ...given } as OverloadOptions & typeof DEFAULTS;
  whole('stations', o.stations, 1, 5_000);
  whole('crowd', o.crowd, 1, 12_000);
  whole('admit', o.admit, 1, 100_000);
  if (!(o.rate > 0)) throw new OptionError('rate: must be positive');
  const startedAt = new Date().toISOString();
  const env = { SIGEC_CONNECT_RATE: String(o.admit), SIGEC_CONNECT_BURST: String(o.admit), ...o.env };
  const stations = { count: o.stations + o.crowd, identity: IDENTITY, password: PASSWORD };
  const stack = await startStack({ edges: 1, workers: 1, control: false, env, stations, onLine: o.onLine });
  try {
    const quietMs = Math.ceil(o.durationMs / QUIET_SHARE);
    const parts: OverloadPart[] = [];
    const part = async (name: PartName, durationMs: number, onLoad?: () => void) => {
      const made = partOf(name, await load(stack, o, durationMs, onLoad));
      parts.push(made);
      o.onPart?.(made);
      return made;
    };
    const before = await part('before', quietMs);
    const crowds: Crowd[] = [];
    const under = await part('crowd', o.durationMs, () => {
      if (crowds.length === 0) crowds.push(startCrowd(stack, o));
    });
    const [crowd] = crowds;
    if (crowd === undefined) throw new Error('the load under the crowd did not begin');
    const { connects, retries, seconds } = await crowd.leave();
    // What the crowd has left behind on its way out is done.
    await sleep(quietMs / 4);
    const after = await part('after', quietMs);
    if (stack.failure.aborted) throw stack.failure.reason;
    const dialsPerSecond = (connects + retries) / seconds;
    const ratio = (one: OverloadPart) => one.latency.p95 / Math.max(before.latency.p95, 0.001);
    return {
      ...{ format: 'sigec-overload/1', startedAt, machine: thisMachine() },
      options: { stations: o.stations, rate: o.rate, crowd: o.crowd, admit: o.admit, durationMs: o.durationMs },
      passed: parts.every(({ faults }) => faults === 0),
      ...{ parts, dialsPerSecond, times: dialsPerSecond / o.admit, admitted: connects, refused: retries },
      ...{ p95Ratio: ratio(under), afterRatio: ratio(after) },
    };
  } finally {
    await stack.stop();
  }
}

/** @param onLoad all are in session, and the load has begun */
function load(
  stack: Stack,
  o: OverloadOptions & typeof DEFAULTS,
  durationMs: number,
  onLoad?: () => void,
): Promise<LoadResult> {
  return runLoad({
    ...{ url: stack.url, scenario: 'meter', stations: o.stations, processes: 1, rate: o.rate, durationMs },
    ...{ identity: IDENTITY, password: PASSWORD, version: o.version ?? VERSION, seed: o.seed, signal: o.signal },
    onProgress: ({ phase }) => {
      if (phase === 'load') onLoad?.();
    },
    ...{ warmupMs: 2_000, watch: stack.watch, connectConcurrency: 8, backoffMs: [200, 1_000] as const },
    readyTimeoutMs: 120_000,
  });
}

interface Crowd {
  /** Ends it, and tells what it did. */
  leave(): Promise<{ connects: number; retries: number; seconds: number }>;
}

function startCrowd(stack: Stack, o: OverloadOptions & typeof DEFAULTS): Crowd {
  const abort = new AbortController();
  const began = performance.now();
  const run = runLoad({
    ...{ url: stack.url, scenario: 'idle', stations: o.crowd, first: o.stations + 1, processes: 1 },
    ...{ identity: IDENTITY, password: PASSWORD, version: o.version ?? VERSION, backoffMs: CROWD_BACKOFF_MS },
    ...{ connectConcurrency: o.crowd, readyTimeoutMs: 3_600_000, tolerate: true, signal: abort.signal },
  });
  run.catch(() => undefined);
  return {
    async leave() {
      const seconds = (performance.now() - began) / 1000;
      abort.abort();
      const { stations, load: figures } = await run;
      return { connects: stations.ready, retries: figures.retries, seconds };
    },
  };
}

function partOf(name: PartName, result: LoadResult): OverloadPart {
  const rssBytes = Object.fromEntries(
    result.processes.all.filter(({ role }) => role === 'server').map((one) => [one.name, one.rssMax ?? 0]),
  );
  const faults = Object.values(result.faults.counts).reduce((sum, count) => sum + count, 0);
  const { rate, behind } = result.load;
  return { name, latency: result.latency, rate, behind, faults, rssBytes };
}
