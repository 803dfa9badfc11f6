/** The room of the question whether a message costs more in a larger fleet: the same rate at each size. */
import { availableParallelism } from 'node:os';
import type { Latency } from '../measure/latency.js';
import type { Machine } from '../run/machine.js';
import { thisMachine } from '../run/machine.js';
import { MAX_PER_PROCESS, OptionError, whole } from '../run/options.js';
import { type Stack, startStack } from '../stack/stack.js';
import { FAULTS } from '../swarm/plan.js';
import { Book } from './book.js';
import { IDENTITY, loadOptions, PASSWORD } from './fleet.js';
import { DEFAULTS, edgesFor, type FleetOptions, type Settled } from './options.js';
import type { Party, PhaseFigures } from './result.js';
import { Tour } from './tour.js';
import { PARTIES } from './watch.js';

export interface GrowthOptions
  extends Pick<
    FleetOptions,
    | 'workers'
    | 'edges'
    | 'version'
    | 'env'
    | 'timeoutMs'
    | 'readyTimeoutMs'
    | 'seed'
    | 'onProgress'
    | 'onLine'
    | 'signal'
  > {
  readonly sizes: readonly number[];
  /** Messages per second of the whole fleet, whatever its size. Default 1000: 5 heartbeats to 2 meter values. */
  readonly rate?: number | undefined;
  readonly holdMs?: number | undefined;
  readonly idleMs?: number | undefined;
  readonly onSize?: ((size: GrowthSize) => void) | undefined;
}

export interface GrowthSize {
  readonly stations: number;
  readonly messages: number;
  readonly rate: number;
  readonly latency: Latency;
  readonly behind: number;
  readonly faults: number;
  /** Cores while nobody says anything. */
  readonly idleCores: Readonly<Record<Party, number>>;
  readonly cpuMicros: Readonly<Record<Party, number>>;
  /** The same without what idling costs in that time. */
  readonly netMicros: Readonly<Record<Party, number>>;
  /** Of all servers together, against the first size. */
  readonly ratio: number;
  readonly netRatio: number;
}

export interface GrowthResult {
  readonly format: 'sigec-growth/1';
  readonly startedAt: string;
  readonly endedAt: string;
  readonly machine: Machine;
  readonly options: Readonly<Record<string, unknown>>;
  readonly passed: boolean;
  readonly edges: number;
  readonly workers: number;
  readonly sizes: readonly GrowthSize[];
}

/** Of the stations that charge, two meter values between two heartbeats. */
const METERS_PER_BEAT = 2;
const RATE = 1000;
const HOLD_MS = 30_000;
const IDLE_MS = 15_000;

/** @throws {OptionError} where the options cannot be; {Error} where the run could not be made or was interrupted */
export async function runGrowth(options: GrowthOptions): Promise<GrowthResult> {
  const startedAt = new Date().toISOString();
  const { sizes, rate = RATE, holdMs = HOLD_MS, idleMs = IDLE_MS, workers = 1 } = options;
  if (sizes.length === 0) throw new OptionError('stations: at least one size');
  for (const size of sizes) whole('stations', size, 2, 1_000_000);
  if (!(rate > 0)) throw new OptionError('rate: must be positive');
  const largest = Math.max(...sizes);
  const edges = whole('edges', options.edges ?? Math.max(1, edgesFor(largest) - 1), 1, 256);
  const { env, onLine } = options;
  const stations = { count: largest, identity: IDENTITY, password: PASSWORD };
  const stack = await startStack({ edges, workers, control: false, env, stations, onLine });
  const done: GrowthSize[] = [];
  try {
    for (const size of sizes) {
      const heartbeatMs = (size * (1 + DEFAULTS.charging * METERS_PER_BEAT) * 1000) / rate;
      const given = { ...DEFAULTS, ...defined(options), stations: size, edges, workers, holdMs, idleMs };
      const o: Settled = {
        ...given,
        heartbeatMs: Math.round(heartbeatMs),
        meterMs: Math.round(heartbeatMs / METERS_PER_BEAT),
      };
      const one = await oneSize(o, stack, done[0]);
      done.push(one);
      options.onSize?.(one);
    }
  } catch (error) {
    throw stack.failure.aborted ? stack.failure.reason : error;
  } finally {
    await stack.stop();
  }
  return {
    format: 'sigec-growth/1',
    startedAt,
    endedAt: new Date().toISOString(),
    machine: thisMachine(),
    options: { sizes, rate, holdMs, idleMs, env },
    passed: done.every(({ faults, behind }) => faults === 0 && behind === 0),
    edges,
    workers,
    sizes: done,
  };
}

function defined({ version, timeoutMs, readyTimeoutMs, seed, onProgress, signal }: GrowthOptions) {
  const given = { version, timeoutMs, readyTimeoutMs, seed, onProgress, signal };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Settled>;
}

async function oneSize(o: Settled, stack: Stack, first: GrowthSize | undefined): Promise<GrowthSize> {
  const book = new Book(o);
  const signals = [stack.failure, ...(o.signal === undefined ? [] : [o.signal])];
  let tour: Tour | null = null;
  try {
    const processes = Math.max(availableParallelism(), Math.ceil(o.stations / MAX_PER_PROCESS));
    tour = await Tour.begin(
      loadOptions({ ...o, processes: Math.min(processes, o.stations) }, stack.url),
      book,
      signals,
    );
    const run = tour;
    book.open(stack, () => run.pids);
    await book.phase('connect', async () => ({ messages: (await run.connect()).stations.count }));
    run.check();
    // What a boot leaves to be done is done, and a first load has warmed the code of everybody.
    await run.hold(o.holdMs / 3);
    const idle = await book.phase('idle', async () => {
      await run.pause(o.idleMs);
      return { messages: 0 };
    });
    run.check();
    let behind = 0;
    const hold = await book.phase('hold', async () => {
      const load = await run.hold(o.holdMs);
      behind = load.behind;
      return { messages: load.answers, latency: load.latency, seconds: load.seconds };
    });
    run.check();
    const { faults } = await run.finish();
    const wrong = FAULTS.reduce((sum, fault) => sum + faults.counts[fault], 0);
    return figures(o.stations, idle, hold, { behind, faults: wrong }, first);
  } finally {
    book.close();
    await tour?.end();
  }
}

function figures(
  stations: number,
  idle: PhaseFigures,
  hold: PhaseFigures,
  { behind, faults }: { readonly behind: number; readonly faults: number },
  first: GrowthSize | undefined,
): GrowthSize {
  const by = (of: (party: Party) => number) =>
    Object.fromEntries(PARTIES.map((p) => [p, of(p)])) as Record<Party, number>;
  const messages = Math.max(hold.messages, 1);
  const idleCores = by((p) => idle.cpu[p] / idle.seconds);
  const cpuMicros = by((p) => (hold.cpu[p] * 1e6) / messages);
  const netMicros = by((p) => Math.max(0, ((hold.cpu[p] - idleCores[p] * hold.seconds) * 1e6) / messages));
  const servers = (micros: Readonly<Record<Party, number>>) =>
    PARTIES.reduce((sum, p) => (p === 'client' ? sum : sum + micros[p]), 0);
  const against = (now: number, then: number | undefined) => (then === undefined || then === 0 ? 1 : now / then);
  return {
    stations,
    messages: hold.messages,
    rate: hold.rate,
    latency: hold.latency!,
    behind,
    faults,
    idleCores,
    cpuMicros,
    netMicros,
    ratio: against(servers(cpuMicros), first && servers(first.cpuMicros)),
    netRatio: against(servers(netMicros), first && servers(first.netMicros)),
  };
}
