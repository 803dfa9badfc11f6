/** Tables of smart charging: profiles, limits, needs and schedules of vehicles. */
import type { ChargingSchedule, ProfileKind, ProfilePurpose, Recurrency } from '@sigec/domain';
import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
} from 'drizzle-orm/pg-core';
import { changed, id, made, stationId, time } from './columns.js';

const evseId = () => integer('evse_id').notNull();
const tenantId = () => integer('tenant_id').notNull();
const transactionId = () => text('ocpp_transaction_id').notNull();
const hash = () => bigint('hash', { mode: 'number' }).notNull();
const receivedAt = () => time('received_at').notNull();
const changedAt = () => time('changed_at').notNull().defaultNow();
type Json = Readonly<Record<string, unknown>>;

export const chargingProfile = pgTable(
  'charging_profile',
  {
    stationId: stationId(),
    profileId: integer('profile_id').notNull(),
    tenantId: tenantId(),
    evseId: evseId(),
    purpose: text('purpose').$type<ProfilePurpose>().notNull(),
    kind: text('kind').$type<ProfileKind>().notNull(),
    stackLevel: integer('stack_level').notNull(),
    recurrency: text('recurrency').$type<Recurrency>(),
    validFrom: time('valid_from'),
    validTo: time('valid_to'),
    ocppTransactionId: text('ocpp_transaction_id'),
    schedules: jsonb('schedules').$type<readonly ChargingSchedule[]>().notNull(),
    extra: jsonb('extra').$type<Json>().notNull(),
    source: text('source', { enum: ['csms', 'reported'] }).notNull(),
    limitSource: text('limit_source').notNull(),
    state: text('state', { enum: ['set', 'uncertain'] }).notNull(),
    createdAt: made(),
    updatedAt: changed(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.profileId] })],
);

export const chargingReportPart = pgTable(
  'charging_report_part',
  { request: bigint('request', { mode: 'number' }).notNull(), hash: hash() },
  (t) => [primaryKey({ columns: [t.request, t.hash] })],
);

export const chargingLimit = pgTable(
  'charging_limit',
  {
    stationId: stationId(),
    evseId: evseId(),
    source: text('source').notNull(),
    tenantId: tenantId(),
    gridCritical: boolean('grid_critical'),
    localGeneration: boolean('local_generation'),
    schedules: jsonb('schedules').$type<readonly ChargingSchedule[]>().notNull(),
    hash: hash(),
    receivedAt: receivedAt(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.evseId, t.source] })],
);

export const evChargingNeeds = pgTable('ev_charging_needs', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  evseId: evseId(),
  ocppTransactionId: transactionId().default(''),
  transfer: text('transfer').notNull(),
  controlMode: text('control_mode'),
  mobilityMode: text('mobility_mode'),
  departureAt: time('departure_at'),
  maxPowerW: doublePrecision('max_power_w'),
  maxScheduleTuples: integer('max_schedule_tuples'),
  needs: jsonb('needs').$type<Json>().notNull(),
  answer: text('answer').notNull(),
  answerReason: text('answer_reason'),
  plan: text('plan', { enum: ['none', 'due', 'sent', 'failed'] }).notNull(),
  planDetail: text('plan_detail'),
  hash: hash(),
  receivedAt: receivedAt(),
});

export const evChargingSchedule = pgTable(
  'ev_charging_schedule',
  {
    stationId: stationId(),
    evseId: evseId(),
    ocppTransactionId: transactionId().default(''),
    tenantId: tenantId(),
    timeBase: time('time_base').notNull(),
    schedule: jsonb('schedule').$type<ChargingSchedule>().notNull(),
    selectedScheduleId: integer('selected_schedule_id'),
    toleranceAccepted: boolean('tolerance_accepted'),
    answer: text('answer').notNull(),
    hash: hash(),
    receivedAt: receivedAt(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.evseId, t.ocppTransactionId] })],
);

export const priorityCharging = pgTable(
  'priority_charging',
  {
    stationId: stationId(),
    ocppTransactionId: transactionId(),
    tenantId: tenantId(),
    active: boolean('active').notNull(),
    source: text('source', { enum: ['station', 'csms'] }).notNull(),
    answer: text('answer'),
    changedAt: time('changed_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.ocppTransactionId] })],
);

export const dynamicSchedule = pgTable(
  'dynamic_schedule',
  {
    stationId: stationId(),
    profileId: integer('profile_id').notNull(),
    tenantId: tenantId(),
    update: jsonb('update').$type<Json>().notNull(),
    answer: text('answer'),
    changedAt: changedAt(),
    pulledAt: time('pulled_at'),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.profileId] })],
);

export const compositeSchedule = pgTable(
  'composite_schedule',
  {
    stationId: stationId(),
    evseId: evseId(),
    tenantId: tenantId(),
    unit: text('unit', { enum: ['A', 'W'] }).notNull(),
    startsAt: time('starts_at').notNull(),
    durationS: integer('duration_s').notNull(),
    periods: jsonb('periods').$type<readonly { startS: number; limit: number | null }[]>().notNull(),
    answeredAt: time('answered_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.evseId] })],
);

export const allowedEnergyTransfer = pgTable(
  'allowed_energy_transfer',
  {
    stationId: stationId(),
    ocppTransactionId: transactionId(),
    tenantId: tenantId(),
    modes: jsonb('modes').$type<readonly string[]>().notNull(),
    answer: text('answer').notNull(),
    changedAt: changedAt(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.ocppTransactionId] })],
);

export const afrrSignal = pgTable('afrr_signal', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  signal: integer('signal').notNull(),
  signalAt: time('signal_at').notNull(),
  answer: text('answer').notNull(),
  createdAt: made(),
});

export const chargingAbility = pgTable(
  'charging_ability',
  {
    stationId: stationId(),
    evseId: evseId(),
    tenantId: tenantId(),
    maxPowerW: integer('max_power_w'),
    maxCurrentA: doublePrecision('max_current_a'),
    phases: smallint('phases'),
    voltageV: integer('voltage_v'),
    maxStackLevel: integer('max_stack_level'),
    maxPeriods: integer('max_periods'),
    /** `A`, `W` or `A,W`. */
    units: text('units'),
    updatedAt: changed(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.evseId] })],
);
