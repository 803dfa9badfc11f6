/**
 * MeterValues: 1.6 section 4.7; 2.x J01. What belongs to a running transaction counts for it, also where the charger
 * does not say so (field.md 39).
 */
import { fnv1a32 } from '@sigec/contract';
import { meter, progress, type TransactionState, takeMessage, takeValues } from '@sigec/domain';
import { define } from '../handler.js';
import type { Unit } from '../unit.js';
import { clocked, placed, type Sampled, sampled2x, sampled16 } from './samples.js';

/** Whether what was measured at that time is of the session. */
type IsOf = (open: TransactionState, at: number) => boolean;

const NAMED: IsOf = () => true;
/** Found by its EVSE only: what was measured before it began is not of it, unless its start is still to come. */
const BY_TIME: IsOf = (open, at) => at >= open.startedAt || open.flags.includes('orphan');

function record(
  unit: Unit,
  place: { readonly stationId: number; readonly evseId: number },
  data: Sampled,
  open: TransactionState | undefined,
  isOf: IsOf,
  progressed: (state: TransactionState) => TransactionState = (state) => state,
): void {
  const beside = open === undefined ? data.values : data.values.filter((value) => !isOf(open, value.sampledAt));
  unit.addMeterValues(placed(beside, { ...place, transactionId: null, connectorId: place.evseId === 0 ? 0 : 1 }));
  if (open === undefined || beside.length === data.values.length) return;
  const readings = data.readings.filter((reading) => isOf(open, reading.at));
  unit.putTransaction(progressed(clocked(meter(open, readings), data.clockBad)));
  const { id: transactionId, stationId, evseId, connectorId } = open;
  const inside = data.values.filter((value) => isOf(open, value.sampledAt));
  unit.addMeterValues(placed(inside, { transactionId, stationId, evseId, connectorId }));
}

/** 1.6 has no charging state: energy that flows is one. */
function charging(state: TransactionState): TransactionState {
  const { first, last } = state.register;
  return state.status === 'started' && first && last && last.mWh > first.mWh ? progress(state, 'charging') : state;
}

/** EVSE 0 is the main meter of the station, and of a session whose EVSE nobody told yet: those two have nothing in common. */
export function runningOn(unit: Unit, stationId: number, evseId: number): TransactionState | undefined {
  if (evseId === 0) return undefined;
  return unit.activeTransactions(stationId).findLast((t) => t.evseId === evseId);
}

export const meterValues16 = define('ocpp1.6', 'MeterValues', {
  kind: 'durable',
  needs({ stationId, payload }, needs) {
    if (payload.transactionId !== undefined) needs.transaction(stationId, String(payload.transactionId));
    needs.activeTransactions(stationId);
  },
  handle(call, unit) {
    const { stationId, payload } = call;
    const named =
      payload.transactionId === undefined ? undefined : unit.transaction(stationId, String(payload.transactionId));
    const open = named ?? runningOn(unit, stationId, payload.connectorId);
    const taken = open && takeMessage(open, fnv1a32(call.text));
    if (taken === null) return {};
    const data = sampled16(payload.meterValue, call.receivedAt);
    record(unit, { stationId, evseId: payload.connectorId }, data, taken, named ? NAMED : BY_TIME, charging);
    return {};
  },
});

export const meterValues2x = define('ocpp2.0.1', 'MeterValues', {
  kind: 'durable',
  needs: ({ stationId }, needs) => needs.activeTransactions(stationId),
  handle(call, unit) {
    const { stationId, payload } = call;
    const open = runningOn(unit, stationId, payload.evseId);
    // It has no sequence number, as the transaction's own events do.
    const taken = open && takeValues(open, fnv1a32(call.text));
    if (taken === null) return {};
    const data = sampled2x(payload.meterValue, call.receivedAt);
    record(unit, { stationId, evseId: payload.evseId }, data, taken, BY_TIME);
    return {};
  },
});
