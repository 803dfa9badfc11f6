/** Tables of alarms. */
import type { AlarmKind, AlarmParameters, AlarmSeverity, AlarmState } from '@sigec/domain';
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { id, stationId, time } from './columns.js';

const tenantId = () => integer('tenant_id').notNull();
const kind = () => text('kind').$type<AlarmKind>().notNull();

/** What is known of the cause, by kind; snake_case, as it is shown. */
export type AlarmDetail = Readonly<Record<string, unknown>>;

export const alarm = pgTable('alarm', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  kind: kind(),
  /** What of the station: with the kind one alarm lives at a time. */
  subject: text('subject').notNull(),
  cause: text('cause').notNull().default(''),
  evseId: integer('evse_id'),
  connectorId: integer('connector_id'),
  transactionId: bigint('transaction_id', { mode: 'number' }),
  severity: text('severity').$type<AlarmSeverity>().notNull(),
  state: text('state').$type<AlarmState>().notNull(),
  detail: jsonb('detail').$type<AlarmDetail>().notNull().default({}),
  count: integer('count').notNull().default(1),
  firstSeen: time('first_seen').notNull(),
  lastSeen: time('last_seen').notNull(),
  raisedAt: time('raised_at').notNull(),
  causeGoneAt: time('cause_gone_at'),
  snoozedUntil: time('snoozed_until'),
  resolvedAt: time('resolved_at'),
  endedAt: time('ended_at'),
});

export const alarmEntry = pgTable('alarm_entry', {
  id: id(),
  alarmId: bigint('alarm_id', { mode: 'number' }).notNull(),
  tenantId: tenantId(),
  action: text('action', { enum: ['raised', 'acknowledged', 'snoozed', 'resolved'] }).notNull(),
  /** Null: it came by itself. */
  userId: uuid('user_id'),
  cause: text('cause'),
  comment: text('comment'),
  until: time('until'),
  at: time('at').notNull().defaultNow(),
});

export const alarmRule = pgTable(
  'alarm_rule',
  {
    tenantId: tenantId(),
    kind: kind(),
    enabled: boolean('enabled'),
    severity: text('severity').$type<AlarmSeverity>(),
    parameters: jsonb('parameters').$type<AlarmParameters>().notNull().default({}),
    updatedBy: uuid('updated_by'),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.kind] })],
);

export const alarmTurn = pgTable('alarm_turn', {
  name: text('name').primaryKey(),
  nextAt: time('next_at').notNull(),
});

export const chargingWatch = pgTable('charging_watch', {
  transactionId: bigint('transaction_id', { mode: 'number' }).primaryKey(),
  tenantId: tenantId(),
  stationId: stationId(),
  evseId: integer('evse_id').notNull(),
  connectorId: integer('connector_id').notNull(),
  energyMwh: bigint('energy_mwh', { mode: 'number' }).notNull(),
  registerHash: integer('register_hash').notNull(),
  risenAt: time('risen_at').notNull().defaultNow(),
  readAt: time('read_at').notNull().defaultNow(),
});
