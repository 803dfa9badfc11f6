/** ClosePeriodicEventStream: no more values of a stream will come. 2.1 N12. */
import { CallRefused, define } from '../../handler.js';
import { INT53_MAX, requireWhole } from '../../whole.js';

export const closePeriodicEventStream21 = define('ocpp2.1', 'ClosePeriodicEventStream', {
  kind: 'durable',
  needs({ stationId, payload: { id } }, needs) {
    needs.look('stream', { stationId, streamId: id });
  },
  handle({ stationId, payload, receivedAt }, unit) {
    const streamId = requireWhole('id', payload.id, INT53_MAX);
    const stream = unit.found('stream', { stationId, streamId });
    if (stream === undefined) throw new CallRefused('property', 'id: no such stream');
    if (stream.closedAt !== null) return {};
    const closed = { ...stream, closedAt: receivedAt };
    unit.know('stream', { stationId, streamId }, closed);
    unit.add('eventStream', closed);
    unit.tell(stationId, 'stream.closed', { stream_id: streamId, monitor_id: stream.monitorId });
    return {};
  },
});
