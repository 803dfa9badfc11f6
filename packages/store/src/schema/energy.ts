/** Tables of grid control (DER), battery swap and display messages. Those of tariffs and payments: money.ts. */
import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { changed, id, made, stationId, time } from './columns.js';

export * from './money.js';

/** Who told us of a thing at a station: our own command that it took, or its report. */
export type KnownFrom = 'set' | 'reported';

export interface DisplayContent {
  readonly format: string;
  readonly language?: string;
  readonly content: string;
}

const tenantId = () => integer('tenant_id').notNull();
const knownAt = () => time('known_at').notNull().defaultNow();
const source = () => text('source').$type<KnownFrom>().notNull();

export const displayMessage = pgTable(
  'display_message',
  {
    stationId: stationId(),
    messageId: bigint('message_id', { mode: 'number' }).notNull(),
    tenantId: tenantId(),
    priority: text('priority').notNull(),
    /** The state of the station in which it is shown; null in any. */
    state: text('state'),
    startsAt: time('starts_at'),
    endsAt: time('ends_at'),
    ocppTransactionId: text('ocpp_transaction_id'),
    /** The component that shows it, where it is not the station's main display. */
    display: jsonb('display'),
    /** The first, and then its translations. */
    contents: jsonb('contents').$type<readonly DisplayContent[]>().notNull(),
    source: source(),
    knownAt: knownAt(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.messageId] })],
);

export const derControl = pgTable(
  'der_control',
  {
    id: bigint('id', { mode: 'number' }).generatedByDefaultAsIdentity().notNull(),
    stationId: stationId(),
    controlId: text('control_id').notNull(),
    tenantId: tenantId(),
    controlType: text('control_type').notNull(),
    /** False: scheduled. */
    isDefault: boolean('is_default').notNull(),
    superseded: boolean('superseded').notNull().default(false),
    /** Null until the station has told. */
    started: boolean('started'),
    startsAt: time('starts_at'),
    durationS: doublePrecision('duration_s'),
    /** 0 is the highest. */
    priority: integer('priority').notNull(),
    content: jsonb('content').$type<Readonly<Record<string, unknown>>>().notNull(),
    source: source(),
    knownAt: knownAt(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.controlId] })],
);

export const derAlarm = pgTable(
  'der_alarm',
  {
    id: bigint('id', { mode: 'number' }).generatedByDefaultAsIdentity().notNull(),
    stationId: stationId(),
    controlType: text('control_type').notNull(),
    raisedAt: time('raised_at').notNull(),
    tenantId: tenantId(),
    gridEventFault: text('grid_event_fault'),
    endedAt: time('ended_at'),
    extraInfo: text('extra_info'),
    receivedAt: time('received_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.controlType, t.raisedAt] })],
);

export const derStartStop = pgTable('der_start_stop', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  controlId: text('control_id').notNull(),
  started: boolean('started').notNull(),
  at: time('at').notNull(),
  supersededIds: text('superseded_ids').array().notNull().default([]),
});

/** requested: asked for, no answer yet; in: batteries came in; out: batteries were taken; timeout: they were not. */
export type SwapStatus = 'requested' | 'accepted' | 'rejected' | 'failed' | 'in' | 'out' | 'timeout';

export const batterySwap = pgTable('battery_swap', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  requestId: bigint('request_id', { mode: 'number' }).notNull(),
  /** From 1: how often the station used the number. */
  round: integer('round').notNull().default(1),
  source: text('source').$type<'requested' | 'station'>().notNull(),
  status: text('status').$type<SwapStatus>().notNull(),
  idToken: text('id_token').notNull(),
  idTokenType: text('id_token_type').notNull(),
  lastEvent: text('last_event'),
  createdAt: made(),
  updatedAt: changed(),
});

export const batterySwapBattery = pgTable(
  'battery_swap_battery',
  {
    stationId: stationId(),
    requestId: bigint('request_id', { mode: 'number' }).notNull(),
    round: integer('round').notNull(),
    event: text('event').notNull(),
    evseId: integer('evse_id').notNull(),
    serialNumber: text('serial_number').notNull(),
    /** Percent. */
    soc: doublePrecision('soc').notNull(),
    /** Percent. */
    soh: doublePrecision('soh').notNull(),
    productionDate: time('production_date'),
    vendorInfo: text('vendor_info'),
    at: time('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.requestId, t.round, t.event, t.serialNumber] })],
);
