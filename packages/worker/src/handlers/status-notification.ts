/** StatusNotification: a connector changed. 1.6 section 4.9; 2.x G01. */
import { connectorStatus } from '@sigec/domain';
import { parseTimestamp } from '@sigec/ocpp';
import { define } from '../handler.js';

export const statusNotification16 = define('ocpp1.6', 'StatusNotification', {
  kind: 'durable',
  handle({ stationId, payload, receivedAt }, unit) {
    // 1.6 connector n is EVSE n, connector 1; 0 is the station as a whole.
    const whole = payload.connectorId === 0;
    unit.putConnector({
      stationId,
      evseId: payload.connectorId,
      connectorId: whole ? 0 : 1,
      ocppStatus: payload.status,
      status: connectorStatus(payload.status),
      errorCode: payload.errorCode === 'NoError' ? null : payload.errorCode,
      vendorErrorCode: payload.vendorErrorCode ?? null,
      vendorId: payload.vendorId ?? null,
      info: payload.info ?? null,
      at: parseTimestamp(payload.timestamp, receivedAt).ms,
    });
    return {};
  },
});

export const statusNotification2x = define('ocpp2.0.1', 'StatusNotification', {
  kind: 'durable',
  handle({ stationId, payload, receivedAt }, unit) {
    unit.putConnector({
      stationId,
      evseId: payload.evseId,
      connectorId: payload.connectorId,
      ocppStatus: payload.connectorStatus,
      status: connectorStatus(payload.connectorStatus),
      errorCode: null,
      vendorErrorCode: null,
      vendorId: null,
      info: null,
      at: parseTimestamp(payload.timestamp, receivedAt).ms,
    });
    return {};
  },
});
