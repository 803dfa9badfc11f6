/** The table of requests that may be sent again. */
import { integer, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, made } from './columns.js';

export const idempotencyKey = pgTable(
  'idempotency_key',
  {
    tenantId: integer('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    key: text('key').notNull(),
    fingerprint: bytea('fingerprint').notNull(),
    status: smallint('status'),
    answer: bytea('answer'),
    createdAt: made(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.key] })],
);
