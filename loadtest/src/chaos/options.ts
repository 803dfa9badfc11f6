/** The room of what a chaos run is told. */
import { OptionError, versionCycle, whole } from '../run/options.js';
import type { FaultReport } from './result.js';
import { checkFaults, type Outage } from './schedule.js';

/** All times in milliseconds. */
export interface ChaosOptions {
  readonly seed?: number | undefined;
  /** Default 200. */
  readonly stations?: number | undefined;
  /** Of the schedule of faults; starting and settling come on top. Default 60 s. */
  readonly durationMs?: number | undefined;
  /** From fault to fault, on average. Default 4 s. */
  readonly everyMs?: number | undefined;
  /** Kinds, or `kind:target`; default all. */
  readonly faults?: readonly string[] | undefined;
  /** Instead of a schedule: servers that are away for long, one after the other. */
  readonly outages?: readonly Outage[] | undefined;
  /** Default 2 each. */
  readonly edges?: number | undefined;
  readonly workers?: number | undefined;
  /** Default `1.6:50,2.0.1:30,2.1:20`. */
  readonly version?: string | undefined;
  /** Commands per second through REST. Default 2. */
  readonly commandRate?: number | undefined;
  /** The longest time that the schedule leaves nobody a way to an answer. Default 15 s. */
  readonly maxHopelessMs?: number | undefined;
  /** How long chargers may take to say all they kept, after everything was healed. Default 90 s. */
  readonly settleMs?: number | undefined;
  /** Settings of PostgreSQL, e.g. `synchronous_commit: 'off'`, with which the ledger must fail. */
  readonly postgres?: Readonly<Record<string, string>> | undefined;
  /** Further configuration of the product. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly onFault?: ((fault: FaultReport) => void) | undefined;
  readonly onNote?: ((text: string) => void) | undefined;
  readonly onProgress?: ((progress: ChaosProgress) => void) | undefined;
  /** What the product's processes say. */
  readonly onLine?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ChaosProgress {
  readonly phase: 'chaos' | 'settling';
  readonly seconds: number;
  readonly stations: number;
  readonly connected: number;
  readonly acked: number;
  readonly waiting: number;
}

export const DEFAULTS = {
  seed: 1,
  stations: 200,
  durationMs: 60_000,
  everyMs: 4000,
  edges: 2,
  workers: 2,
  version: '1.6:50,2.0.1:30,2.1:20',
  commandRate: 2,
  maxHopelessMs: 15_000,
  settleMs: 90_000,
} as const;

export type Settled = ChaosOptions & { readonly [K in keyof typeof DEFAULTS]: NonNullable<ChaosOptions[K]> };

/** With every default. @throws {OptionError} that names what cannot be */
export function settled(options: ChaosOptions): Settled {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as ChaosOptions;
  const all = { ...DEFAULTS, ...given };
  whole('stations', all.stations, 1, 5000);
  whole('edges', all.edges, 1, 16);
  whole('workers', all.workers, 1, 16);
  whole('duration', all.durationMs, 1000, 24 * 3_600_000);
  whole('every', all.everyMs, 100, 3_600_000);
  versionCycle(all.version);
  try {
    checkFaults(all.faults);
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
  return all;
}
