/** The room of what a fleet's run has found: fleet.json, and what its report is drawn from. */
import type { Latency } from '../measure/latency.js';
import type { Machine } from '../run/machine.js';
import type { FleetPhase } from '../run/progress.js';
import type { Series } from '../run/series.js';
import type { Group } from '../stack/usage.js';
import type { FaultReport, LedgerTotals } from '../swarm/plan.js';

/** A role or server with all its processes, or the swarm. */
export type Party = Group | 'client';

export interface PhaseFigures {
  readonly name: FleetPhase;
  /** Seconds since the run began. */
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  /** What was answered in it: CALLs of the load, commands, or stations that came into service. */
  readonly messages: number;
  readonly rate: number;
  /** Milliseconds; of the messages. */
  readonly latency: Latency | null;
  readonly actions: Readonly<Record<string, Latency>>;
  /** Processor seconds, and microseconds per message. */
  readonly cpu: Readonly<Record<Party, number>>;
  readonly cpuMicros: Readonly<Record<Party, number | null>>;
  /** At its end. */
  readonly rssBytes: Readonly<Record<Party, number>>;
  /** Memory that the machine has left, kernel and caches counted as the kernel does. */
  readonly availableBytes: number;
  /** What this phase alone knows, by the names of {@link Facts}. */
  readonly facts: Readonly<Partial<Record<Fact, number>>>;
}

export const FACTS = [
  'edges',
  'workers',
  'connectedSeconds',
  'readySeconds',
  'fullestEdge',
  'bytesPerCharger',
  'natsBytesPerCharger',
  'otherBytesPerCharger',
  'clientBytesPerCharger',
  'targetRate',
  'behind',
  'clientLagP99',
  'sessions',
  'lost',
  'hitAnswers',
  'hitP99',
  'backP50',
  'backP99',
  'online',
  'onlineByRest',
  'restSeconds',
  'transactions',
  'energyWh',
] as const;
export type Fact = (typeof FACTS)[number];

export const CHECKS = [
  'allConnected',
  'idleHeld',
  'commandsAnswered',
  'holdAnswered',
  'allBackAfterCut',
  'onlyThatEdge',
  'allBackAfterKill',
  'onlineInDatabase',
  'onlineByRest',
  'ledger',
  'noFault',
] as const;
export type Check = (typeof CHECKS)[number];

export interface CheckResult {
  readonly check: Check;
  readonly passed: boolean;
  /** What was seen, and what was expected. */
  readonly detail: string;
}

/** One group over the whole run. */
export interface PartySeries {
  readonly name: Party;
  readonly role: 'server' | 'harness';
  /** Cores; memory in bytes. */
  readonly cpu: (number | null)[];
  readonly rssBytes: (number | null)[];
}

export interface FleetResult {
  readonly format: 'sigec-fleet/1';
  readonly startedAt: string;
  readonly endedAt: string;
  readonly machine: Machine;
  readonly options: Readonly<Record<string, unknown>>;
  readonly passed: boolean;
  readonly stations: number;
  readonly edges: number;
  readonly workers: number;
  readonly processes: number;
  readonly checks: readonly CheckResult[];
  readonly phases: readonly PhaseFigures[];
  readonly faults: FaultReport;
  readonly ledger: LedgerTotals;
  readonly retries: number;
  readonly series: Series;
  readonly groups: { readonly second: readonly number[]; readonly all: readonly PartySeries[] };
}
