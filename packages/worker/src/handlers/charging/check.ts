/** What handlers of smart charging check alike before they change anything. */
import { fnv1a32 } from '@sigec/contract';
import type { ChargingProfile, CompositePlace, TransactionState } from '@sigec/domain';
import type { EvChargingState } from '@sigec/store';
import { type Call, CallRefused } from '../../handler.js';
import type { Unit } from '../../unit.js';
import { requireWhole } from '../../whole.js';

/** What tells a repetition from news. */
export const contentOf = (call: Call<unknown>): number => fnv1a32(call.text);

export function requireStorable({ id, stackLevel }: ChargingProfile): void {
  requireWhole('chargingProfile.id', id);
  requireWhole('chargingProfile.stackLevel', stackLevel);
}

/**
 * A station that has told of its EVSEs has no others; of one that has told nothing nobody knows.
 * @throws {CallRefused} for an EVSE that does not exist
 */
export function requireEvse({ stationId }: Call<unknown>, unit: Unit, evseId: number): void {
  const known = unit.found('stationEvses', { stationId }) ?? [];
  if (known.length > 0 && !known.includes(evseId)) throw new CallRefused('property', 'evseId: no such EVSE');
}

/** The transaction that runs at an EVSE, the newest where there are more. */
export function runningAt(unit: Unit, stationId: number, evseId: number): TransactionState | undefined {
  return unit.activeTransactions(stationId).findLast((transaction) => transaction.evseId === evseId);
}

/** The place of an EVSE for what is expected of it. */
export function placeOf(unit: Unit, stationId: number, evseId: number): CompositePlace {
  const transaction = runningAt(unit, stationId, evseId);
  const abilities = unit.found('chargingAbility', { stationId }) ?? {};
  const ability = { ...abilities['0'], ...abilities[String(evseId)] };
  const transactionId = transaction?.ocppTransactionId ?? null;
  const prioritised = unit.found('prioritised', { stationId }) ?? [];
  return {
    evseId,
    transactionId,
    startedAt: transaction?.startedAt ?? null,
    priority: transactionId !== null && prioritised.includes(transactionId),
    maxPowerW: abilities[String(evseId)]?.maxPowerW ?? null,
    voltageV: ability.voltageV ?? null,
    phases: ability.phases ?? null,
  };
}

/** What is known of the vehicle at an EVSE. */
export function vehicleAt(unit: Unit, stationId: number, evseId: number): EvChargingState {
  return unit.found('evCharging', { stationId, evseId }) ?? { needs: null, schedule: null };
}
