/** What a station was asked for and answers in messages of its own: reports, uploads, firmware. */
import { bigint, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { RequestStatus } from '../facts/requests.js';
import { changed, id, made, stationId, time } from './columns.js';

export const stationRequest = pgTable('station_request', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  stationId: stationId(),
  /** The action of the CALL that asked. */
  action: text('action').notNull(),
  requestId: integer('request_id').notNull(),
  status: text('status').$type<RequestStatus>().notNull(),
  /** The charger's own last word about it. */
  detail: text('detail'),
  payload: jsonb('payload').notNull(),
  parts: integer('parts').notNull().default(0),
  createdAt: made(),
  updatedAt: changed(),
  endedAt: time('ended_at'),
});

export const stationRequestPart = pgTable(
  'station_request_part',
  {
    request: bigint('request', { mode: 'number' }).notNull(),
    seqNo: integer('seq_no').notNull(),
    items: jsonb('items').notNull(),
    receivedAt: time('received_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.request, t.seqNo] })],
);
