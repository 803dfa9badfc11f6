/** Tenants, people, stations, tokens, transactions, what meters and messages said. */
import type { SessionRegister, Tariff, TokenLimits } from '@sigec/domain';
import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Sample } from '../batch/types.js';
import { bytea, changed, id, made, time } from './columns.js';

export const tenant = pgTable('tenant', {
  id: integer('id').generatedByDefaultAsIdentity().primaryKey(),
  name: text('name').notNull(),
  createdAt: made(),
});

export const appUser = pgTable('app_user', {
  id: uuid('id').primaryKey(),
  tenantId: integer('tenant_id').notNull(),
  name: text('name').notNull(),
  email: text('email').notNull(),
  /** argon2id; null for who comes by a login provider alone. */
  passwordHash: text('password_hash'),
  role: text('role', { enum: ['admin', 'operator', 'user'] }).notNull(),
  status: text('status', { enum: ['active', 'inactive', 'blocked'] })
    .notNull()
    .default('active'),
  /** Made by its owner. */
  registered: boolean('registered').notNull().default(false),
  emailVerifiedAt: time('email_verified_at'),
  /** Sessions of an older number are over. */
  sessionEpoch: integer('session_epoch').notNull().default(0),
  lastLoginAt: time('last_login_at'),
  /** A CPF, CNPJ or VAT number without punctuation; other countries' with their prefix. */
  taxId: text('tax_id'),
  /** Nothing personal is here any more. */
  erasedAt: time('erased_at'),
  createdAt: made(),
  updatedAt: changed(),
});

const STATION_STATUS = { enum: ['Available', 'Occupied', 'Faulted', 'Unavailable'] } as const;

export const station = pgTable('station', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  identity: text('identity').notNull(),
  name: text('name'),
  vendor: text('vendor'),
  model: text('model'),
  serialNumber: text('serial_number'),
  firmwareVersion: text('firmware_version'),
  ocppVersion: text('ocpp_version'),
  defaultVersion: text('default_version'),
  securityProfile: smallint('security_profile').notNull().default(1),
  minSecurityProfile: smallint('min_security_profile').notNull().default(0),
  desiredSecurityProfile: smallint('desired_security_profile'),
  secretSalt: bytea('secret_salt'),
  secretVerifier: bytea('secret_verifier'),
  pendingSecretSalt: bytea('pending_secret_salt'),
  pendingSecretVerifier: bytea('pending_secret_verifier'),
  pendingSecretAt: time('pending_secret_at'),
  blocked: boolean('blocked').notNull().default(false),
  registration: text('registration', { enum: ['none', 'accepted', 'pending', 'rejected'] })
    .notNull()
    .default('none'),
  status: text('status', STATION_STATUS).notNull().default('Unavailable'),
  online: boolean('online').notNull().default(false),
  edgeId: text('edge_id'),
  sessionEpoch: bigint('session_epoch', { mode: 'number' }).notNull().default(0),
  remoteAddress: text('remote_address'),
  connectsSince: time('connects_since'),
  connects: integer('connects').notNull().default(0),
  flapUntil: time('flap_until'),
  connectedAt: time('connected_at'),
  disconnectedAt: time('disconnected_at'),
  bootedAt: time('booted_at'),
  lastSeen: time('last_seen'),
  pingSeconds: integer('ping_seconds'),
  leniency: jsonb('leniency').$type<{ overlong?: boolean; additional?: boolean }>().notNull().default({}),
  lat: doublePrecision('lat'),
  lng: doublePrecision('lng'),
  address: text('address'),
  siteId: bigint('site_id', { mode: 'number' }),
  published: boolean('published').notNull().default(false),
  archivedAt: time('archived_at'),
  /** How often operators changed it. */
  revision: integer('revision').notNull().default(1),
  createdAt: made(),
  updatedAt: changed(),
});

