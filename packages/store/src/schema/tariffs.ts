/** Tables of tariffs: their versions, which never change, and where they hold. */
import { bigint, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { TariffContent } from '../batch/tariffs.js';
import { changed, id, made } from './columns.js';

export const tariff = pgTable('tariff', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  name: text('name').notNull(),
  status: text('status', { enum: ['active', 'archived'] })
    .notNull()
    .default('active'),
  version: integer('version').notNull().default(1),
  createdAt: made(),
  updatedAt: changed(),
});

export const tariffVersion = pgTable(
  'tariff_version',
  {
    tariffId: bigint('tariff_id', { mode: 'number' }).notNull(),
    version: integer('version').notNull(),
    tenantId: integer('tenant_id').notNull(),
    content: jsonb('content').$type<TariffContent>().notNull(),
    madeBy: uuid('made_by'),
    createdAt: made(),
  },
  (t) => [primaryKey({ columns: [t.tariffId, t.version] })],
);

export const tariffAssignment = pgTable('tariff_assignment', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  tariffId: bigint('tariff_id', { mode: 'number' }).notNull(),
  stationId: bigint('station_id', { mode: 'number' }),
  evseId: integer('evse_id').notNull().default(0),
  updatedAt: changed(),
});
