/** Tables of drivers: the codes on stations, receipts, and people who were forgotten. */
import { bigint, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { id, made, stationId, time } from './columns.js';

const tenantId = () => integer('tenant_id').notNull();

/** What is printed on a station, and which connector it stands for. */
export const connectCode = pgTable('connect_code', {
  code: text('code').primaryKey(),
  tenantId: tenantId(),
  stationId: stationId(),
  evseId: integer('evse_id').notNull(),
  connectorId: integer('connector_id').notNull(),
  createdAt: made(),
});

export const receiptCounter = pgTable('receipt_counter', {
  tenantId: integer('tenant_id').primaryKey(),
  last: bigint('last', { mode: 'number' }).notNull(),
});

/** Never changed once made; the database sees to it. */
export const receipt = pgTable('receipt', {
  id: id(),
  tenantId: tenantId(),
  transactionId: bigint('transaction_id', { mode: 'number' }).notNull(),
  userId: uuid('user_id'),
  /** From 1, of the tenant, without gaps. */
  number: bigint('number', { mode: 'number' }).notNull(),
  issuedAt: time('issued_at').notNull().defaultNow(),
  content: jsonb('content').$type<Readonly<Record<string, unknown>>>().notNull(),
});

export const erasure = pgTable('erasure', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  askedBy: uuid('asked_by').notNull(),
  askedAt: time('asked_at').notNull().defaultNow(),
  /** What logs and local lists may still know them by; null once they do not. */
  tokenKeys: text('token_keys').array(),
  dueAt: time('due_at').notNull(),
  logsAt: time('logs_at'),
  doneAt: time('done_at'),
});
