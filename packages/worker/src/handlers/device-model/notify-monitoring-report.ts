/** NotifyMonitoringReport: a part of a report of what a station watches. 2.x N02. */
import type { RequestOf } from '@sigec/ocpp';
import type { LearntMonitor } from '@sigec/store';
import { define } from '../../handler.js';
import { INT53_MAX, requireWhole } from '../../whole.js';
import { needsRequest, requestOf, takePart } from '../requests.js';
import { nameIn, partNumber } from './names.js';

const REPORTS = ['GetMonitoringReport'] as const;

type Told = NonNullable<RequestOf<'ocpp2.0.1', 'NotifyMonitoringReport'>['monitor']>[number];
// 2.1 says whose monitor it is.
type Monitoring = Told['variableMonitoring'][number] & { readonly eventNotificationType?: string };

function learnt(stationId: number, told: Told, index: number): LearntMonitor[] {
  const field = `monitor/${index}`;
  const name = nameIn(told.component, told.variable, field);
  return told.variableMonitoring.map((monitoring: Monitoring, n) => ({
    stationId,
    ...name,
    monitorId: requireWhole(`${field}/variableMonitoring/${n}/id`, monitoring.id, INT53_MAX),
    type: monitoring.type,
    value: monitoring.value,
    severity: requireWhole(`${field}/variableMonitoring/${n}/severity`, monitoring.severity),
    inTransaction: monitoring.transaction,
    notificationType: monitoring.eventNotificationType ?? null,
    from: 'NotifyMonitoringReport',
  }));
}

export const notifyMonitoringReport2x = define('ocpp2.0.1', 'NotifyMonitoringReport', {
  kind: 'durable',
  needs: (call, needs) => needsRequest(call, needs, call.payload.requestId),
  handle(call, unit) {
    const { stationId, payload } = call;
    const { requestId, tbc, monitor: items = [] } = payload;
    const seqNo = partNumber(payload.seqNo);
    const request = requestOf(call, unit, requestId, REPORTS);
    const rows = items.flatMap((told, index) => learnt(stationId, told, index));
    if (!takePart(call, unit, REPORTS, { requestId, seqNo, tbc, items })) return {};
    for (const row of rows) {
      unit.add('monitor', row);
      const { monitorId } = row;
      unit.know('monitorName', { stationId, monitorId }, row);
    }
    if (tbc !== true) unit.add('monitoringEnd', { request: request.id });
    unit.tell(stationId, 'monitors.reported', { request_id: requestId, monitors: rows.length });
    return {};
  },
});
