/**
 * The writes of a batch: one statement per kind of change, however many rows. What comes with every meter value travels as
 * columns, which cost the server a third; what is rare and wide travels as one JSON text.
 */
import { type TransactionState, totalsOf } from '@sigec/domain';
import type { Sql } from '../database.js';
import { documents, numbers, texts } from './columns.js';
import type { BootChange, ConnectorChange, MeterRow, OutboxEvent, TransactionChange } from './types.js';

const BOOTS = `
  update station s set vendor = b.vendor, model = b.model, serial_number = b."serialNumber",
    firmware_version = b."firmwareVersion", ocpp_version = b.version, registration = b.registration,
    booted_at = to_timestamp(b.at / 1000), last_seen = greatest(s.last_seen, to_timestamp(b.at / 1000)), updated_at = now()
  from json_to_recordset($1::text::json) as b("stationId" int8, vendor text, model text, "serialNumber" text,
    "firmwareVersion" text, version text, registration text, at float8)
  where s.id = b."stationId"`;

export async function writeBoots(tx: Sql, rows: readonly BootChange[]): Promise<void> {
  if (rows.length > 0) await tx.query(BOOTS, [JSON.stringify(rows)]);
}

const CONNECTORS = `
  insert into connector (station_id, evse_id, connector_id, ocpp_status, status, error_code, vendor_error_code, vendor_id,
    info, status_at)
  select "stationId", "evseId", "connectorId", "ocppStatus", status, "errorCode", "vendorErrorCode", "vendorId", info,
    to_timestamp(at / 1000)
  from json_to_recordset($1::text::json) as c("stationId" int8, "evseId" int4, "connectorId" int4, "ocppStatus" text,
    status text, "errorCode" text, "vendorErrorCode" text, "vendorId" text, info text, at float8)
  on conflict (station_id, evse_id, connector_id) do update set ocpp_status = excluded.ocpp_status,
    status = excluded.status, error_code = excluded.error_code, vendor_error_code = excluded.vendor_error_code,
    vendor_id = excluded.vendor_id, info = excluded.info, status_at = excluded.status_at`;

// The rule of domain's stationStatus, set-based; a test compares the two.
const DERIVE = `
  update station s set status = d.status, updated_at = now() from (
    select station_id, case
      when bool_or(evse_id = 0 and status in ('Faulted', 'Unavailable'))
        then max(status) filter (where evse_id = 0 and status in ('Faulted', 'Unavailable'))
      when bool_or(evse_id > 0 and status = 'Available') then 'Available'
      when bool_or(evse_id > 0 and status = 'Occupied') then 'Occupied'
      when bool_or(evse_id > 0 and status = 'Faulted') then 'Faulted'
      when bool_and(evse_id = 0) then max(status)
      else 'Unavailable' end as status
    from connector where station_id = any($1::text::int8[]) group by station_id) d
  where s.id = d.station_id and s.status <> d.status`;

export async function writeConnectors(tx: Sql, rows: readonly ConnectorChange[]): Promise<void> {
  if (rows.length === 0) return;
  await Promise.all([
    tx.query(CONNECTORS, [JSON.stringify(rows)]),
    tx.query(DERIVE, [numbers([...new Set(rows.map((r) => r.stationId))], (id) => id)]),
  ]);
}

const TRANSACTIONS = `
  insert into transaction (id, tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, start_key,
    id_token, user_id, remote_start_id, status, started_at, ended_at, stop_reason, meter_start_mwh, meter_stop_mwh,
    energy_mwh, cost_minor, currency, register, seen, flags, tariff)
  select id, "tenantId", "stationId", "evseId", "connectorId", version, "ocppTransactionId", "startKey", "idToken",
    "userId", "remoteStartId", status, to_timestamp("startedAt" / 1000), to_timestamp("endedAt" / 1000), "stopReason",
    "startMWh", "stopMWh", "energyMWh", "costMinor", tariff ->> 'currency', register, seen, flags, tariff
  from json_to_recordset($1::text::json) as t(id int8, "tenantId" int4, "stationId" int8, "evseId" int4,
    "connectorId" int4, version text, "ocppTransactionId" text, "startKey" text, "idToken" text, "userId" uuid,
    "remoteStartId" int4, status text, "startedAt" float8, "endedAt" float8, "stopReason" text, "startMWh" int8,
    "stopMWh" int8, "energyMWh" int8, "costMinor" int8, register json, seen text, flags text[], tariff json)
  on conflict (id) do update set evse_id = excluded.evse_id, connector_id = excluded.connector_id,
    start_key = excluded.start_key, id_token = excluded.id_token, user_id = excluded.user_id,
    remote_start_id = excluded.remote_start_id, status = excluded.status, started_at = excluded.started_at,
    ended_at = excluded.ended_at, stop_reason = excluded.stop_reason, meter_start_mwh = excluded.meter_start_mwh,
    meter_stop_mwh = excluded.meter_stop_mwh, energy_mwh = excluded.energy_mwh, cost_minor = excluded.cost_minor,
    register = excluded.register, seen = excluded.seen, flags = excluded.flags, updated_at = now()`;

