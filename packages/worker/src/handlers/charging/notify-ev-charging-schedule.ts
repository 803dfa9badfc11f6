/**
 * NotifyEVChargingSchedule (2.x K15 to K17): what the vehicle means to do. Accepted where it stays within the profiles that
 * the station holds for it, else Rejected.
 */
import { isWithin, readSchedule } from '@sigec/domain';
import { parseTimestamp, type ResponseOf } from '@sigec/ocpp';
import { CallRefused, define } from '../../handler.js';
import { requireWhole } from '../../whole.js';
import { contentOf, placeOf, requireEvse, vehicleAt } from './check.js';

export const notifyEvChargingSchedule2x = define('ocpp2.0.1', 'NotifyEVChargingSchedule', {
  kind: 'durable',
  needs({ stationId, payload: { evseId } }, needs) {
    needs.activeTransactions(stationId);
    needs.look('stationEvses', { stationId });
    needs.look('evCharging', { stationId, evseId });
    needs.look('chargingProfiles', { stationId });
    needs.look('chargingAbility', { stationId });
    needs.look('prioritised', { stationId });
  },
  handle(call, unit): ResponseOf<'ocpp2.0.1', 'NotifyEVChargingSchedule'> {
    const { stationId, payload, receivedAt } = call;
    const { evseId } = payload;
    if (evseId === 0) throw new CallRefused('property', 'evseId: must be above 0');
    requireEvse(call, unit, evseId);
    // 2.1 says which of the offered schedules was taken, and whether tolerances are.
    const { selectedChargingScheduleId = null, powerToleranceAcceptance = null } = payload as {
      selectedChargingScheduleId?: number;
      powerToleranceAcceptance?: boolean;
    };
    if (selectedChargingScheduleId !== null) requireWhole('selectedChargingScheduleId', selectedChargingScheduleId);

    const place = placeOf(unit, stationId, evseId);
    const ocppTransactionId = place.transactionId ?? '';
    const hash = contentOf(call);
    const vehicle = vehicleAt(unit, stationId, evseId);
    const before = vehicle.schedule;
    if (before !== null && before.hash === hash && before.ocppTransactionId === ocppTransactionId)
      return { status: before.answer === 'Accepted' ? 'Accepted' : 'Rejected' };

    const schedule = readSchedule({ ...payload.chargingSchedule });
    const timeBase = parseTimestamp(payload.timeBase, receivedAt).ms;
    const profiles = unit.found('chargingProfiles', { stationId }) ?? [];
    const status = isWithin(schedule, schedule.startAt ?? timeBase, profiles, place) ? 'Accepted' : 'Rejected';
    unit.know(
      'evCharging',
      { stationId, evseId },
      { ...vehicle, schedule: { ocppTransactionId, hash, answer: status } },
    );
    unit.add('evChargingSchedule', {
      ...{ stationId, tenantId: unit.station(stationId).tenantId, evseId, ocppTransactionId, timeBase, schedule },
      selectedScheduleId: selectedChargingScheduleId,
      toleranceAccepted: powerToleranceAcceptance,
      answer: status,
      hash,
      receivedAt,
    });
    const told = { evse_id: evseId, ocpp_transaction_id: place.transactionId, answer: status };
    unit.tell(stationId, 'ev_charging.schedule', told);
    return { status };
  },
});
