/** StatusNotification: a connector changed. 1.6 section 4.9; 2.x G01. */
import { connectorStatus, type Flow, flowed } from '@sigec/domain';
import { parseTimestamp } from '@sigec/ocpp';
import type { ConnectorChange } from '@sigec/store';
import { define } from '../handler.js';
import type { Unit } from '../unit.js';
import { runningOn } from './meter-values.js';

/** 1.6 tells the flow of energy by the status of its connector; those that a session may have. */
const FLOWS: Readonly<Record<string, Flow>> = {
  Charging: 'charging',
  SuspendedEV: 'idle',
  Finishing: 'idle',
  SuspendedEVSE: 'paused',
};

/** What was said before the session began is of another. */
function flow(unit: Unit, stationId: number, evseId: number, status: string, at: number): void {
  const said = FLOWS[status];
  const running = said === undefined ? undefined : runningOn(unit, stationId, evseId);
  if (said === undefined || running === undefined || at < running.startedAt) return;
  unit.putTransaction(flowed(running, { at, flow: said, order: 0, changed: true }));
}

/** A fault is an alarm in the same commit; all else about alarms is looked for beside the messages. */
function take(unit: Unit, change: ConnectorChange): Record<string, never> {
  unit.putConnector(change);
  if (change.status === 'Faulted') unit.add('faultedStation', { stationId: change.stationId });
  return {};
}

export const statusNotification16 = define('ocpp1.6', 'StatusNotification', {
  kind: 'durable',
  needs({ stationId, payload }, needs) {
    if (payload.connectorId > 0 && FLOWS[payload.status] !== undefined) needs.activeTransactions(stationId);
  },
  handle({ stationId, payload, receivedAt }, unit) {
    const at = parseTimestamp(payload.timestamp, receivedAt).ms;
    // 1.6 connector n is EVSE n, connector 1; 0 is the station as a whole.
    const whole = payload.connectorId === 0;
    flow(unit, stationId, payload.connectorId, payload.status, at);
    return take(unit, {
      stationId,
      evseId: payload.connectorId,
      connectorId: whole ? 0 : 1,
      ocppStatus: payload.status,
      status: connectorStatus(payload.status),
      errorCode: payload.errorCode === 'NoError' ? null : payload.errorCode,
      vendorErrorCode: payload.vendorErrorCode ?? null,
      vendorId: payload.vendorId ?? null,
      info: payload.info ?? null,
      at,
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
      vendorId: null,
      info: null,
      at: parseTimestamp(payload.timestamp, receivedAt).ms,
    });
  },
});