// What a meter value moves, and nothing else.
const PROGRESS = `
  update transaction t set status = p.status, meter_start_mwh = p.start_mwh, meter_stop_mwh = p.stop_mwh,
    energy_mwh = p.energy_mwh, cost_minor = p.cost, register = p.register, seen = p.seen, updated_at = now()
  from unnest($1::text::int8[], $2::text::text[], $3::text::int8[], $4::text::int8[], $5::text::int8[], $6::text::int8[],
    string_to_array($7::text, E'\\x1e')::json[], $8::text::text[]) as p(id, status, start_mwh, stop_mwh, energy_mwh, cost, register, seen)
  where t.id = p.id`;

const SAME: readonly (keyof TransactionState)[] = [
  ...(['evseId', 'connectorId', 'startKey', 'idToken', 'userId', 'remoteStartId', 'startedAt', 'endedAt'] as const),
  ...(['stopReason', 'flags'] as const),
];

const progressed = ({ before, now }: TransactionChange): boolean =>
  before !== null && SAME.every((key) => before[key] === now[key]);

export async function writeTransactions(tx: Sql, changes: readonly TransactionChange[]): Promise<void> {
  const lean: TransactionState[] = [];
  const whole: TransactionState[] = [];
  for (const change of changes) (progressed(change) ? lean : whole).push(change.now);
  await Promise.all([writeProgress(tx, lean), writeWhole(tx, whole)]);
}

async function writeProgress(tx: Sql, rows: readonly TransactionState[]): Promise<void> {
  if (rows.length === 0) return;
  const totals = rows.map(totalsOf);
  await tx.query(PROGRESS, [
    numbers(rows, (row) => row.id),
    texts(rows, (row) => row.status),
    numbers(totals, (total) => total.startMWh),
    numbers(totals, (total) => total.stopMWh),
    numbers(totals, (total) => total.energyMWh),
    numbers(totals, (total) => total.costMinor),
    documents(rows, (row) => row.register),
    texts(rows, (row) => row.seen),
  ]);
}

async function writeWhole(tx: Sql, rows: readonly TransactionState[]): Promise<void> {
  if (rows.length > 0)
    await tx.query(TRANSACTIONS, [JSON.stringify(rows.map((row) => ({ ...row, ...totalsOf(row) })))]);
}

const METER_VALUES = `
  insert into meter_value (transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, samples)
  select transaction_id, station_id, evse_id, connector_id, to_timestamp(sampled_at / 1000),
    to_timestamp(received_at / 1000), samples
  from unnest($1::text::int8[], $2::text::int8[], $3::text::int4[], $4::text::int4[], $5::text::float8[],
    $6::text::float8[], string_to_array($7::text, E'\\x1e')::json[])
    as m(transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, samples)`;

// What belongs to no transaction has no state that knows it again, so the row itself is looked for, where it can be: a
// charger repeats a message within minutes. It is no part of a session's way.
const OUTSIDE = `
  ${METER_VALUES.trim()}
  where not exists (select 1 from meter_value v
    where v.transaction_id is null and v.station_id = m.station_id and v.sampled_at = to_timestamp(m.sampled_at / 1000)
      and v.evse_id = m.evse_id and v.received_at > to_timestamp($8::float8 / 1000) and v.samples::text = m.samples::text)`;

/** How long a message that is told again is known, ms. */
const KNOWN_MS = 3_600_000;

export async function writeMeterValues(tx: Sql, rows: readonly MeterRow[]): Promise<void> {
  if (rows.length === 0) return;
  const inside: MeterRow[] = [];
  const outside = new Map<string, MeterRow>();
  for (const row of rows) {
    if (row.transactionId !== null) inside.push(row);
    else outside.set(`${row.stationId} ${row.evseId} ${row.sampledAt} ${JSON.stringify(row.samples)}`, row);
  }
  const beside = [...outside.values()];
  const since = beside.reduce((least, row) => Math.min(least, row.receivedAt), Number.MAX_SAFE_INTEGER) - KNOWN_MS;
  await Promise.all([
    inside.length > 0 && tx.query(METER_VALUES, meterColumns(inside)),
    beside.length > 0 && tx.query(OUTSIDE, [...meterColumns(beside), since]),
  ]);
}

function meterColumns(rows: readonly MeterRow[]): string[] {
  return [
    numbers(rows, (row) => row.transactionId),
    numbers(rows, (row) => row.stationId),
    numbers(rows, (row) => row.evseId),
    numbers(rows, (row) => row.connectorId),
    numbers(rows, (row) => row.sampledAt),
    numbers(rows, (row) => row.receivedAt),
    documents(rows, (row) => row.samples),
  ];
}

const EVENTS = `
  insert into outbox (tenant_id, kind, payload)
  select "tenantId", kind, payload
  from json_to_recordset($1::text::json) as e("tenantId" int4, kind text, payload jsonb)`;

export async function writeEvents(tx: Sql, rows: readonly OutboxEvent[]): Promise<void> {
  if (rows.length > 0) await tx.query(EVENTS, [JSON.stringify(rows)]);
}
