/**
 * NotifyEvent: a monitor struck, or something changed that a station tells by itself. 2.x N07, N08. Each event stands for
 * itself, in whichever message of a series it comes.
 */
import { parseTimestamp, type RequestOf } from '@sigec/ocpp';
import { pathOf, type ToldAlarm, type ToldEvent } from '@sigec/store';
import { type Call, define } from '../../handler.js';
import type { Unit } from '../../unit.js';
import { INT32_MAX, INT53_MAX, requireWhole } from '../../whole.js';
import { isSecret, kept, nameIn, partNumber, shown } from './names.js';

// 2.1 says the severity; in 2.0.1 it is that of the monitor.
type Told = RequestOf<'ocpp2.1', 'NotifyEvent'>['eventData'][number];
type Received = Pick<Call<unknown>, 'stationId' | 'receivedAt'>;

const optional = (value: number | undefined, field: string, most = INT53_MAX): number | null =>
  value === undefined ? null : requireWhole(field, value, most);

const keyOf = ({ stationId, receivedAt }: Received, { eventId, timestamp }: Told) => ({
  stationId,
  eventId,
  occurredAt: parseTimestamp(timestamp, receivedAt).ms,
});

function told(call: Received, event: Told, index: number, unit: Unit): ToldEvent {
  const field = `eventData/${index}`;
  const { stationId, receivedAt } = call;
  const name = nameIn(event.component, event.variable, field);
  const monitorId = optional(event.variableMonitoringId, `${field}/variableMonitoringId`);
  const monitor = monitorId === null ? undefined : unit.found('monitorName', { stationId, monitorId });
  requireWhole(`${field}/eventId`, event.eventId, INT53_MAX);
  return {
    ...keyOf(call, event),
    ...name,
    receivedAt,
    trigger: event.trigger,
    notificationType: event.eventNotificationType,
    cause: optional(event.cause, `${field}/cause`),
    actualValue: isSecret(name) ? null : kept(event.actualValue),
    cleared: event.cleared ?? null,
    severity: optional(event.severity, `${field}/severity`, INT32_MAX) ?? monitor?.severity ?? null,
    monitorId,
    transactionId: kept(event.transactionId),
    techCode: kept(event.techCode),
    techInfo: kept(event.techInfo),
  };
}

function tell(unit: Unit, event: ToldEvent): void {
  unit.tell(event.stationId, 'event.notified', {
    event_id: event.eventId,
    occurred_at: new Date(event.occurredAt).toISOString(),
    trigger: event.trigger,
    notification_type: event.notificationType,
    ...shown(event),
    actual_value: event.actualValue,
    cleared: event.cleared,
    severity: event.severity,
    monitor_id: event.monitorId,
    transaction_id: event.transactionId,
  });
}

/**
 * A monitor that struck, or is over (N07.FR.16): other triggers tell values, not trouble. One monitor is one alarm; what the
 * station watches without a monitor of a number is known by its variable.
 */
function alarmOf(event: ToldEvent): ToldAlarm {
  const { stationId, monitorId, evseId, connectorId, severity, techCode, techInfo, actualValue } = event;
  return {
    ...{ stationId, kind: 'monitor_alert', evseId, connectorId, level: severity, at: event.receivedAt },
    subject: monitorId === null ? pathOf(event) : `monitor ${monitorId}`,
    cause: techCode ?? '',
    detail: {
      ...shown(event),
      monitor_id: monitorId,
      severity,
      actual_value: actualValue,
      tech_code: techCode,
      tech_info: techInfo,
    },
    cleared: event.cleared === true,
  };
}

export const notifyEvent2x = define('ocpp2.0.1', 'NotifyEvent', {
  kind: 'durable',
  needs(call, needs) {
    const { stationId, payload } = call;
    for (const event of payload.eventData) {
      const { variableMonitoringId: monitorId } = event;
      needs.look('knownEvent', keyOf(call, event));
      if (monitorId !== undefined) needs.look('monitorName', { stationId, monitorId });
    }
  },
  handle(call, unit) {
    partNumber(call.payload.seqNo);
    const events = call.payload.eventData.map((event, index) => told(call, event, index, unit));
    for (const event of events) {
      if (unit.found('knownEvent', event) === true) continue;
      unit.know('knownEvent', event, true);
      unit.add('toldEvent', event);
      if (event.trigger === 'Alerting') unit.add('toldAlarm', alarmOf(event));
      tell(unit, event);
    }
    return {};
  },
});
