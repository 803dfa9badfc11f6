/** The room of what one process of the swarm is told to do, and of what it tells: plain data, so that it can cross IPC. */
import type { Sparse } from '../measure/counts.js';
import type { Version } from '../ocpp/calls.js';
import type { Endpoint } from '../ws/handshake.js';

/**
 * When a station sends its next CALL. `closed`: at once after the answer. `interval`: every so often, whatever the
 * answers do; a rate over the swarm is an interval per station with its phase. `natural`: after the scenario's pauses.
 */
export type Pacing =
  | { readonly kind: 'closed' }
  | { readonly kind: 'interval'; readonly everyMs: number }
  | { readonly kind: 'natural' };

export interface SwarmPlan {
  readonly run: string;
  readonly endpoint: Endpoint;
  readonly address: string;
  /** Source addresses, used in turn; empty lets the system choose. */
  readonly sources: readonly string[];
  /** Nobody else uses these addresses: this process chooses their ports itself. */
  readonly ownPorts: boolean;
  readonly ca: string | undefined;
  readonly insecure: boolean;
  /** First station of this process, how many it holds, and how many the whole swarm has. */
  readonly from: number;
  readonly count: number;
  readonly total: number;
  /** Identities of the stations of this process, by their order. */
  readonly identities: readonly string[];
  /** As many as identities, or one for all, or none. */
  readonly passwords: readonly string[];
  /** A cycle: station n speaks `versions[n % length]`. */
  readonly versions: readonly Version[];
  /** Pattern or text, see {@link formatPattern}. */
  readonly idToken: string;
  readonly scenario: string;
  readonly scenarioOptions: ScenarioOptions;
  readonly pacing: Pacing;
  readonly boot: boolean;
  /** The server sends back what it gets; every answer must be the CALL itself. */
  readonly echo: boolean;
  readonly rampMs: number;
  readonly connectConcurrency: number;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly backoffMs: readonly [min: number, max: number];
  readonly warmupMs: number;
  /** Of a load that is not told its own time. */
  readonly durationMs: number;
  /** How often this process looks what is due; sends are planned in whole ticks. */
  readonly tickMs: number;
  /** Every n-th answer is parsed in full. */
  readonly parseEvery: number;
  readonly maxExamples: number;
  readonly maxLedgerRows: number;
  readonly seed: number;
}

export interface ScenarioOptions {
  /** Meter values of one session. */
  readonly meters: number;
  /** Milliseconds that a day takes in `mixed`. */
  readonly dayMs: number;
  /** `hold`: from heartbeat to heartbeat, from meter values to meter values, and the share of stations that charge. */
  readonly heartbeatMs: number;
  readonly meterMs: number;
  readonly charging: number;
}

export const FAULTS = [
  'callError',
  'wrongId',
  'badPayload',
  'missing',
  'late',
  'duplicate',
  'unexpectedFrame',
  'unexpectedClose',
  'refused',
  'notReady',
  'command',
] as const;

/**
 * What went wrong. `late` answers were already counted as `missing`; `refused` is an upgrade that was denied for good
 * (other than 429 and 503); `notReady` is a station that never came (back) into service.
 */
export type Fault = (typeof FAULTS)[number];

export interface FaultExample {
  readonly fault: Fault;
  readonly identity: string;
  readonly at: string;
  readonly detail: string;
}

export interface FaultReport {
  readonly counts: Readonly<Record<Fault, number>>;
  readonly examples: readonly FaultExample[];
}

/** What was acknowledged of one transaction. Energy in Wh. */
export interface LedgerRow {
  readonly station: string;
  readonly version: Version;
  /** The station's own id in 2.x, the CSMS's in 1.6. */
  readonly transactionId: string;
  readonly startAcked: boolean;
  readonly stopAcked: boolean;
  /** Acknowledged messages, start and stop included. */
  readonly messages: number;
  readonly meterStart: number;
  /** Register of the last message that was acknowledged. */
  readonly meterLast: number;
  readonly energyWh: number;
}

