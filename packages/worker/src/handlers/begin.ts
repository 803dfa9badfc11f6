/** What every start of a transaction does, whichever version told of it. */
import { closeByRule, type NewTransaction, openTransaction, type TransactionState } from '@sigec/domain';
import type { Call } from '../handler.js';
import type { Unit } from '../unit.js';

type Details = Omit<NewTransaction, 'id' | 'tenantId' | 'stationId' | 'version' | 'tariff' | 'ocppTransactionId'>;

/**
 * Opens a transaction under the tariff that holds for its place at this moment.
 * @param ocppTransactionId the charger's name for it; where it is made from our own number, a function of that
 */
export function begin(
  call: Call<unknown>,
  unit: Unit,
  ocppTransactionId: string | ((id: number) => string),
  details: Details,
): TransactionState {
  const id = unit.takeTransactionId();
  return openTransaction({
    ...details,
    id,
    tenantId: unit.station(call.stationId).tenantId,
    stationId: call.stationId,
    version: call.version,
    ocppTransactionId: typeof ocppTransactionId === 'string' ? ocppTransactionId : ocppTransactionId(id),
    tariff: unit.tariffAt(call.stationId, details.evseId),
  });
}

/** A connector gives one session at a time: what still runs there from before can only be a lost stop (field.md 29). */
export function closeForgotten(unit: Unit, fresh: TransactionState): void {
  for (const other of unit.activeTransactions(fresh.stationId)) {
    const samePlace = other.evseId === fresh.evseId && other.connectorId === fresh.connectorId;
    if (other.id !== fresh.id && samePlace && other.startedAt <= fresh.startedAt)
      unit.putTransaction(closeByRule(other, fresh.startedAt));
  }
}
