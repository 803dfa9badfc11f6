/** Tables of tokens and their groups, local lists, reservations, and what transactions and vendors tell beside the meter. */
import { bigint, boolean, doublePrecision, integer, json, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { changed, id, made, stationId, time } from './columns.js';

const tenantId = () => integer('tenant_id').notNull();

/** How often the tokens of a tenant have changed. */
export const tokenList = pgTable('token_list', {
  tenantId: integer('tenant_id').primaryKey(),
  version: integer('version').notNull(),
});

export const idTokenRemoved = pgTable(
  'id_token_removed',
  {
    tenantId: tenantId(),
    valueKey: text('value_key').notNull(),
    value: text('value').notNull(),
    type: text('type'),
    listVersion: integer('list_version').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.valueKey] })],
);

export const stationLocalList = pgTable('station_local_list', {
  stationId: bigint('station_id', { mode: 'number' }).primaryKey(),
  tenantId: tenantId(),
  enabled: boolean('enabled').notNull().default(false),
  state: text('state', { enum: ['unknown', 'sending', 'in_step', 'failed', 'unsupported'] })
    .notNull()
    .default('unknown'),
  version: integer('version').notNull().default(0),
  tokensVersion: integer('tokens_version').notNull().default(-1),
  upto: bigint('upto', { mode: 'number' }),
  entries: integer('entries').notNull().default(0),
  itemsPerMessage: integer('items_per_message'),
  maxEntries: integer('max_entries'),
  lastResult: text('last_result'),
  failures: integer('failures').notNull().default(0),
  syncedAt: time('synced_at'),
  checkedAt: time('checked_at'),
  nextAt: time('next_at').notNull().defaultNow(),
  cacheClearedAt: time('cache_cleared_at'),
  updatedAt: changed(),
});

export const reservation = pgTable('reservation', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  reservationId: integer('reservation_id').notNull(),
  evseId: integer('evse_id'),
  connectorType: text('connector_type'),
  idToken: text('id_token').notNull(),
  groupId: text('group_id'),
  expiresAt: time('expires_at').notNull(),
  status: text('status', {
    enum: ['sent', 'active', 'used', 'cancelled', 'expired', 'removed', 'no_transaction', 'rejected', 'failed'],
  }).notNull(),
  detail: text('detail'),
  madeBy: uuid('made_by'),
  transactionId: bigint('transaction_id', { mode: 'number' }),
  createdAt: made(),
  updatedAt: changed(),
  endedAt: time('ended_at'),
});

export const transactionDetail = pgTable('transaction_detail', {
  transactionId: bigint('transaction_id', { mode: 'number' }).primaryKey(),
  offline: boolean('offline'),
  reservationId: integer('reservation_id'),
  stopToken: text('stop_token'),
  startTrigger: text('start_trigger'),
  stopTrigger: text('stop_trigger'),
  lastTrigger: text('last_trigger'),
  chargingState: text('charging_state'),
  secondsCharging: integer('seconds_charging'),
  phasesUsed: integer('phases_used'),
  cableMaxA: integer('cable_max_a'),
  operationMode: text('operation_mode'),
  tariffId: text('tariff_id'),
  maxCost: doublePrecision('max_cost'),
  maxEnergyWh: doublePrecision('max_energy_wh'),
  maxSeconds: integer('max_seconds'),
  maxSoc: integer('max_soc'),
  preconditioning: text('preconditioning'),
  evseSleep: boolean('evse_sleep'),
  costDetails: json('cost_details'),
  ongoing: boolean('ongoing'),
  messagesQueued: boolean('messages_queued'),
  statusAt: time('status_at'),
  updatedAt: changed(),
});

export const dataTransfer = pgTable('data_transfer', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  direction: text('direction', { enum: ['in', 'out'] }).notNull(),
  at: time('at').notNull(),
  vendorId: text('vendor_id').notNull(),
  messageId: text('message_id'),
  data: json('data'),
  dataBytes: integer('data_bytes').notNull(),
  digest: text('digest').notNull(),
  status: text('status').notNull(),
});
