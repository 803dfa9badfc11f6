/** Tables of webhooks and their deliveries. */
import { bigint, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, changed, id, made, time } from './columns.js';

const number = (name: string) => bigint(name, { mode: 'number' });

export const webhook = pgTable('webhook', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  url: text('url').notNull(),
  description: text('description'),
  topics: text('topics').array().notNull(),
  deviceIds: text('device_ids').array(),
  maxEvents: integer('max_events').notNull().default(50),
  state: text('state', { enum: ['active', 'paused'] })
    .notNull()
    .default('active'),
  reason: text('reason'),
  secretBox: bytea('secret_box').notNull(),
  oldSecretBox: bytea('old_secret_box'),
  oldSecretUntil: time('old_secret_until'),
  streamMade: number('stream_made').notNull(),
  cursor: number('cursor').notNull(),
  replayCursor: number('replay_cursor'),
  replayUntil: number('replay_until'),
  feedUntil: time('feed_until'),
  failures: integer('failures').notNull().default(0),
  failingSince: time('failing_since'),
  closedUntil: time('closed_until'),
  lastSuccessAt: time('last_success_at'),
  createdBy: uuid('created_by'),
  createdAt: made(),
  updatedAt: changed(),
});

export const DELIVERY_STATES = ['pending', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const webhookDelivery = pgTable('webhook_delivery', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  webhookId: number('webhook_id').notNull(),
  kind: text('kind', { enum: ['events', 'replay', 'ping'] }).notNull(),
  state: text('state', { enum: DELIVERY_STATES }).notNull().default('pending'),
  body: text('body'),
  events: integer('events').notNull(),
  firstSequence: number('first_sequence'),
  lastSequence: number('last_sequence'),
  streamMade: number('stream_made'),
  attempts: integer('attempts').notNull().default(0),
  dueAt: time('due_at'),
  statusCode: integer('status_code'),
  error: text('error'),
  durationMs: integer('duration_ms'),
  createdAt: made(),
  endedAt: time('ended_at'),
});
