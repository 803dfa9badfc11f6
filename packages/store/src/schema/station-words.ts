/** Tables of what stations say beside their sessions. */
import { boolean, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { id, stationId, time } from './columns.js';

const said = {
  id: id(),
  tenantId: integer('tenant_id').notNull(),
  stationId: stationId(),
  at: time('at').notNull(),
};

export const stationBoot = pgTable('station_boot', {
  ...said,
  version: text('ocpp_version').notNull(),
  reason: text('reason'),
  vendor: text('vendor').notNull(),
  model: text('model').notNull(),
  serialNumber: text('serial_number'),
  boxSerialNumber: text('box_serial_number'),
  firmwareVersion: text('firmware_version'),
  iccid: text('iccid'),
  imsi: text('imsi'),
  meterType: text('meter_type'),
  meterSerialNumber: text('meter_serial_number'),
});

export const authorizationRefusal = pgTable('authorization_refusal', {
  ...said,
  idToken: text('id_token').notNull(),
  idTokenType: text('id_token_type'),
  verdict: text('verdict').notNull(),
  certificateStatus: text('certificate_status'),
});

export const vatCheck = pgTable('vat_check', {
  ...said,
  evseId: integer('evse_id'),
  country: text('country'),
  accepted: boolean('accepted').notNull(),
  reason: text('reason'),
});

export const unaskedStatus = pgTable('unasked_status', {
  ...said,
  action: text('action').notNull(),
  status: text('status').notNull(),
  info: text('info'),
});
