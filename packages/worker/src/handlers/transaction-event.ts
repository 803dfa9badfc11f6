/**
 * TransactionEvent (2.x E01-E15). Each seqNo counts once; events may come late, out of order, or without their start,
 * and the answer to a repeated one is the same.
 */
import {
  endTransaction,
  type Flow,
  flowed,
  fromMinor,
  meter,
  progress,
  type TransactionState,
  takeSeqNo,
  totalsOf,
} from '@sigec/domain';
import { parseTimestamp, type RequestOf } from '@sigec/ocpp';
import { type Call, define } from '../handler.js';
import type { Unit } from '../unit.js';
import { needsReservation, useReservation } from './authorisation/reservations.js';
import { begin, closeForgotten } from './begin.js';
import { type Authorization, authorizeValue, idTokenInfo, type Purpose } from './id-token.js';
import { clocked, placed, sampled2x } from './samples.js';
import { needsStarter, stoppedBy } from './stopped-by.js';
import { noteDetail } from './transaction-detail.js';

type Event = RequestOf<'ocpp2.0.1', 'TransactionEvent'>;

/** Where it happens. An event may leave the EVSE out once the start told it (E02.FR.01), so 0 means not known yet. */
function placeOf({ evse }: Event): { evseId: number; connectorId: number } | undefined {
  return evse === undefined ? undefined : { evseId: evse.id, connectorId: evse.connectorId ?? 1 };
}

function open(call: Call<Event>, unit: Unit, startedAt: number): TransactionState {
  const { payload } = call;
  return begin(call, unit, payload.transactionInfo.transactionId, {
    ...(placeOf(payload) ?? { evseId: 0, connectorId: 0 }),
    startedAt,
    // Without its start it is provisional; the start may still come (field.md 30).
    flags: payload.eventType === 'Started' ? [] : ['orphan'],
  });
}

/** What the event says of the transaction itself, whatever its type. */
function learn(state: TransactionState, payload: Event, authorization: Authorization | null): TransactionState {
  const place = state.evseId === 0 ? placeOf(payload) : undefined;
  const idToken = payload.idToken?.idToken;
  const unauthorized = authorization !== null && authorization.verdict !== 'Accepted' && !stops(payload);
  // Most events tell nothing but what was measured.
  const told = payload.transactionInfo.remoteStartId ?? state.remoteStartId;
  if (place === undefined && authorization === null && told === state.remoteStartId) return state;
  return {
    ...state,
    ...place,
    // The first token is whose session it is; another one may only stop it.
    idToken: state.idToken ?? (idToken || null),
    userId: state.userId ?? authorization?.token?.userId ?? null,
    remoteStartId: state.remoteStartId ?? payload.transactionInfo.remoteStartId ?? null,
    flags: unauthorized && state.idToken === null ? [...state.flags, 'unauthorized'] : state.flags,
  };
}

function started(state: TransactionState, at: number): TransactionState {
  return { ...state, startedAt: at, flags: state.flags.filter((flag) => flag !== 'orphan') };
}

function chargingState(state: TransactionState, chargingState: string | undefined): TransactionState {
  switch (chargingState) {
    case 'Charging':
      return progress(state, 'charging');
    case 'SuspendedEV':
    case 'SuspendedEVSE':
      return progress(state, 'suspended');
    // The cable is in but nothing flows: before the first charging that is a start, after it a stop.
    case 'EVConnected':
    case 'Idle':
      return state.status === 'started' ? state : progress(state, 'stopped');
    default:
      return state;
  }
}

/** What its words mean for a tariff that bills time: an EVSE that holds back is not the driver's doing (2.x E02). */
const FLOWS: Readonly<Record<string, Flow>> = {
  Charging: 'charging',
  SuspendedEV: 'idle',
  EVConnected: 'idle',
  SuspendedEVSE: 'paused',
  Idle: 'paused',
};

