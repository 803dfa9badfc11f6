/** NotifyDERAlarm: a grid event that a control answers to began or ended. 2.1 R05. */
import { parseTimestamp } from '@sigec/ocpp';
import { define } from '../../handler.js';

export const notifyDERAlarm21 = define('ocpp2.1', 'NotifyDERAlarm', {
  kind: 'durable',
  needs({ stationId, payload }, needs) {
    needs.look('newestDerAlarm', { stationId, controlType: payload.controlType });
  },
  handle({ stationId, payload, receivedAt }, unit) {
    const { controlType, gridEventFault = null, alarmEnded = false, extraInfo = null } = payload;
    const at = parseTimestamp(payload.timestamp, receivedAt).ms;
    const key = { stationId, controlType };
    const newest = unit.found('newestDerAlarm', key);
    const isOpen = newest !== undefined && newest.endedAt === null;
    // Said again, or older than what is known: an end that came late ends nothing that began after it.
    if (newest !== undefined && (alarmEnded ? newest.endedAt === at : newest.raisedAt === at)) return {};
    if (alarmEnded && isOpen && newest.raisedAt > at) return {};
    // An end whose beginning never came begins where it ends.
    const ends = alarmEnded && isOpen;
    const now = {
      ...key,
      raisedAt: ends ? newest.raisedAt : at,
      endedAt: alarmEnded ? at : null,
      gridEventFault: ends ? newest.gridEventFault : gridEventFault,
      extraInfo: extraInfo ?? (ends ? newest.extraInfo : null),
    };
    const { tenantId } = unit.station(stationId);
    unit.add('derAlarm', { ...now, tenantId, receivedAt });
    if (newest === undefined || now.raisedAt >= newest.raisedAt) unit.know('newestDerAlarm', key, now);
    unit.tell(stationId, alarmEnded ? 'der-alarm.ended' : 'der-alarm.raised', {
      control_type: controlType,
      grid_event_fault: now.gridEventFault,
      at: new Date(at).toISOString(),
      extra_info: now.extraInfo,
    });
    return {};
  },
});
