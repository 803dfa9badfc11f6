/** ClearedChargingLimit (2.x K13): a limit of somebody else is gone. Without an EVSE it is gone from all of the station. */
import { define } from '../../handler.js';

export const clearedChargingLimit2x = define('ocpp2.0.1', 'ClearedChargingLimit', {
  kind: 'durable',
  needs: ({ stationId }, needs) => needs.look('chargingLimits', { stationId }),
  handle({ stationId, payload }, unit) {
    const { chargingLimitSource: source, evseId } = payload;
    const known = unit.found('chargingLimits', { stationId }) ?? [];
    const gone = known.filter((limit) => limit.source === source && (evseId === undefined || limit.evseId === evseId));
    if (gone.length === 0) return {};
    const left = known.filter((limit) => !gone.includes(limit));
    unit.know('chargingLimits', { stationId }, left);
    const { tenantId } = unit.station(stationId);
    for (const limit of gone) {
      unit.add('chargingLimit', { stationId, tenantId, evseId: limit.evseId, source, limit: null });
      unit.tell(stationId, 'charging_limit.cleared', { evse_id: limit.evseId, source });
    }
    return {};
  },
});