function flow(state: TransactionState, { transactionInfo, seqNo, eventType, triggerReason }: Event, at: number) {
  const told = FLOWS[transactionInfo.chargingState ?? ''];
  if (told === undefined) return state;
  const changed = eventType !== 'Updated' || triggerReason === 'ChargingStateChanged';
  return flowed(state, { at, flow: told, order: seqNo, changed });
}

/** Whether the token was shown to stop: then it needs to be good for that only (C09). */
const stops = ({ eventType, triggerReason }: Event): boolean =>
  eventType === 'Ended' || triggerReason === 'StopAuthorized';

function purposeOf(payload: Event, known: TransactionState | undefined): Purpose {
  if (stops(payload)) return { of: 'stop' };
  const place = placeOf(payload) ?? { evseId: known?.evseId ?? 0, connectorId: known?.connectorId ?? 0 };
  return { of: 'start', ...place, ...(known && { known }) };
}

/**
 * The final cost stands in the answer to the end (I03.FR.02); free of charge is told as 0. In 2.1 the cost so far stands in
 * every answer while it runs (I02); to 2.0.1 that would be the end, and CostUpdated tells it.
 */
function answer({ version, payload }: Call<Event>, authorization: Authorization | null, state: TransactionState) {
  const { eventType } = payload;
  return {
    ...(authorization && { idTokenInfo: idTokenInfo(authorization) }),
    ...((eventType === 'Ended' || (eventType === 'Updated' && version === 'ocpp2.1')) && {
      totalCost: fromMinor(totalsOf(state).costMinor, state.tariff.currency),
    }),
  };
}

export const transactionEvent2x = define('ocpp2.0.1', 'TransactionEvent', {
  kind: 'durable',
  needs({ stationId, payload }, needs) {
    const { transactionId } = payload.transactionInfo;
    needs.transaction(stationId, transactionId);
    if (payload.idToken) {
      needs.idToken(stationId, payload.idToken.idToken);
      if (stops(payload)) needsStarter(needs, stationId, transactionId);
    }
    needsReservation(needs, stationId, payload.reservationId);
    if (payload.eventType === 'Started') needs.activeTransactions(stationId);
    needs.newTransaction(stationId, transactionId);
  },
  handle(call, unit) {
    const { stationId, payload, receivedAt } = call;
    const known = unit.transaction(stationId, payload.transactionInfo.transactionId);
    const authorization = payload.idToken
      ? authorizeValue(unit, stationId, payload.idToken.idToken, purposeOf(payload, known), payload.idToken.type)
      : null;

    const time = parseTimestamp(payload.timestamp, receivedAt);
    const before = known ?? open(call, unit, time.ms);
    const taken = takeSeqNo(before, payload.seqNo);
    if (taken === null) return answer(call, authorization, before);

    let state = learn(taken, payload, authorization);
    if (payload.eventType === 'Started') {
      state = started(state, time.ms);
      closeForgotten(unit, state);
    }
    const data = sampled2x(payload.meterValue ?? [], receivedAt);
    state = flow(meter(state, data.readings), payload, time.ms);
    const { stoppedReason } = payload.transactionInfo;
    if (payload.idToken && stops(payload))
      state = stoppedBy(unit, state, payload.idToken.idToken, stoppedReason === 'MasterPass');
    state =
      payload.eventType === 'Ended'
        ? endTransaction(state, time.ms, stoppedReason ?? 'Local')
        : chargingState(state, payload.transactionInfo.chargingState);
    state = clocked(state, data.clockBad || time.quality === 'server_time');
    unit.putTransaction(state);
    noteDetail(unit, state, payload);
    useReservation(unit, stationId, payload.reservationId, state.id);
    const { id: transactionId, evseId, connectorId } = state;
    unit.addMeterValues(placed(data.values, { transactionId, stationId, evseId, connectorId }));
    return answer(call, authorization, state);
  },
});
