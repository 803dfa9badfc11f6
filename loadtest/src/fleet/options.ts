/** The room of what a fleet's run is told, and of how many processes that takes. */
import { OptionError, whole } from '../run/options.js';
import type { Progress } from '../run/progress.js';
import type { PhaseFigures } from './result.js';

/** All times in milliseconds. */
export interface FleetOptions {
  readonly stations: number;
  /** Default: as many as hold all stations without one of them, at {@link PER_EDGE} each. */
  readonly edges?: number | undefined;
  /** Default 1. */
  readonly workers?: number | undefined;
  /** Processes of the swarm; 0 is none of its own. */
  readonly processes?: number | undefined;
  /** Default `1.6:50,2.0.1:30,2.1:20`. */
  readonly version?: string | undefined;
  /** From the servers being ready until it is looked what they use without a station. Default 5 s. */
  readonly settleMs?: number | undefined;
  /** How long nobody says anything, before memory is measured. Default 20 s. */
  readonly idleMs?: number | undefined;
  /** Commands per second, and for how long. Defaults 50 and 10 s. */
  readonly commandRate?: number | undefined;
  readonly commandsMs?: number | undefined;
  /** Default 60 s. */
  readonly holdMs?: number | undefined;
  /** From heartbeat to heartbeat of a station; from meter values to meter values. Defaults 60 s and 30 s. */
  readonly heartbeatMs?: number | undefined;
  readonly meterMs?: number | undefined;
  /** Share of stations that charge. Default 0.2. */
  readonly charging?: number | undefined;
  /** How long the fleet is held after the chargers of the killed edge are back. Default 5 s. */
  readonly afterKillMs?: number | undefined;
  readonly connectConcurrency?: number | undefined;
  /** How long an answer may take. Default 60 s. */
  readonly timeoutMs?: number | undefined;
  /** How long all stations may take to come (back) into service. Default 15 min. */
  readonly readyTimeoutMs?: number | undefined;
  readonly seed?: number | undefined;
  /** Further configuration of the product. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Arguments of node for edges and workers, e.g. `--cpu-prof`. */
  readonly edgeArgs?: readonly string[] | undefined;
  readonly workerArgs?: readonly string[] | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** A phase is over. */
  readonly onPhase?: ((phase: PhaseFigures) => void) | undefined;
  /** What the product's processes say. */
  readonly onLine?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Chargers an edge is planned to hold: 18,000 is what it takes, and the kernel spreads them not quite evenly. */
export const PER_EDGE = 17_000;
const MAX_STATIONS = 1_000_000;
/** Handshakes under way at once, over all processes: what the edges' listen queues hold without dropping any. */
const HANDSHAKES = 3000;
const MIN_HANDSHAKES = 50;

export const DEFAULTS = {
  version: '1.6:50,2.0.1:30,2.1:20',
  workers: 1,
  settleMs: 5_000,
  idleMs: 20_000,
  commandRate: 50,
  commandsMs: 10_000,
  holdMs: 60_000,
  heartbeatMs: 60_000,
  meterMs: 30_000,
  charging: 0.2,
  afterKillMs: 5_000,
  timeoutMs: 60_000,
  readyTimeoutMs: 900_000,
  seed: 1,
} as const;

export type Settled = FleetOptions & { readonly [K in keyof typeof DEFAULTS]: NonNullable<FleetOptions[K]> } & {
  readonly edges: number;
};

/** With every default. @throws {OptionError} that names what cannot be */
export function settled(options: FleetOptions): Settled {
  whole('stations', options.stations, 2, MAX_STATIONS);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as FleetOptions;
  const edges = options.edges ?? edgesFor(options.stations);
  whole('edges', edges, 2, 256);
  if ((edges - 1) * PER_EDGE < options.stations)
    throw new OptionError(
      `edges: ${options.stations} stations need ${edgesFor(options.stations)}, so that one of them may die`,
    );
  const all = { ...DEFAULTS, ...given, edges };
  whole('workers', all.workers, 1, 64);
  return all;
}

/** One edge more than hold all stations: one of them is going to be killed. */
export function edgesFor(stations: number): number {
  return Math.ceil(stations / PER_EDGE) + 1;
}

/** Handshakes under way at once in each process of the swarm. */
export function handshakesOf(processes: number, asked: number | undefined): number {
  return asked ?? Math.max(MIN_HANDSHAKES, Math.floor(HANDSHAKES / Math.max(processes, 1)));
}
