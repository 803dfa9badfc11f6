/** The writes of a batch: one statement per kind of change, however many rows. */
import { type TransactionState, totalsOf } from '@sigec/domain';
import type { Sql } from '../database.js';
import { columns } from './columns.js';
import type { BootChange, ConnectorChange, OutboxEvent, SampleRow } from './types.js';

const BOOTS = `
  update station s set vendor = b.vendor, model = b.model, serial_number = b.serial, firmware_version = b.firmware,
    ocpp_version = b.version, registration = b.registration, booted_at = to_timestamp(b.at / 1000), updated_at = now()
  from unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[])
    as b(id, vendor, model, serial, firmware, version, registration, at)
  where s.id = b.id`;

export async function writeBoots(tx: Sql, rows: readonly BootChange[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    BOOTS,
    columns(
      rows,
      (r) => r.stationId,
      (r) => r.vendor,
      (r) => r.model,
      (r) => r.serialNumber,
      (r) => r.firmwareVersion,
      (r) => r.version,
      (r) => r.registration,
      (r) => r.at,
    ),
  );
}

const CONNECTORS = `
  insert into connector (station_id, evse_id, connector_id, ocpp_status, status, error_code, vendor_error_code, info,
    status_at)
  select station_id, evse_id, connector_id, ocpp_status, status, error_code, vendor_error_code, info,
    to_timestamp(at / 1000)
  from unnest($1::int8[], $2::int4[], $3::int4[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::float8[])
    as c(station_id, evse_id, connector_id, ocpp_status, status, error_code, vendor_error_code, info, at)
  on conflict (station_id, evse_id, connector_id) do update set ocpp_status = excluded.ocpp_status,
    status = excluded.status, error_code = excluded.error_code, vendor_error_code = excluded.vendor_error_code,
    info = excluded.info, status_at = excluded.status_at`;

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
    from connector where station_id = any($1::int8[]) group by station_id) d
  where s.id = d.station_id and s.status <> d.status`;

export async function writeConnectors(tx: Sql, rows: readonly ConnectorChange[]): Promise<void> {
  if (rows.length === 0) return;
  const written = tx.query(
    CONNECTORS,
    columns(
      rows,
      (r) => r.stationId,
      (r) => r.evseId,
      (r) => r.connectorId,
      (r) => r.ocppStatus,
      (r) => r.status,
      (r) => r.errorCode,
      (r) => r.vendorErrorCode,
      (r) => r.info,
      (r) => r.at,
    ),
  );
  const derived = tx.query(DERIVE, [[...new Set(rows.map((r) => r.stationId))]]);
  await Promise.all([written, derived]);
}

const TRANSACTIONS = `
  insert into transaction (id, tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, start_key,
    id_token, user_id, remote_start_id, status, started_at, ended_at, stop_reason, meter_start_mwh, meter_stop_mwh,
    energy_mwh, cost_minor, currency, register, seen, flags, tariff)
  select id, tenant_id, station_id, evse_id, connector_id, version, ocpp_id, start_key, id_token, user_id::uuid,
    remote_start_id, status, to_timestamp(started_at / 1000), to_timestamp(ended_at / 1000), stop_reason, meter_start,
    meter_stop, energy, cost, currency, register::jsonb, seen, string_to_array(flags, ','), tariff::jsonb
  from unnest($1::int8[], $2::int4[], $3::int8[], $4::int4[], $5::int4[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::text[], $11::int4[], $12::text[], $13::float8[], $14::float8[], $15::text[], $16::int8[],
      $17::int8[], $18::int8[], $19::int8[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[])
    as t(id, tenant_id, station_id, evse_id, connector_id, version, ocpp_id, start_key, id_token, user_id,
      remote_start_id, status, started_at, ended_at, stop_reason, meter_start, meter_stop, energy, cost, currency,
      register, seen, flags, tariff)
  on conflict (id) do update set evse_id = excluded.evse_id, connector_id = excluded.connector_id,
    start_key = excluded.start_key, id_token = excluded.id_token, user_id = excluded.user_id,
    remote_start_id = excluded.remote_start_id, status = excluded.status, started_at = excluded.started_at,
    ended_at = excluded.ended_at, stop_reason = excluded.stop_reason, meter_start_mwh = excluded.meter_start_mwh,
    meter_stop_mwh = excluded.meter_stop_mwh, energy_mwh = excluded.energy_mwh, cost_minor = excluded.cost_minor,
    register = excluded.register, seen = excluded.seen, flags = excluded.flags, updated_at = now()`;

export async function writeTransactions(tx: Sql, rows: readonly TransactionState[]): Promise<void> {
  if (rows.length === 0) return;
  const totals = rows.map((row) => ({ row, ...totalsOf(row) }));
  await tx.query(
    TRANSACTIONS,
    columns(
      totals,
      (t) => t.row.id,
      (t) => t.row.tenantId,
      (t) => t.row.stationId,
      (t) => t.row.evseId,
      (t) => t.row.connectorId,
      (t) => t.row.version,
      (t) => t.row.ocppTransactionId,
      (t) => t.row.startKey,
      (t) => t.row.idToken,
      (t) => t.row.userId,
      (t) => t.row.remoteStartId,
      (t) => t.row.status,
      (t) => t.row.startedAt,
      (t) => t.row.endedAt,
      (t) => t.row.stopReason,
      (t) => t.startMWh,
      (t) => t.stopMWh,
      (t) => t.energyMWh,
      (t) => t.costMinor,
      (t) => t.row.tariff.currency,
      (t) => JSON.stringify(t.row.register),
      (t) => t.row.seen,
      (t) => t.row.flags.join(','),
      (t) => JSON.stringify(t.row.tariff),
    ),
  );
}

const SAMPLES = `
  insert into meter_sample (transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, measurand, phase,
    context, location, unit, value, raw)
  select transaction_id, station_id, evse_id, connector_id, to_timestamp(sampled_at / 1000),
    to_timestamp(received_at / 1000), measurand, phase, context, location, unit, value, raw
  from unnest($1::int8[], $2::int8[], $3::int4[], $4::int4[], $5::float8[], $6::float8[], $7::text[], $8::text[],
      $9::text[], $10::text[], $11::text[], $12::float8[], $13::text[])
    as m(transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, measurand, phase, context,
      location, unit, value, raw)`;

export async function writeSamples(tx: Sql, rows: readonly SampleRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    SAMPLES,
    columns(
      rows,
      (r) => r.transactionId,
      (r) => r.stationId,
      (r) => r.evseId,
      (r) => r.connectorId,
      (r) => r.sampledAt,
      (r) => r.receivedAt,
      (r) => r.measurand,
      (r) => r.phase,
      (r) => r.context,
      (r) => r.location,
      (r) => r.unit,
      (r) => r.value,
      (r) => r.raw,
    ),
  );
}

const EVENTS = `
  insert into outbox (tenant_id, kind, payload)
  select tenant_id, kind, payload::jsonb from unnest($1::int4[], $2::text[], $3::text[]) as e(tenant_id, kind, payload)`;

export async function writeEvents(tx: Sql, rows: readonly OutboxEvent[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    EVENTS,
    columns(
      rows,
      (r) => r.tenantId,
      (r) => r.kind,
      (r) => JSON.stringify(r.payload),
    ),
  );
}
