/** The bodies of deliveries: one or more events, each as live updates tell it. */
import type { NewDelivery } from '@sigec/store';
import type { LiveEvent } from '../live/event.js';

const textOf = (webhookId: number, events: readonly LiveEvent[], gap?: object): string =>
  `{"webhook_id":"${webhookId}",${gap === undefined ? '' : `"gap":${JSON.stringify(gap)},`}"events":[${events
    .map((event) => event.json())
    .join(',')}]}`;

/** A delivery of events that follow one another. */
export function eventsDelivery(
  webhookId: number,
  kind: 'events' | 'replay',
  events: readonly LiveEvent[],
): NewDelivery {
  const [first, last] = [events[0], events.at(-1)];
  return {
    kind,
    body: textOf(webhookId, events),
    events: events.length,
    first: first?.sequence ?? null,
    last: last?.sequence ?? null,
  };
}

/** Says that events after `after`, and up to `until`, were dropped before they were read. */
export function gapDelivery(webhookId: number, after: string, until: string): NewDelivery {
  return { kind: 'events', body: textOf(webhookId, [], { after, until }), events: 0, first: null, last: null };
}

export const pingDelivery = (webhookId: number): NewDelivery => ({
  kind: 'ping',
  body: textOf(webhookId, []),
  events: 0,
  first: null,
  last: null,
});