export interface LedgerTotals {
  transactions: number;
  started: number;
  stopped: number;
  messages: number;
  energyWh: number;
}

/** Counters of a process since it began. */
export interface Counters {
  connected: number;
  /** In service: connected, booted and set up. */
  ready: number;
  connects: number;
  reconnects: number;
  /** Attempts that failed below HTTP, or with 429 or 503, and are made again. */
  retries: number;
  sent: number;
  /** Good answers to the load, whenever they came. */
  answered: number;
  /** Good answers to the load that came within the measured time. */
  measured: number;
  inboundCalls: number;
  /** Sockets that were lost while that was expected. */
  lost: number;
  faults: number;
}

export interface Tick {
  readonly kind: 'tick';
  /** Wall time in milliseconds. */
  readonly at: number;
  readonly counters: Counters;
  /** Answers since the tick before. */
  readonly answers: number;
  readonly histogram: Sparse;
  /** Longest and mean delay of the event loop since the tick before, in milliseconds. */
  readonly lagMaxMs: number;
  readonly lagMeanMs: number;
  /** Share of time in which the loop was busy. */
  readonly utilisation: number;
}

export interface ReadyReport {
  readonly kind: 'ready';
  /** Milliseconds from the command until the last station was connected, and in service. */
  readonly connectedMs: number;
  readonly readyMs: number;
  /** Each station's own time until it was in service. */
  readonly histogram: Sparse;
}

/** What one load has found, where the swarm goes on afterwards. */
export interface RestReport {
  readonly kind: 'rested';
  readonly counters: Counters;
  /** The load by label of the action; of stations that lost their socket as was expected, apart. */
  readonly actions: Readonly<Record<string, Sparse>>;
  readonly hit: Sparse;
  readonly sendLag: Sparse;
  readonly behind: number;
  /** Stations that were hit: the time each took until it was in service again, and the wall time of the last. */
  readonly back: Sparse;
  readonly lastBackAt: number;
}

export interface DoneReport {
  readonly kind: 'done';
  readonly counters: Counters;
  readonly faults: FaultReport;
  /** The load within the measured time, by label of the action. */
  readonly actions: Readonly<Record<string, Sparse>>;
  readonly setup: Sparse;
  readonly connect: Sparse;
  /** From the intended time until the frame was written, where the station was free. */
  readonly sendLag: Sparse;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly inbound: Readonly<Record<string, number>>;
  /** Sends whose time had come, and that were not made by the end: the stations were waiting for answers. */
  readonly behind: number;
  readonly ledger: LedgerTotals;
}

export type FromSwarm =
  | Tick
  | ReadyReport
  | RestReport
  | DoneReport
  | { readonly kind: 'rows'; readonly rows: readonly LedgerRow[] }
  | { readonly kind: 'failed'; readonly message: string };

export type ToSwarm =
  | { readonly kind: 'connect'; readonly plan: SwarmPlan }
  /** @param at wall time at which the warm-up begins @param durationMs where it is not the plan's */
  | { readonly kind: 'go'; readonly at: number; readonly durationMs?: number | undefined }
  /** End the load now, let open calls be answered, stay. Answered with `rested`. */
  | { readonly kind: 'rest' }
  /** From now on a socket that is lost is no fault; until the next `rest`. */
  | { readonly kind: 'expectLosses' }
  /** Cut every socket; all come back at once. Answered with `ready`. */
  | { readonly kind: 'cut' }
  /** End the load now, let open calls be answered, close. Answered with `rows` and `done`. */
  | { readonly kind: 'finish' };

/** `%d` or `%06d` in a text becomes a number; a text without either stays itself. */
export function formatPattern(pattern: string, n: number): string {
  return pattern.replace(/%(?:0(\d+))?d/, (_all, width: string | undefined) =>
    String(n).padStart(width === undefined ? 0 : Number(width), '0'),
  );
}
