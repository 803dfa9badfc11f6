/** What stations are made of and how they are set: variables, monitors, events, streams, wanted values, provisioning. */
import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { changed, id, made, stationId, time } from './columns.js';

const number = (name: string) => bigint(name, { mode: 'number' });
const tenantId = () => integer('tenant_id').notNull();
const learntAt = () => time('learnt_at').notNull().defaultNow();

/** The place and name of a variable; a configuration key of 1.6 has the component ''. */
const named = {
  component: text('component').notNull(),
  componentInstance: text('component_instance'),
  evseId: integer('evse_id'),
  connectorId: integer('connector_id'),
  variable: text('variable').notNull(),
  variableInstance: text('variable_instance'),
};

export const deviceVariable = pgTable('device_variable', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  path: text('path').notNull(),
  attribute: text('attribute', { enum: ['Actual', 'Target', 'MinSet', 'MaxSet'] }).notNull(),
  ...named,
  /** Null also where it is a secret. */
  value: text('value'),
  mutability: text('mutability', { enum: ['ReadOnly', 'WriteOnly', 'ReadWrite'] }),
  persistent: boolean('persistent'),
  constant: boolean('constant'),
  dataType: text('data_type'),
  unit: text('unit'),
  minLimit: doublePrecision('min_limit'),
  maxLimit: doublePrecision('max_limit'),
  maxElements: number('max_elements'),
  valuesList: text('values_list'),
  supportsMonitoring: boolean('supports_monitoring'),
  /** The action whose message told it. */
  learntFrom: text('learnt_from').notNull(),
  learntAt: learntAt(),
});

export const deviceMonitor = pgTable(
  'device_monitor',
  {
    stationId: stationId(),
    monitorId: number('monitor_id').notNull(),
    tenantId: tenantId(),
    path: text('path').notNull(),
    ...named,
    type: text('type').notNull(),
    value: doublePrecision('value').notNull(),
    severity: integer('severity').notNull(),
    inTransaction: boolean('in_transaction').notNull(),
    notificationType: text('notification_type'),
    learntFrom: text('learnt_from').notNull(),
    learntAt: learntAt(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.monitorId] })],
);

/** How a station as a whole monitors. */
export const deviceMonitoring = pgTable('device_monitoring', {
  stationId: number('station_id').primaryKey(),
  tenantId: tenantId(),
  base: text('base'),
  level: integer('level'),
  updatedAt: changed(),
});

export const stationEvent = pgTable('station_event', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  eventId: number('event_id').notNull(),
  occurredAt: time('occurred_at').notNull(),
  receivedAt: time('received_at').notNull(),
  trigger: text('trigger').notNull(),
  notificationType: text('notification_type').notNull(),
  /** Another event's number. */
  cause: number('cause'),
  ...named,
  actualValue: text('actual_value'),
  cleared: boolean('cleared'),
  severity: integer('severity'),
  monitorId: number('monitor_id'),
  transactionId: text('transaction_id'),
  techCode: text('tech_code'),
  techInfo: text('tech_info'),
});

export const eventStream = pgTable(
  'event_stream',
  {
    stationId: stationId(),
    streamId: number('stream_id').notNull(),
    tenantId: tenantId(),
    monitorId: number('monitor_id'),
    ...named,
    component: text('component'),
    variable: text('variable'),
    intervalS: doublePrecision('interval_s'),
    valuesEach: number('values_each'),
    pending: number('pending'),
    openedAt: time('opened_at').notNull(),
    closedAt: time('closed_at'),
    lastAt: time('last_at'),
    lastValue: text('last_value'),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.streamId] })],
);

export const eventStreamValue = pgTable(
  'event_stream_value',
  {
    stationId: stationId(),
    streamId: number('stream_id').notNull(),
    at: time('at').notNull(),
    value: text('value').notNull(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.streamId, t.at] })],
);

export const desiredSetting = pgTable('desired_setting', {
  id: id(),
  tenantId: tenantId(),
  stationId: number('station_id'),
  vendor: text('vendor'),
  model: text('model'),
  path: text('path').notNull(),
  ...named,
  value: text('value').notNull(),
  updatedAt: changed(),
});

/** One value that provisioning wrote, and the charger's word. */
export interface SettingOutcome {
  readonly component: string;
  readonly componentInstance: string | null;
  readonly evseId: number | null;
  readonly connectorId: number | null;
  readonly variable: string;
  readonly variableInstance: string | null;
  readonly value: string;
  readonly status: string;
}

export const stationProvisioning = pgTable('station_provisioning', {
  stationId: number('station_id').primaryKey(),
  tenantId: tenantId(),
  state: text('state', { enum: ['queued', 'reporting', 'applying', 'done', 'failed'] }).notNull(),
  /** By a person: done also where stations are not provisioned by themselves. */
  asked: boolean('asked').notNull().default(false),
  /** Of the report that is waited for. */
  requestId: integer('request_id'),
  attempts: integer('attempts').notNull().default(0),
  detail: text('detail'),
  applied: jsonb('applied').$type<readonly SettingOutcome[]>().notNull().default([]),
  refused: jsonb('refused').$type<readonly SettingOutcome[]>().notNull().default([]),
  rebootRequired: boolean('reboot_required').notNull().default(false),
  nextAt: time('next_at').notNull().defaultNow(),
  claimedUntil: time('claimed_until'),
  createdAt: made(),
  startedAt: time('started_at'),
  updatedAt: changed(),
  endedAt: time('ended_at'),
});
