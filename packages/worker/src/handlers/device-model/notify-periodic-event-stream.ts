/** NotifyPeriodicEventStream: values of an open stream, as a SEND that nobody answers. 2.1 N11. */
import { parseTimestamp } from '@sigec/ocpp';
import { CallRefused, defineSend } from '../../handler.js';
import { INT53_MAX, requireWhole } from '../../whole.js';
import { isSecret, kept, shown } from './names.js';

/** Seconds that a value may lie from the time its message counts from: a month. */
const FARTHEST_S = 31 * 86_400;

export const notifyPeriodicEventStream21 = defineSend('NotifyPeriodicEventStream', {
  kind: 'durable',
  needs({ stationId, payload: { id } }, needs) {
    needs.look('stream', { stationId, streamId: id });
  },
  handle({ stationId, payload, receivedAt }, unit) {
    const streamId = requireWhole('id', payload.id, INT53_MAX);
    const stream = unit.found('stream', { stationId, streamId });
    if (stream === undefined || stream.closedAt !== null) throw new CallRefused('property', 'id: no such open stream');
    const pending = requireWhole('pending', payload.pending, INT53_MAX);
    const from = parseTimestamp(payload.basetime, receivedAt).ms;
    const values = payload.data.map(({ t, v }, index) => {
      if (!(Math.abs(t) <= FARTHEST_S)) throw new CallRefused('property', `data/${index}/t: at most ${FARTHEST_S}`);
      return { stationId, streamId, at: Math.round(from + t * 1000), value: kept(v) ?? '', pending };
    });
    // A stream of passwords would be a strange one; it is kept nowhere all the same.
    if (stream.name !== null && isSecret(stream.name)) return {};
    for (const value of values) unit.add('streamValue', value);
    const newest = values.reduce((a, b) => (b.at > a.at ? b : a));
    unit.tell(stationId, 'stream.values', {
      stream_id: streamId,
      ...(stream.name === null ? {} : shown(stream.name)),
      values: values.length,
      at: new Date(newest.at).toISOString(),
      value: newest.value,
    });
    return {};
  },
});
