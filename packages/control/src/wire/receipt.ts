/** Receipts: what the tax office and the driver want to read of a session. Kept as they are given. */
import { z } from '@hono/zod-openapi';
import type { ReceiptRow } from '@sigec/store';
import { TaxShare } from './bill.js';
import { IdText, iso, Money, Time } from './common.js';

const Line = z
  .object({
    kind: z.string().openapi({ example: 'energy' }),
    name: z.string().nullable(),
    energy_wh: z.number().nullable(),
    seconds: z.number().nullable(),
    price_minor: z.number().nullable().openapi({ description: 'Of a kWh or a minute.' }),
    amount: Money,
  })
  .openapi('ReceiptLine');

const content = {
  operator: z.object({ name: z.string() }),
  customer: z
    .object({
      name: z.string(),
      tax_id: z.string().nullable(),
      tax_id_kind: z.enum(['cpf', 'cnpj', 'vat']).nullable(),
    })
    .nullable()
    .openapi({ description: 'null where nobody is known.' }),
  transaction_id: IdText,
  device_id: IdText,
  device_identity: z.string(),
  station: z.object({
    name: z.string().nullable(),
    serial_number: z.string().nullable(),
    site: z.string().nullable(),
    address: z.string().nullable(),
  }),
  evse_id: z.int(),
  connector_id: z.int(),
  start_time: Time,
  end_time: Time,
  energy_wh: z.number(),
  lines: z.array(Line).openapi({ description: 'They make up the total.' }),
  taxes: z
    .array(TaxShare)
    .openapi({ description: 'Within the total, whether on a line of their own or in the prices.' }),
  taxes_included: z.boolean(),
  total: Money,
};

/** What is kept. */
export const ReceiptContent = z.object(content);
export type ReceiptContent = z.infer<typeof ReceiptContent>;

export const Receipt = z
  .object({
    number: z.int().openapi({ description: 'Of the operator, one after another.' }),
    issued_at: Time,
    ...content,
  })
  .openapi('Receipt');

export function toReceipt({ number, issuedAt, content: kept }: ReceiptRow): z.infer<typeof Receipt> {
  return { number, issued_at: iso(issuedAt), ...(kept as ReceiptContent) };
}
