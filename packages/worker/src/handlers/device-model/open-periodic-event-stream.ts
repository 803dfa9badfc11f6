/** OpenPeriodicEventStream: a station will send the values of a monitored variable from now on. 2.1 N11. */
import type { StreamState } from '@sigec/store';
import { define } from '../../handler.js';
import { INT53_MAX, requireWhole } from '../../whole.js';
import { shown } from './names.js';

/** Streams of one station, those that were closed lately among them; more are refused. */
const MAX_STREAMS = 200;

export const openPeriodicEventStream21 = define('ocpp2.1', 'OpenPeriodicEventStream', {
  kind: 'durable',
  needs({ stationId, payload: { constantStreamData: told } }, needs) {
    needs.look('streamCount', { stationId });
    needs.look('stream', { stationId, streamId: told.id });
    needs.look('monitorName', { stationId, monitorId: told.variableMonitoringId });
  },
  handle({ stationId, payload: { constantStreamData: told }, receivedAt }, unit) {
    const streamId = requireWhole('constantStreamData/id', told.id, INT53_MAX);
    const monitorId = requireWhole('constantStreamData/variableMonitoringId', told.variableMonitoringId, INT53_MAX);
    const { interval, values } = told.params;
    const before = unit.found('stream', { stationId, streamId });
    const known = unit.found('streamCount', { stationId }) ?? 0;
    if (before === undefined && known >= MAX_STREAMS)
      return { status: 'Rejected' as const, statusInfo: { reasonCode: 'TooManyElements' } };
    const name = unit.found('monitorName', { stationId, monitorId }) ?? null;
    const now: StreamState = {
      stationId,
      streamId,
      monitorId,
      name,
      intervalS: interval ?? null,
      valuesEach: values === undefined ? null : requireWhole('constantStreamData/params/values', values, INT53_MAX),
      openedAt: receivedAt,
      closedAt: null,
    };
    const isAgain = before?.closedAt === null && before.monitorId === monitorId;
    unit.know('stream', { stationId, streamId }, isAgain ? { ...now, openedAt: before.openedAt } : now);
    if (before === undefined) unit.know('streamCount', { stationId }, known + 1);
    unit.add('eventStream', isAgain ? { ...now, openedAt: before.openedAt } : now);
    const of = name === null ? {} : shown(name);
    if (!isAgain) unit.tell(stationId, 'stream.opened', { stream_id: streamId, monitor_id: monitorId, ...of });
    return { status: 'Accepted' as const };
  },
});
