/** What payment terminals settled. */
import { numbers, texts } from '../batch/columns.js';
import type { SettlementStatus } from '../schema/money.js';
import type { Fact, Lookup } from './fact.js';
import { newest } from './newest.js';

export interface SettlementKey {
  readonly stationId: number;
  /** The payment provider's name for it. */
  readonly pspRef: string;
}

export interface SettlementState extends SettlementKey {
  readonly status: SettlementStatus;
  readonly amountMinor: number;
  readonly currency: string;
  readonly conflict: boolean;
}

export interface SettlementFact extends SettlementState {
  readonly tenantId: number;
  readonly ocppTransactionId: string | null;
  readonly transactionId: number | null;
  readonly statusInfo: string | null;
  readonly rounded: boolean;
  /** ms since 1970. */
  readonly settledAt: number;
  readonly receiptId: string | null;
  readonly receiptUrl: string | null;
  readonly vatNumber: string | null;
  readonly vatCompany: Readonly<Record<string, unknown>> | null;
}

// What was settled stands, whatever comes after it; that something else came is noted beside it.
const TOLD = `
  insert into settlement as s (station_id, tenant_id, psp_ref, ocpp_transaction_id, transaction_id, status, status_info,
    amount_minor, currency, rounded, settled_at, receipt_id, receipt_url, vat_number, vat_company)
  select "stationId", "tenantId", "pspRef", "ocppTransactionId", "transactionId", status, "statusInfo", "amountMinor",
    currency, rounded, to_timestamp("settledAt" / 1000), "receiptId", "receiptUrl", "vatNumber", "vatCompany"
  from json_to_recordset($1::text::json) as n("stationId" int8, "tenantId" int4, "pspRef" text,
    "ocppTransactionId" text, "transactionId" int8, status text, "statusInfo" text, "amountMinor" int8, currency text,
    rounded boolean, "settledAt" float8, "receiptId" text, "receiptUrl" text, "vatNumber" text, "vatCompany" jsonb)
  on conflict (station_id, psp_ref) do update set ocpp_transaction_id = excluded.ocpp_transaction_id,
    transaction_id = excluded.transaction_id, status = excluded.status, status_info = excluded.status_info,
    amount_minor = excluded.amount_minor, currency = excluded.currency, rounded = excluded.rounded,
    settled_at = excluded.settled_at, receipt_id = excluded.receipt_id, receipt_url = excluded.receipt_url,
    vat_number = excluded.vat_number, vat_company = excluded.vat_company, updated_at = now()
  where s.status <> 'Settled'`;

const byRef = ({ stationId, pspRef }: SettlementKey): string => `${stationId}/${pspRef}`;

const settlement: Fact<SettlementFact> = { write: (tx, rows) => tx.query(TOLD, [newest(rows, byRef)]) };

const CONFLICT = `
  update settlement s set conflict = true, updated_at = now()
  from unnest($1::text::int8[], $2::text::text[]) as k(station_id, psp_ref)
  where s.station_id = k.station_id and s.psp_ref = k.psp_ref and not s.conflict`;

/** After {@link settlement}: kinds are written in the order of the table. */
const settlementConflict: Fact<SettlementKey> = {
  write: (tx, rows) => tx.query(CONFLICT, [numbers(rows, (row) => row.stationId), texts(rows, (row) => row.pspRef)]),
};

const BY_REF = `
  select s.station_id as "stationId", s.psp_ref as "pspRef", s.status, s.amount_minor as "amountMinor", s.currency,
    s.conflict
  from unnest($1::text::int8[], $2::text::text[]) as k(station_id, psp_ref)
  join settlement s on s.station_id = k.station_id and s.psp_ref = k.psp_ref`;

const settlementOf: Lookup<SettlementKey, SettlementState> = {
  keyOf: byRef,
  async read(tx, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), texts(keys, (key) => key.pspRef)];
    const rows = await tx.query<SettlementState>(BY_REF, wanted);
    return new Map(rows.map((row) => [byRef(row), row]));
  },
};

export const SETTLEMENT_FACTS = { settlement, settlementConflict };
export const SETTLEMENT_LOOKUPS = { settlementOf };
