/** NotifyChargingLimit (2.x K12): somebody else than the CSMS limits a station or one of its EVSEs. */
import { readSchedule } from '@sigec/domain';
import { CallRefused, define } from '../../handler.js';
import { contentOf, requireEvse } from './check.js';

/** Limits of one station; as many sources as no station has. */
const MAX_LIMITS = 400;

export const notifyChargingLimit2x = define('ocpp2.0.1', 'NotifyChargingLimit', {
  kind: 'durable',
  needs({ stationId }, needs) {
    needs.look('stationEvses', { stationId });
    needs.look('chargingLimits', { stationId });
  },
  handle(call, unit) {
    const { stationId, payload, receivedAt } = call;
    const evseId = payload.evseId ?? 0;
    if (evseId !== 0) requireEvse(call, unit, evseId);
    const { chargingLimitSource: source, isGridCritical = null } = payload.chargingLimit;
    // 2.1 alone says it.
    const { isLocalGeneration = null } = payload.chargingLimit as { isLocalGeneration?: boolean };
    const schedules = (payload.chargingSchedule ?? []).map((schedule) => readSchedule({ ...schedule }));
    const hash = contentOf(call);
    const known = unit.found('chargingLimits', { stationId }) ?? [];
    const before = known.find((limit) => limit.evseId === evseId && limit.source === source);
    if (before?.hash === hash) return {};
    if (before === undefined && known.length >= MAX_LIMITS)
      throw new CallRefused('property', 'chargingLimit: too many limits of this station');
    const rest = known.filter((limit) => limit !== before);
    unit.know('chargingLimits', { stationId }, [...rest, { evseId, source, hash }]);
    const limit = {
      gridCritical: isGridCritical,
      localGeneration: isLocalGeneration,
      schedules,
      hash,
      receivedAt,
    };
    unit.add('chargingLimit', { stationId, tenantId: unit.station(stationId).tenantId, evseId, source, limit });
    const told = { evse_id: evseId, source, grid_critical: isGridCritical, local_generation: isLocalGeneration };
    unit.tell(stationId, 'charging_limit.set', told);
    return {};
  },
});
