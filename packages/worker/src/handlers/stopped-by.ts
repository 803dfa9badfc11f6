/** A stop by a token: the one that began the session, another of its group, or a stranger (1.6 4.10, 2.x C09). */
import { idTokenKey, mayStop, type TransactionState, withFlags } from '@sigec/domain';
import type { Needs } from '../needs.js';
import type { Unit } from '../unit.js';

/** States that a stop by a token will be judged. */
export function needsStarter(needs: Needs, stationId: number, ocppTransactionId: string): void {
  needs.look('startGroup', { stationId, ocppTransactionId });
}

/**
 * What the charger has done cannot be undone: a stranger's stop ends the session, and billing is told.
 * @param value the token that stopped
 * @param byMaster whether the charger knows it for a master of all sessions (2.x C16)
 */
export function stoppedBy(unit: Unit, state: TransactionState, value: string, byMaster: boolean): TransactionState {
  const { stationId, ocppTransactionId, idToken } = state;
  if (idToken === null || idTokenKey(idToken) === idTokenKey(value)) return state;
  unit.add('transactionDetail', { transactionId: state.id, stopToken: value });
  const began = unit.found('startGroup', { stationId, ocppTransactionId }) ?? unit.idToken(stationId, idToken);
  const starter = { value: idToken, groupId: began?.groupId ?? null };
  const stopper = { value, groupId: unit.idToken(stationId, value)?.groupId ?? null };
  if (byMaster || mayStop(starter, stopper)) return state;
  return { ...state, flags: withFlags(state.flags, ['stopped_by_other']) };
}
