/** The room of what a run has found: the JSON file, and what the report is drawn from. Latencies in milliseconds. */
import type { Latency } from '../measure/latency.js';
import type { ProcessFigures } from '../measure/processes.js';
import type { FaultReport, LedgerRow, LedgerTotals } from '../swarm/plan.js';
import type { Machine } from './machine.js';
import type { Series } from './series.js';

export interface StormRound {
  /** Until the last socket was open, and until the last station was in service; null where some never were. */
  readonly connectedMs: number | null;
  readonly readyMs: number | null;
  /** Each station's own time. */
  readonly stations: Latency;
}

export interface LoadResult {
  readonly format: 'sigec-loadtest/1';
  readonly startedAt: string;
  readonly endedAt: string;
  readonly machine: Machine;
  /** What was asked for, without secrets. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly passed: boolean;
  readonly scenario: string;
  readonly pacing: string;
  readonly stations: {
    readonly asked: number;
    readonly ready: number;
    readonly processes: number;
    readonly sources: number;
    /** From the first connect until the last station was in service; null where some never were. */
    readonly readyMs: number | null;
  };
  /** Good answers within the measured time. */
  readonly load: {
    readonly seconds: number;
    readonly answers: number;
    readonly rate: number;
    readonly targetRate: number | null;
    /** Sends whose time had come but that could not be made, as their stations waited. */
    readonly behind: number;
    readonly sent: number;
    readonly retries: number;
    readonly reconnects: number;
  };
  readonly latency: Latency;
  readonly actions: Readonly<Record<string, Latency>>;
  readonly setup: Latency;
  readonly connect: Latency;
  /** How late the harness itself was. */
  readonly sendLag: Latency;
  readonly faults: FaultReport;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly inbound: Readonly<Record<string, number>>;
  readonly storm?: readonly StormRound[];
  readonly ledger?: {
    readonly totals: LedgerTotals;
    /** There were more transactions than rows were kept. */
    readonly truncated: boolean;
    readonly transactions: readonly LedgerRow[];
  };
  readonly series: Series;
  readonly processes: { readonly second: readonly number[]; readonly all: readonly ProcessFigures[] };
  /** The load's latencies as HdrHistogram's compressed text; microseconds. */
  readonly histogram: string;
}
