/** NotifyPriorityCharging (2.1 K21): priority was asked for, or given up, at the station itself. */
import { CallRefused, define } from '../../handler.js';

export const notifyPriorityCharging21 = define('ocpp2.1', 'NotifyPriorityCharging', {
  kind: 'durable',
  needs({ stationId, payload: { transactionId } }, needs) {
    needs.transaction(stationId, transactionId);
    needs.look('priorityCharging', { stationId, transactionId });
  },
  handle({ stationId, payload, receivedAt }, unit) {
    const { transactionId, activated: active } = payload;
    const transaction = unit.transaction(stationId, transactionId);
    if (transaction === undefined) throw new CallRefused('property', 'transactionId: no such transaction');
    const key = { stationId, transactionId };
    const before = unit.found('priorityCharging', key);
    if (before?.active === active && before.source === 'station') return {};
    unit.know('priorityCharging', key, { active, source: 'station' });
    const { tenantId } = unit.station(stationId);
    unit.add('priorityCharging', {
      ...{ stationId, tenantId, ocppTransactionId: transactionId, active, answer: null, changedAt: receivedAt },
      source: 'station',
    });
    unit.tell(stationId, 'priority_charging.changed', {
      transaction_id: String(transaction.id),
      ocpp_transaction_id: transactionId,
      evse_id: transaction.evseId,
      active,
      source: 'station',
    });
    return {};
  },
});
