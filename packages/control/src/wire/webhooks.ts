/** Webhooks and their deliveries as the API takes and shows them. */
import { z } from '@hono/zod-openapi';
import type { DeliveryRow, WebhookPatch, WebhookRow } from '@sigec/store';
import { PositionText, readPosition, writePosition } from '../live/position.js';
import { EVENT_TOPICS } from '../live/topics.js';
import { IdText, iso, listOf, PageQuery, Time, TimeInput } from './common.js';
import { DeviceIds } from './live.js';

const Topics = z
  .array(z.enum(EVENT_TOPICS))
  .min(1)
  .max(EVENT_TOPICS.length)
  .openapi({ example: ['transactions'] });
const Url = z.string().min(1).max(2_000).openapi({ format: 'uri', example: 'https://example.com/hooks/sigec' });
const Description = z.string().max(200);
const MaxEvents = z.int().min(1).max(100).openapi({ description: 'Most events in one request.' });

export const NewWebhook = z
  .strictObject({
    url: Url,
    description: Description.nullish(),
    topics: Topics,
    device_ids: DeviceIds.nullish().openapi({ description: 'Only events of these devices.' }),
    max_events: MaxEvents.default(50),
  })
  .openapi('NewWebhook');

export const WebhookChange = z
  .strictObject({
    url: Url.optional(),
    description: Description.nullish(),
    topics: Topics.optional(),
    device_ids: DeviceIds.nullish(),
    max_events: MaxEvents.optional(),
    state: z.enum(['active', 'paused']).optional(),
  })
  .openapi('WebhookChange');

export const Webhook = z
  .object({
    id: IdText,
    url: z.string(),
    description: z.string().nullable(),
    topics: z.array(z.enum(EVENT_TOPICS)),
    device_ids: z.array(IdText).nullable(),
    max_events: z.int(),
    state: z.enum(['active', 'paused']),
    reason: z.string().nullable().openapi({ description: 'Why it is paused: `operator`, or `failing` for too long.' }),
    position: z.string().openapi({ description: 'Up to here events have become deliveries.' }),
    replaying: z.boolean(),
    failures: z.int().openapi({ description: 'In a row; 0 once something arrives.' }),
    failing_since: Time.nullable(),
    closed_until: Time.nullable().openapi({ description: 'After failures nothing goes out before.' }),
    last_success_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Webhook');

export const WebhookSecret = z.object({
  secret: z.string().openapi({ description: 'Signs deliveries (HMAC-SHA256). Shown this once.', example: 'whsec_...' }),
});
export const CreatedWebhook = Webhook.extend(WebhookSecret.shape).openapi('CreatedWebhook');
export const WebhookList = listOf('WebhookList', Webhook);

export const Delivery = z
  .object({
    id: IdText,
    kind: z.enum(['events', 'replay', 'ping']),
    state: z
      .enum(['pending', 'delivered', 'dead'])
      .openapi({ description: 'dead: it was tried until there was no hope; it can be replayed.' }),
    events: z.int(),
    first_position: z.string().nullable(),
    last_position: z.string().nullable(),
    attempts: z.int(),
    next_attempt_at: Time.nullable(),
    status_code: z.int().nullable().openapi({ description: 'Of the last answer.' }),
    error: z.string().nullable().openapi({ description: 'Why there was none, e.g. `timeout`, `ECONNREFUSED`.' }),
    duration_ms: z.int().nullable(),
    created_at: Time,
    ended_at: Time.nullable(),
  })
  .openapi('WebhookDelivery');
export const DeliveryList = listOf('WebhookDeliveryList', Delivery);

export const DeliveryQuery = PageQuery.extend({ state: z.enum(['pending', 'delivered', 'dead']).optional() });

const Place = PositionText.transform((text) => readPosition(text) ?? { made: 0, sequence: 0 });
export const ReplaySpan = z
  .strictObject({
    after: Place.openapi({ type: 'string', description: 'Events behind this position are told again.' }),
    until: Place.optional().openapi({ type: 'string', description: 'Up to here; default: all that were told.' }),
  })
  .openapi('WebhookReplay');
export const ReplayBegun = z
  .object({ after: z.string(), until: z.string() })
  .openapi('WebhookReplayBegun', { description: 'What is told again: of the span, what the stream still keeps.' });

export const DeadSince = z.strictObject({ since: TimeInput }).openapi('WebhookDeadSince');
export const Revived = z.object({ deliveries: z.int() }).openapi('WebhookRevived');

export function toWebhook(row: WebhookRow): z.infer<typeof Webhook> {
  return {
    id: String(row.id),
    url: row.url,
    description: row.description,
    topics: row.topics as z.infer<typeof Topics>,
    device_ids: row.deviceIds,
    max_events: row.maxEvents,
    state: row.state,
    reason: row.reason,
    position: writePosition(row.streamMade, row.cursor),
    replaying: row.replayUntil !== null,
    failures: row.failures,
    failing_since: iso(row.failingSince),
    closed_until: iso(row.closedUntil),
    last_success_at: iso(row.lastSuccessAt),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

export function toDelivery(row: DeliveryRow): z.infer<typeof Delivery> {
  const place = (sequence: number | null) =>
    sequence === null || row.streamMade === null ? null : writePosition(row.streamMade, sequence);
  return {
    ...{ id: String(row.id), kind: row.kind, state: row.state, events: row.events },
    first_position: place(row.firstSequence),
    last_position: place(row.lastSequence),
    attempts: row.attempts,
    next_attempt_at: iso(row.dueAt),
    status_code: row.statusCode,
    error: row.error,
    duration_ms: row.durationMs,
    created_at: iso(row.createdAt),
    ended_at: iso(row.endedAt),
  };
}

export function toPatch(change: z.infer<typeof WebhookChange>): WebhookPatch {
  const { url, description, topics, device_ids, max_events, state } = change;
  return {
    ...(url !== undefined && { url }),
    ...(description !== undefined && { description }),
    ...(topics !== undefined && { topics }),
    ...(device_ids !== undefined && { deviceIds: device_ids }),
    ...(max_events !== undefined && { maxEvents: max_events }),
    ...(state !== undefined && { state }),
  };
}
