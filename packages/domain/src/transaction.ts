/** A charging transaction as plain data, and the steps that move it. Every step may arrive late, twice or never. */
import { EMPTY_REGISTER, energyOf, foldReading, type RegisterReading, type RegisterState } from './meter.js';
import { hasSeen, markSeen, rememberMessage } from './seen.js';
import { costMinorOf, energyCostMinor } from './tariff/cost.js';
import { MAX_TIME_MS } from './tariff/spend.js';
import { isFlat, isTimed, type Tariff } from './tariff/tariff.js';
import { EMPTY_USAGE, type FlowPoint, foldFlow, foldUsage, type Usage } from './tariff/usage.js';

/** started: known, no energy flows yet; suspended: by EV or EVSE; stopped: the charger said stop; completed: final. */
export type TransactionStatus = 'started' | 'charging' | 'suspended' | 'stopped' | 'completed';

/**
 * orphan: its start never came (field.md 30); clock: the charger's time was unusable (26); others of {@link energyOf}.
 * unauthorized: the charger began it although the token was refused; stopped_by_other: by a token that is neither the one
 * that began it nor of its group.
 */
export type TransactionFlag =
  | 'orphan'
  | 'clock'
  | 'unauthorized'
  | 'stopped_by_other'
  | 'register_jump'
  | 'register_backwards'
  | 'closed_by_rule';

/** The fold of a session's samples. `usage` is there where its tariff asks when energy flowed, and only there. */
export type SessionRegister = RegisterState & { readonly usage?: Usage };

export interface TransactionState {
  readonly id: number;
  readonly tenantId: number;
  readonly stationId: number;
  readonly evseId: number;
  readonly connectorId: number;
  readonly version: string;
  /** The charger's name for it: 1.6 the number we gave, as text; 2.x its own. */
  readonly ocppTransactionId: string;
  /** 1.6 natural key of the start (or of an orphan stop), null in 2.x. */
  readonly startKey: string | null;
  readonly idToken: string | null;
  readonly userId: string | null;
  readonly remoteStartId: number | null;
  readonly status: TransactionStatus;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly stopReason: string | null;
  readonly register: SessionRegister;
  readonly seen: string;
  readonly flags: readonly TransactionFlag[];
  readonly tariff: Tariff;
}

export interface NewTransaction
  extends Pick<
    TransactionState,
    | 'id'
    | 'tenantId'
    | 'stationId'
    | 'evseId'
    | 'connectorId'
    | 'version'
    | 'ocppTransactionId'
    | 'startedAt'
    | 'tariff'
  > {
  readonly startKey?: string | null;
  readonly idToken?: string | null;
  readonly userId?: string | null;
  readonly remoteStartId?: number | null;
  readonly flags?: readonly TransactionFlag[];
}

export function openTransaction(start: NewTransaction): TransactionState {
  return {
    startKey: null,
    idToken: null,
    userId: null,
    remoteStartId: null,
    flags: [],
    ...start,
    status: 'started',
    endedAt: null,
    stopReason: null,
    register: EMPTY_REGISTER,
    seen: '',
  };
}

/** Adds readings of the energy register. A transaction that begins to draw energy is charging. */
export function meter(state: TransactionState, readings: readonly RegisterReading[]): TransactionState {
  if (readings.length === 0) return state;
  const folded = readings.reduce(foldReading, state.register);
  const register = isTimed(state.tariff) ? { ...folded, usage: usageOf(state, readings) } : folded;
  const noted = energyOf(register).flags;
  if (noted.length === 0) return { ...state, register };
  const flags = withFlags(
    state.flags,
    noted.filter((flag) => flag !== 'no_readings'),
  );
  return { ...state, register, flags };
}

function usageOf({ register, tariff }: TransactionState, readings: readonly RegisterReading[]): Usage {
  return readings.reduce((usage, reading) => foldUsage(usage, reading, tariff), register.usage ?? EMPTY_USAGE);
}

