/**
 * MeterValues: 1.6 section 4.7; 2.x J01. What belongs to a running transaction counts for it, also where the charger
 * does not say so (field.md 39).
 */
import { fnv1a32 } from '@sigec/contract';
import { meter, progress, type TransactionState, takeMessage } from '@sigec/domain';
import { type Call, define } from '../handler.js';
import type { Unit } from '../unit.js';
import { placed, type Sampled, sampled2x, sampled16 } from './samples.js';

function record(
  { stationId, text }: Call<unknown>,
  unit: Unit,
  data: Sampled,
  evseId: number,
  open: TransactionState | undefined,
): void {
  let transactionId: number | null = null;
  if (open !== undefined) {
    const taken = takeMessage(open, fnv1a32(text));
    if (taken === null) return;
    transactionId = open.id;
    const metered = meter(taken, data.readings);
    unit.putTransaction(data.readings.length > 0 ? charging(metered) : metered);
  }
  const connectorId = open?.connectorId ?? (evseId === 0 ? 0 : 1);
  unit.addSamples(placed(data.samples, { transactionId, stationId, evseId: open?.evseId ?? evseId, connectorId }));
}

/** 1.6 has no charging state: energy that flows is one. */
function charging(state: TransactionState): TransactionState {
  const { first, last } = state.register;
  return state.status === 'started' && first && last && last.mWh > first.mWh ? progress(state, 'charging') : state;
}

function runningOn(unit: Unit, stationId: number, evseId: number): TransactionState | undefined {
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
    record(call, unit, sampled16(payload.meterValue, call.receivedAt), payload.connectorId, open);
    return {};
  },
});

export const meterValues2x = define('ocpp2.0.1', 'MeterValues', {
  kind: 'durable',
  needs: ({ stationId }, needs) => needs.activeTransactions(stationId),
  handle(call, unit) {
    const { stationId, payload } = call;
    const data = sampled2x(payload.meterValue, call.receivedAt);
    const open = runningOn(unit, stationId, payload.evseId);
    if (open === undefined) record(call, unit, data, payload.evseId, undefined);
    else {
      // The sequence numbers of the transaction's own events tell repetitions; here a reading that is known changes nothing.
      unit.putTransaction(meter(open, data.readings));
      const { id: transactionId, evseId, connectorId } = open;
      unit.addSamples(placed(data.samples, { transactionId, stationId, evseId, connectorId }));
    }
    return {};
  },
});
