/** Tariffs at devices, cost told to them, and settlements, on the wire. */
import { z } from '@hono/zod-openapi';
import type { ChargerTariffRow, CostUpdateRow, SettlementRow } from '@sigec/store';
import { IdText, iso, listOf, Money, Time } from './common.js';

export const ChargerTariff = z
  .object({
    tariff_id: z.string(),
    kind: z.enum(['default', 'driver', 'transaction']),
    evse_id: z.int().openapi({ description: '0: all.' }),
    ocpp_transaction_id: z.string().nullable(),
    currency: z.string().nullable(),
    valid_from: Time.nullable(),
    id_tokens: z.array(z.string()),
    content: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'As it was set; null where the device reported an id that was set by others.' }),
    known_at: Time,
  })
  .openapi('ChargerTariff', { description: 'What the device computes its own running cost by. Bills do not.' });
export const ChargerTariffList = listOf('ChargerTariffList', ChargerTariff);

export function toChargerTariff(row: ChargerTariffRow): z.infer<typeof ChargerTariff> {
  return {
    tariff_id: row.tariffId,
    kind: row.kind,
    evse_id: row.evseId,
    ocpp_transaction_id: row.ocppTransactionId === '' ? null : row.ocppTransactionId,
    currency: row.currency,
    valid_from: iso(row.validFrom),
    id_tokens: row.idTokens,
    content: row.content === null ? null : { ...row.content },
    known_at: iso(row.knownAt),
  };
}

export const CostUpdate = z
  .object({ ocpp_transaction_id: z.string(), cost: Money, sent_at: Time })
  .openapi('CostUpdate');
export const CostUpdateList = listOf('CostUpdateList', CostUpdate);

export function toCostUpdate(row: CostUpdateRow): z.infer<typeof CostUpdate> {
  return {
    ocpp_transaction_id: row.ocppTransactionId,
    cost: { amount_minor: row.costMinor, currency: row.currency },
    sent_at: iso(row.sentAt),
  };
}

export const CostDisplay = z
  .strictObject({
    enabled: z.boolean(),
    every_s: z.int().min(5).max(86_400).openapi({ description: 'Not more often than this, seconds.', example: 60 }),
  })
  .openapi('CostDisplay');

export const Settlement = z
  .object({
    id: IdText,
    device_id: IdText,
    device_identity: z.string(),
    psp_ref: z.string().openapi({ description: "The payment provider's name for it." }),
    status: z.enum(['Settled', 'Canceled', 'Rejected', 'Failed']),
    status_info: z.string().nullable(),
    amount: Money,
    rounded: z.boolean().openapi({ description: 'The device told a fraction of the smallest unit.' }),
    transaction_id: IdText.nullable(),
    ocpp_transaction_id: z.string().nullable(),
    settled_at: Time,
    receipt_id: z.string().nullable(),
    receipt_url: z.string().nullable(),
    vat_number: z.string().nullable(),
    vat_company: z.record(z.string(), z.unknown()).nullable(),
    conflict: z.boolean().openapi({ description: 'The device told something else later; what was settled stands.' }),
  })
  .openapi('Settlement');
export const SettlementList = listOf('SettlementList', Settlement);

export function toSettlement(row: SettlementRow): z.infer<typeof Settlement> {
  return {
    id: String(row.id),
    device_id: String(row.stationId),
    device_identity: row.identity,
    psp_ref: row.pspRef,
    status: row.status,
    status_info: row.statusInfo,
    amount: { amount_minor: row.amountMinor, currency: row.currency },
    rounded: row.rounded,
    transaction_id: row.transactionId === null ? null : String(row.transactionId),
    ocpp_transaction_id: row.ocppTransactionId,
    settled_at: iso(row.settledAt),
    receipt_id: row.receiptId,
    receipt_url: row.receiptUrl,
    vat_number: row.vatNumber,
    vat_company: row.vatCompany === null ? null : { ...row.vatCompany },
    conflict: row.conflict,
  };
}