/** Takes what the charger said of the flow of energy. Only a tariff that bills time has a use for it. */
export function flowed(state: TransactionState, point: FlowPoint): TransactionState {
  if (!isTimed(state.tariff)) return state;
  const before = state.register.usage ?? EMPTY_USAGE;
  const usage = foldFlow(before, point);
  return usage === before ? state : { ...state, register: { ...state.register, usage } };
}

/** Moves the status while the transaction runs; the end is final and no late event reopens it. */
export function progress(
  state: TransactionState,
  status: 'started' | 'charging' | 'suspended' | 'stopped',
): TransactionState {
  return state.endedAt !== null || state.status === status ? state : { ...state, status };
}

/** Ends it. A stop that comes again, or later than one made by rule, keeps the end the charger itself told. */
export function endTransaction(state: TransactionState, at: number, reason: string | null): TransactionState {
  const byRule = state.flags.includes('closed_by_rule');
  if (state.endedAt !== null && !byRule) return state;
  const endedAt = Math.max(at, state.startedAt);
  const flags = state.flags.filter((flag) => flag !== 'closed_by_rule');
  const unbilled = isTimed(state.tariff) && endedAt - state.startedAt > MAX_TIME_MS;
  return {
    ...state,
    status: 'completed',
    endedAt,
    stopReason: reason,
    flags: unbilled ? withFlags(flags, ['clock']) : flags,
  };
}

/** Takes a 2.x sequence number; null where it was taken before. */
export function takeSeqNo(state: TransactionState, seqNo: number): TransactionState | null {
  const { seen } = state;
  const bar = seen.indexOf(VALUES);
  if (bar < 0) return hasSeen(seen, seqNo) ? null : { ...state, seen: markSeen(seen, seqNo) };
  const numbers = seen.slice(0, bar);
  return hasSeen(numbers, seqNo) ? null : { ...state, seen: markSeen(numbers, seqNo) + seen.slice(bar) };
}

/** What stands behind it in 2.x are the hashes of MeterValues, which have no number. */
const VALUES = '|';

/** Takes a MeterValues of 2.x that came beside the events, by the hash of its content; null where it was taken before. */
export function takeValues(state: TransactionState, hash: number): TransactionState | null {
  const bar = state.seen.indexOf(VALUES);
  const numbers = bar < 0 ? state.seen : state.seen.slice(0, bar);
  const taken = rememberMessage(bar < 0 ? '' : state.seen.slice(bar + 1), hash);
  return taken === null ? null : { ...state, seen: `${numbers}${VALUES}${taken}` };
}

/** Takes a 1.6 message by the hash of its content; null where it was taken before. */
export function takeMessage(state: TransactionState, hash: number): TransactionState | null {
  const seen = rememberMessage(state.seen, hash);
  return seen === null ? null : { ...state, seen };
}

/** Closes a transaction that cannot be running any more: another began on its connector (field.md 29). */
export function closeByRule(state: TransactionState, at: number): TransactionState {
  if (state.endedAt !== null) return state;
  const end = state.register.last?.at ?? at;
  return { ...endTransaction(state, Math.min(end, at), 'Other'), flags: withFlags(state.flags, ['closed_by_rule']) };
}

export function withFlags<F extends string>(flags: readonly F[], more: readonly F[]): readonly F[] {
  const fresh = more.filter((flag) => !flags.includes(flag));
  return fresh.length === 0 ? flags : [...flags, ...fresh];
}

/** Energy and cost of a transaction as they stand. */
export function totalsOf(state: Pick<TransactionState, 'register' | 'tariff' | 'startedAt' | 'endedAt'>): {
  energyMWh: number;
  costMinor: number;
  startMWh: number | null;
  stopMWh: number | null;
} {
  const { energyMWh, startMWh, stopMWh } = energyOf(state.register);
  const { tariff } = state;
  const costMinor = isFlat(tariff) ? energyCostMinor(tariff, energyMWh) : costMinorOf(state, tariff);
  return { energyMWh, startMWh, stopMWh, costMinor };
}