export const connector = pgTable(
  'connector',
  {
    stationId: bigint('station_id', { mode: 'number' }).notNull(),
    evseId: integer('evse_id').notNull(),
    connectorId: integer('connector_id').notNull(),
    type: text('type'),
    maxPowerW: integer('max_power_w'),
    ocppStatus: text('ocpp_status').notNull(),
    status: text('status', STATION_STATUS).notNull(),
    errorCode: text('error_code'),
    vendorErrorCode: text('vendor_error_code'),
    vendorId: text('vendor_id'),
    info: text('info'),
    statusAt: time('status_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.stationId, t.evseId, t.connectorId] })],
);

export const idToken = pgTable('id_token', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  value: text('value').notNull(),
  valueKey: text('value_key').notNull(),
  type: text('type'),
  status: text('status', { enum: ['active', 'blocked'] })
    .notNull()
    .default('active'),
  groupId: text('group_id'),
  userId: uuid('user_id'),
  expiresAt: time('expires_at'),
  maxConcurrent: integer('max_concurrent'),
  limits: jsonb('limits').$type<TokenLimits>(),
  /** Whether chargers may be told of it beforehand. */
  localList: boolean('local_list').notNull().default(true),
  listVersion: integer('list_version').notNull().default(0),
  /** What its owner calls it. */
  name: text('name'),
  /** Owners unblock only what they blocked themselves. */
  blockedBy: uuid('blocked_by'),
  createdAt: made(),
  updatedAt: changed(),
});

export const transaction = pgTable('transaction', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  stationId: bigint('station_id', { mode: 'number' }).notNull(),
  evseId: integer('evse_id').notNull(),
  connectorId: integer('connector_id').notNull(),
  version: text('version').notNull(),
  ocppTransactionId: text('ocpp_transaction_id').notNull(),
  startKey: text('start_key'),
  idToken: text('id_token'),
  userId: uuid('user_id'),
  remoteStartId: integer('remote_start_id'),
  status: text('status', { enum: ['started', 'charging', 'suspended', 'stopped', 'completed'] }).notNull(),
  startedAt: time('started_at').notNull(),
  endedAt: time('ended_at'),
  stopReason: text('stop_reason'),
  meterStartMwh: bigint('meter_start_mwh', { mode: 'number' }),
  meterStopMwh: bigint('meter_stop_mwh', { mode: 'number' }),
  energyMwh: bigint('energy_mwh', { mode: 'number' }).notNull().default(0),
  costMinor: bigint('cost_minor', { mode: 'number' }).notNull().default(0),
  currency: text('currency').notNull(),
  register: json('register').$type<SessionRegister>().notNull(),
  seen: text('seen').notNull().default(''),
  flags: text('flags').array().notNull().default([]),
  tariff: json('tariff').$type<Tariff>().notNull(),
  createdAt: made(),
  updatedAt: changed(),
});

/** What a meter told at one instant. The view meter_sample shows each sample by itself. */
export const meterValue = pgTable('meter_value', {
  transactionId: bigint('transaction_id', { mode: 'number' }),
  stationId: bigint('station_id', { mode: 'number' }).notNull(),
  evseId: integer('evse_id').notNull(),
  connectorId: integer('connector_id').notNull(),
  sampledAt: time('sampled_at').notNull(),
  receivedAt: time('received_at').notNull(),
  samples: json('samples').$type<readonly Partial<Sample>[]>().notNull(),
});

/** A message of or to a charger with its answer. The view message_log shows both as messages. */
export const messageExchange = pgTable('message_exchange', {
  stationId: bigint('station_id', { mode: 'number' }).notNull(),
  at: time('at').notNull(),
  direction: text('direction', { enum: ['in', 'out'] }).notNull(),
  type: text('type', { enum: ['call', 'result', 'error', 'send', 'malformed'] }).notNull(),
  messageId: text('message_id').notNull(),
  action: text('action').notNull(),
  payload: text('payload').notNull(),
  answerType: text('answer_type', { enum: ['result', 'error'] }),
  answeredAt: time('answered_at'),
  answer: text('answer'),
});

export const outbox = pgTable('outbox', {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  kind: text('kind').notNull(),
  payload: jsonb('payload').notNull(),
  createdAt: made(),
});
