/** StatusNotification: a connector changed. 1.6 section 4.9; 2.x G01. */
import { connectorStatus } from '@sigec/domain';
import { parseTimestamp } from '@sigec/ocpp';
import type { ConnectorChange } from '@sigec/store';
import { define } from '../handler.js';
import type { Unit } from '../unit.js';

/** A fault is an alarm in the same commit; all else about alarms is looked for beside the messages. */
function take(unit: Unit, change: ConnectorChange): Record<string, never> {
  unit.putConnector(change);
  if (change.status === 'Faulted') unit.add('faultedStation', { stationId: change.stationId });
  return {};
}

export const statusNotification16 = define('ocpp1.6', 'StatusNotification', {
  kind: 'durable',
  handle({ stationId, payload, receivedAt }, unit) {
    // 1.6 connector n is EVSE n, connector 1; 0 is the station as a whole.
    const whole = payload.connectorId === 0;
    return take(unit, {
      stationId,
      evseId: payload.connectorId,
      connectorId: whole ? 0 : 1,
      ocppStatus: payload.status,
      status: connectorStatus(payload.status),
      errorCode: payload.errorCode === 'NoError' ? null : payload.errorCode,
      vendorErrorCode: payload.vendorErrorCode ?? null,
      info: payload.info ?? null,
      at: parseTimestamp(payload.timestamp, receivedAt).ms,
    });
  },
});

export const statusNotification2x = define('ocpp2.0.1', 'StatusNotification', {
  kind: 'durable',
  handle({ stationId, payload, receivedAt }, unit) {
    return take(unit, {
      stationId,
      evseId: payload.evseId,
      connectorId: payload.connectorId,
      ocppStatus: payload.connectorStatus,
      status: connectorStatus(payload.connectorStatus),
      errorCode: null,
      vendorErrorCode: null,
      info: null,
      at: parseTimestamp(payload.timestamp, receivedAt).ms,
    });
  },
});
