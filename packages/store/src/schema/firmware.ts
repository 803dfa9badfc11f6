/** Tables of firmware, diagnostics, logs, and customer information. */
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, changed, id, made, stationId, time } from './columns.js';

const request = () => bigint('request', { mode: 'number' });
const file = () => bigint('file', { mode: 'number' });
const tenantId = () => integer('tenant_id').notNull();

/** A file as it came; its bytes are in {@link storedFileChunk}. */
export const storedFile = pgTable('stored_file', {
  id: id(),
  tenantId: tenantId(),
  sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull().default(0),
  sha256: bytea('sha256'),
  createdAt: made(),
  completedAt: time('completed_at'),
});

export const storedFileChunk = pgTable(
  'stored_file_chunk',
  { file: file().notNull(), seq: integer('seq').notNull(), bytes: bytea('bytes').notNull() },
  (t) => [primaryKey({ columns: [t.file, t.seq] })],
);

/** An image that chargers can fetch from us. */
export const firmware = pgTable('firmware', {
  id: id(),
  tenantId: tenantId(),
  version: text('version').notNull(),
  vendor: text('vendor'),
  model: text('model'),
  fileName: text('file_name').notNull(),
  signature: text('signature'),
  signingCertificate: text('signing_certificate'),
  file: file(),
  removedAt: time('removed_at'),
  createdAt: made(),
  updatedAt: changed(),
});

export const firmwareUpdate = pgTable('firmware_update', {
  request: request().primaryKey(),
  tenantId: tenantId(),
  stationId: stationId(),
  firmware: bigint('firmware', { mode: 'number' }),
  location: text('location').notNull(),
  retrieveAt: time('retrieve_at'),
  installAt: time('install_at'),
  retries: integer('retries'),
  /** s. */
  retryInterval: integer('retry_interval'),
  signed: boolean('signed').notNull(),
  versionBefore: text('version_before'),
  status: text('status'),
  statusAt: time('status_at'),
  createdAt: made(),
});

/** What the charger said of a firmware update or publication, in order. */
export const firmwareStatus = pgTable(
  'firmware_status',
  {
    request: request().notNull(),
    seq: integer('seq').notNull(),
    status: text('status').notNull(),
    info: text('info'),
    at: time('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.request, t.seq] })],
);

export const firmwarePublication = pgTable('firmware_publication', {
  request: request().primaryKey(),
  tenantId: tenantId(),
  stationId: stationId(),
  location: text('location').notNull(),
  checksum: text('checksum').notNull(),
  status: text('status'),
  info: text('info'),
  statusAt: time('status_at'),
  locations: jsonb('locations').$type<string[]>().notNull().default([]),
  unpublishedAt: time('unpublished_at'),
  createdAt: made(),
});

export const logUpload = pgTable('log_upload', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  request: request().notNull(),
  logType: text('log_type').notNull(),
  location: text('location'),
  tokenHash: bytea('token_hash'),
  expiresAt: time('expires_at'),
  claimedAt: time('claimed_at'),
  attempts: integer('attempts').notNull().default(0),
  status: text('status'),
  info: text('info'),
  statusAt: time('status_at'),
  fileName: text('file_name'),
  file: file(),
  receivedAt: time('received_at'),
  createdAt: made(),
});

export const customerInformation = pgTable('customer_information', {
  request: request().primaryKey(),
  tenantId: tenantId(),
  stationId: stationId(),
  report: boolean('report').notNull(),
  clear: boolean('clear').notNull(),
  subject: text('subject', { enum: ['id_token', 'certificate', 'identifier'] }).notNull(),
  generatedAt: time('generated_at'),
  createdAt: made(),
});
