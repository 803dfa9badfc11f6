/** CostUpdated: what a running transaction costs, shown by the station. 2.x I02. NotifyWebPaymentStarted: 2.1 C25. */
import { fromMinor, toMinor } from '@sigec/domain';
import type { RequestOf } from '@sigec/ocpp';
import { addCostUpdate, runningCost, tellEvent } from '@sigec/store';
import type { Effect } from '../../effect.js';
import { Faults } from './check.js';

export const costUpdated: Effect = {
  /** A cost that is left out is the transaction's own. */
  async fill({ services: { db }, actor, station }, payload) {
    const { totalCost, transactionId } = payload;
    if (totalCost !== undefined || typeof transactionId !== 'string') return payload;
    const running = await runningCost(db, actor, station.id, transactionId);
    return running === undefined ? payload : { ...payload, totalCost: fromMinor(running.costMinor, running.currency) };
  },
  async begin({ services: { db }, actor, station }, payload) {
    const { totalCost, transactionId } = payload as unknown as RequestOf<'ocpp2.0.1', 'CostUpdated'>;
    const faults = new Faults();
    if (totalCost < 0) faults.add('totalCost', 'must be an amount from 0').throwAny();
    const running = await runningCost(db, actor, station.id, transactionId);
    // The charger may know a transaction that we do not yet: then nothing is to be noted.
    if (running === undefined) return undefined;
    const cost = toMinor(totalCost, running.currency);
    if (cost === undefined) faults.add('totalCost', 'is too large').throwAny();
    else if (cost.rounded) faults.add('totalCost', `has more digits than ${running.currency}`).throwAny();
    const { costMinor: _, ...of } = running;
    return {
      async answered() {
        await addCostUpdate(db, actor, { ...of, costMinor: cost?.minor ?? 0 });
        return undefined;
      },
    };
  },
};

export const webPayment: Effect = {
  async begin({ services: { db }, actor, station }, payload) {
    const { evseId, timeout } = payload as unknown as RequestOf<'ocpp2.1', 'NotifyWebPaymentStarted'>;
    const faults = new Faults();
    if (evseId < 1) faults.add('evseId', 'must be at least 1');
    if (timeout < 1) faults.add('timeout', 'must be at least 1 s');
    faults.throwAny();
    return {
      async answered() {
        const told = { device_id: String(station.id), evse_id: evseId, timeout_s: timeout };
        await tellEvent(db, actor.tenantId, 'web-payment.started', told);
        return undefined;
      },
    };
  },
};
