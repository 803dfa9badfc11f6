/** RequestBatterySwap: the swap is noted before it is asked for; the batteries come in BatterySwap. 2.1 S01. */
import type { RequestOf } from '@sigec/ocpp';
import { nextRequestId, openSwap, settleSwap } from '@sigec/store';
import { mayHaveArrived } from '../../dispatch.js';
import type { Effect } from '../../effect.js';
import { Faults } from './check.js';

export const requestSwap: Effect = {
  async fill({ services: { db } }, payload) {
    return payload.requestId === undefined ? { ...payload, requestId: await nextRequestId(db) } : payload;
  },
  async begin({ services: { db }, actor, station }, payload) {
    const { requestId, idToken } = payload as unknown as RequestOf<'ocpp2.1', 'RequestBatterySwap'>;
    const faults = new Faults();
    if (!Number.isSafeInteger(requestId)) faults.add('requestId', 'is too large').throwAny();
    const swap = { stationId: station.id, requestId, idToken: idToken.idToken, idTokenType: idToken.type };
    const made = await openSwap(db, actor, swap);
    if (made === undefined) {
      faults.add('requestId', 'was used before; leave it out, and a fresh one is taken').throwAny();
      return undefined;
    }
    return {
      async answered({ response }) {
        await settleSwap(db, actor, made, response.status === 'Accepted' ? 'accepted' : 'rejected');
        return { request_id: requestId };
      },
      async failed(error) {
        // Where it may have arrived the batteries may come yet.
        if (!mayHaveArrived(error)) await settleSwap(db, actor, made, 'failed');
      },
    };
  },
};
