/** NotifyDERStartStop: a scheduled control began or ended, and which others it put aside. 2.1 R06. */
import { parseTimestamp } from '@sigec/ocpp';
import { define } from '../../handler.js';

export const notifyDERStartStop21 = define('ocpp2.1', 'NotifyDERStartStop', {
  kind: 'durable',
  handle({ stationId, payload, receivedAt }, unit) {
    const { controlId, started, supersededIds = [] } = payload;
    const at = parseTimestamp(payload.timestamp, receivedAt).ms;
    const { tenantId } = unit.station(stationId);
    // A control that we do not know may have been set on the spot: its event is kept all the same.
    unit.add('derStartStop', { stationId, tenantId, controlId, started, at, supersededIds });
    unit.tell(stationId, started ? 'der-control.started' : 'der-control.stopped', {
      control_id: controlId,
      at: new Date(at).toISOString(),
      superseded_ids: supersededIds,
    });
    return {};
  },
});
