/** Tables of sites, groups of stations, and the text that stations are looked up by. */
import type { OpeningHours } from '@sigec/domain';
import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { changed, id, made, stationId, time } from './columns.js';

export const site = pgTable('site', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  name: text('name').notNull(),
  address: text('address'),
  lat: doublePrecision('lat'),
  lng: doublePrecision('lng'),
  timeZone: text('time_zone').notNull().default('America/Sao_Paulo'),
  openingHours: jsonb('opening_hours').$type<OpeningHours>(),
  published: boolean('published').notNull().default(true),
  createdAt: made(),
  updatedAt: changed(),
});

export const stationGroup = pgTable('station_group', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  name: text('name').notNull(),
  description: text('description'),
  createdAt: made(),
  updatedAt: changed(),
});

export const stationGroupMember = pgTable(
  'station_group_member',
  {
    groupId: bigint('group_id', { mode: 'number' }).notNull(),
    stationId: stationId(),
    addedAt: time('added_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.groupId, t.stationId] })],
);

/** Written by triggers alone. */
export const stationSearch = pgTable('station_search', {
  stationId: bigint('station_id', { mode: 'number' }).primaryKey(),
  words: text('words').notNull(),
});
