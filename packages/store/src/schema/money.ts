/** Tables of what stations compute and take money by: tariffs set at them, running cost told to them, settlements. */
import { bigint, boolean, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { changed, id, made, stationId, time } from './columns.js';

const tenantId = () => integer('tenant_id').notNull();

export type SettlementStatus = 'Settled' | 'Canceled' | 'Rejected' | 'Failed';

export const settlement = pgTable('settlement', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  /** The payment provider's name for it. */
  pspRef: text('psp_ref').notNull(),
  ocppTransactionId: text('ocpp_transaction_id'),
  transactionId: bigint('transaction_id', { mode: 'number' }),
  status: text('status').$type<SettlementStatus>().notNull(),
  statusInfo: text('status_info'),
  amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
  currency: text('currency').notNull(),
  /** The charger told a fraction of a minor unit. */
  rounded: boolean('rounded').notNull(),
  settledAt: time('settled_at').notNull(),
  receiptId: text('receipt_id'),
  receiptUrl: text('receipt_url'),
  vatNumber: text('vat_number'),
  vatCompany: jsonb('vat_company').$type<Readonly<Record<string, unknown>>>(),
  /** The charger told something else of what was settled before. */
  conflict: boolean('conflict').notNull().default(false),
  createdAt: made(),
  updatedAt: changed(),
});

/** driver: set by the station for a driver's token; transaction: changed while it ran. */
export type ChargerTariffKind = 'default' | 'driver' | 'transaction';

export const chargerTariff = pgTable('charger_tariff', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  /** 0: all EVSEs. */
  evseId: integer('evse_id').notNull(),
  tariffId: text('tariff_id').notNull(),
  kind: text('kind').$type<ChargerTariffKind>().notNull(),
  ocppTransactionId: text('ocpp_transaction_id').notNull().default(''),
  currency: text('currency'),
  validFrom: time('valid_from'),
  idTokens: text('id_tokens').array().notNull().default([]),
  /** The TariffType that was set; null where the station reported an id of another's. */
  content: jsonb('content').$type<Readonly<Record<string, unknown>>>(),
  knownAt: time('known_at').notNull().defaultNow(),
});

export const costUpdate = pgTable('cost_update', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  ocppTransactionId: text('ocpp_transaction_id').notNull(),
  costMinor: bigint('cost_minor', { mode: 'number' }).notNull(),
  currency: text('currency').notNull(),
  sentAt: time('sent_at').notNull().defaultNow(),
});

export const costDisplay = pgTable('cost_display', {
  stationId: bigint('station_id', { mode: 'number' }).primaryKey(),
  tenantId: tenantId(),
  enabled: boolean('enabled').notNull(),
  everyS: integer('every_s').notNull(),
  nextAt: time('next_at').notNull().defaultNow(),
  updatedAt: changed(),
});
