/** Tables of the queue of commands, and of commands to many stations. */
import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { changed, id, made, stationId, time } from './columns.js';

/** `queued`, `sending` and `running` are open; the rest are ends. */
export const COMMAND_STATES = [
  ...(['queued', 'sending', 'running', 'succeeded', 'refused', 'failed', 'expired', 'cancelled'] as const),
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

export const BATCH_STATES = ['running', 'paused', 'cancelled', 'ended'] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** How many commands of a batch are in each state; none where it does not say. */
export type BatchProgress = Readonly<Partial<Record<CommandState, number>>>;

export const commandBatch = pgTable('command_batch', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  createdBy: uuid('created_by'),
  action: text('action'),
  verb: text('verb'),
  payload: jsonb('payload').$type<Readonly<Record<string, unknown>>>().notNull(),
  filter: jsonb('filter').$type<Readonly<Record<string, unknown>>>().notNull(),
  state: text('state').$type<BatchState>().notNull(),
  reason: text('reason'),
  total: integer('total').notNull().default(0),
  intervalMs: doublePrecision('interval_ms').notNull(),
  expiresInS: integer('expires_in_s').notNull(),
  maxAttempts: integer('max_attempts').notNull(),
  retryDelayS: integer('retry_delay_s').notNull(),
  retryUnknown: boolean('retry_unknown').notNull(),
  stopAfterFailures: integer('stop_after_failures'),
  stopAt: integer('stop_at'),
  progress: jsonb('progress').$type<BatchProgress>().notNull().default({}),
  checkedAt: time('checked_at').notNull().defaultNow(),
  createdAt: made(),
  updatedAt: changed(),
  endedAt: time('ended_at'),
});

export const command = pgTable('command', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  stationId: stationId(),
  batchId: bigint('batch_id', { mode: 'number' }),
  createdBy: uuid('created_by'),
  action: text('action'),
  verb: text('verb'),
  payload: jsonb('payload').$type<Readonly<Record<string, unknown>>>().notNull(),
  state: text('state').$type<CommandState>().notNull(),
  reason: text('reason'),
  attempts: integer('attempts').notNull().default(0),
  maxAttempts: integer('max_attempts').notNull().default(1),
  retryDelayS: integer('retry_delay_s').notNull().default(0),
  retryUnknown: boolean('retry_unknown').notNull().default(false),
  timeoutMs: integer('timeout_ms').notNull(),
  dueAt: time('due_at').notNull(),
  expiresAt: time('expires_at').notNull(),
  messageId: text('message_id'),
  response: jsonb('response').$type<Readonly<Record<string, unknown>>>(),
  request: bigint('request', { mode: 'number' }),
  requestId: integer('request_id'),
  requestEnded: boolean('request_ended').notNull().default(false),
  sentAt: time('sent_at'),
  createdAt: made(),
  updatedAt: changed(),
  endedAt: time('ended_at'),
});

export const commandLane = pgTable('command_lane', {
  stationId: stationId().primaryKey(),
  dueAt: time('due_at'),
  leaseUntil: time('lease_until'),
  wakes: integer('wakes').notNull().default(0),
});
