/** NotifyDisplayMessages: a part of the answer to GetDisplayMessages. 2.x O03, O04. */
import type { RequestOf } from '@sigec/ocpp';
import type { DisplayMessageFact } from '@sigec/store';
import { define } from '../../handler.js';
import { INT53_MAX, requireWhole } from '../../whole.js';
import { needsUnnumbered, takeUnnumbered } from './parts.js';
import { planTime } from './plan.js';

type Info = NonNullable<RequestOf<'ocpp2.1', 'NotifyDisplayMessages'>['messageInfo']>[number];

function toFact(stationId: number, tenantId: number, info: Info): DisplayMessageFact {
  const contents = [info.message, ...(info.messageExtra ?? [])].map(({ format, language, content }) => ({
    format,
    ...(language === undefined ? {} : { language }),
    content,
  }));
  return {
    stationId,
    tenantId,
    messageId: info.id,
    priority: info.priority,
    state: info.state ?? null,
    startsAt: planTime(info.startDateTime),
    endsAt: planTime(info.endDateTime),
    ocppTransactionId: info.transactionId ?? null,
    display: info.display === undefined ? null : { ...info.display },
    contents,
  };
}

export const notifyDisplayMessages2x = define('ocpp2.0.1', 'NotifyDisplayMessages', {
  kind: 'durable',
  needs(call, needs) {
    needsUnnumbered(call, needs, call.payload.requestId);
  },
  handle(call, unit) {
    const { requestId, tbc, messageInfo = [] } = call.payload;
    for (const [i, info] of messageInfo.entries()) requireWhole(`messageInfo.${i}.id`, info.id, INT53_MAX);
    const taken = takeUnnumbered(call, unit, 'GetDisplayMessages', { requestId, tbc, items: messageInfo });
    if (taken === undefined) return {};
    const { tenantId } = unit.station(call.stationId);
    for (const info of messageInfo) unit.add('displayMessage', toFact(call.stationId, tenantId, info));
    // What the station has not told by now is not on its display. The store looks whether all were asked for.
    if (taken.last) unit.add('displaySweep', { request: taken.request });
    unit.tell(call.stationId, 'display.reported', { request_id: requestId, messages: messageInfo.length });
    return {};
  },
});
