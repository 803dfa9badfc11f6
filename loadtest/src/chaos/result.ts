/** The room of what a chaos run has found. */
import type { Machine } from '../run/machine.js';
import type { Fault } from './faults.js';
import type { LedgerTotals, Violation } from './ledger.js';
import type { ChaosOptions } from './options.js';
import type { Recovery } from './recovery.js';

/** A fault as it was injected. */
export interface FaultReport extends Fault {
  /** Since the schedule began, ms; when it was undone and its target whole again. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly recovery: Recovery | null;
}

export interface ChaosResult {
  readonly format: 'sigec-chaos/1';
  readonly startedAt: string;
  readonly endedAt: string;
  readonly machine: Machine;
  readonly options: Omit<ChaosOptions, 'onFault' | 'onNote' | 'onProgress' | 'onLine' | 'signal'>;
  /** Makes it again. */
  readonly command: string;
  readonly passed: boolean;
  readonly faults: readonly FaultReport[];
  /** Faults that this machine cannot simulate, and why. */
  readonly notSimulated: readonly string[];
  /** What was noted beside the faults, e.g. a start that had to be tried again. */
  readonly notes: readonly string[];
  readonly ledger: LedgerTotals;
  /** How many commands ended how: HTTP status and code. */
  readonly commandEnds: Readonly<Record<string, number>>;
  /** Answers that chargers got, and messages that they had to send again. */
  readonly resent: number;
  /** Open sockets that somebody else than their charger closed: the product, or a fault of the link. */
  readonly socketsClosed: number;
  /** From everything healed until no charger had anything left to say, and until presence was true, s; null: never. */
  readonly settledSeconds: number | null;
  readonly presenceSeconds: number | null;
  /** All of them, up to a bound. */
  readonly violations: readonly Violation[];
  /** By kind. */
  readonly violationCounts: Readonly<Record<string, number>>;
}
