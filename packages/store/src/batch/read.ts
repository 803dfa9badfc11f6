/** The reads of a batch: key look-ups only, whatever the history holds (field.md 36). */
import type { IdTokenState, StationState, TransactionFlag, TransactionState } from '@sigec/domain';
import type { Sql } from '../database.js';
import { columns } from './columns.js';
import { type CallNeeds, tokenKey } from './types.js';

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

const STATIONS = `
  select id, tenant_id as "tenantId", identity, session_epoch as epoch, registration, blocked, leniency
  from station where id = any($1::int8[]) order by id for no key update`;

/** Locks the rows, in the order of their ids. */
export async function readStations(tx: Sql, ids: readonly number[]): Promise<Map<number, StationState>> {
  const rows = await tx.query<StationState>(STATIONS, [[...new Set(ids)]]);
  return new Map(rows.map((row) => [row.id, row]));
}

// Lateral look-ups with a limit cannot become scans of the whole table, whatever the planner believes of its size.
const TRANSACTIONS = `
  with wanted as (
    select f.id from unnest($1::int8[], $2::text[]) as k(station_id, ocpp_id), lateral (
      select id from transaction t where t.station_id = k.station_id and t.ocpp_transaction_id = k.ocpp_id limit 1) f
    union
    select f.id from unnest($3::int8[], $4::text[]) as k(station_id, start_key), lateral (
      select id from transaction t where t.station_id = k.station_id and t.start_key = k.start_key limit 1) f
    union
    select f.id from unnest($5::int8[]) as k(station_id), lateral (
      select id from transaction t where t.station_id = k.station_id and t.ended_at is null order by id limit 64) f)
  select t.id, t.tenant_id as "tenantId", t.station_id as "stationId", t.evse_id as "evseId",
    t.connector_id as "connectorId", t.version, t.ocpp_transaction_id as "ocppTransactionId", t.start_key as "startKey",
    t.id_token as "idToken", t.user_id as "userId", t.remote_start_id as "remoteStartId", t.status,
    ${ms('t.started_at')} as "startedAt", ${ms('t.ended_at')} as "endedAt", t.stop_reason as "stopReason", t.register,
    t.seen, array_to_string(t.flags, ',') as flags, t.tariff
  from wanted w, lateral (select * from transaction t where t.id = w.id limit 1) t`;

export async function readTransactions(tx: Sql, needs: CallNeeds): Promise<TransactionState[]> {
  if (needs.transactions.length + needs.startKeys.length + needs.activeOf.length === 0) return [];
  const rows = await tx.query<Omit<TransactionState, 'flags'> & { flags: string }>(TRANSACTIONS, [
    ...columns(
      needs.transactions,
      (n) => n.stationId,
      (n) => n.ocppTransactionId,
    ),
    ...columns(
      needs.startKeys,
      (n) => n.stationId,
      (n) => n.key,
    ),
    [...new Set(needs.activeOf)],
  ]);
  return rows.map((row) => ({
    ...row,
    flags: row.flags === '' ? [] : (row.flags.split(',') as TransactionFlag[]),
  }));
}

const ID_TOKENS = `
  select t.tenant_id as "tenantId", t.value_key as key, t.value, t.status, ${ms('t.expires_at')} as "expiresAt",
    t.group_id as "groupId", t.user_id as "userId"
  from unnest($1::int8[], $2::text[]) as k(station_id, value_key)
  join station s on s.id = k.station_id
  cross join lateral (
    select * from id_token t where t.tenant_id = s.tenant_id and t.value_key = k.value_key limit 1) t`;

export async function readIdTokens(tx: Sql, wanted: CallNeeds['idTokens']): Promise<Map<string, IdTokenState>> {
  if (wanted.length === 0) return new Map();
  const rows = await tx.query<IdTokenState & { tenantId: number; key: string }>(
    ID_TOKENS,
    columns(
      wanted,
      (n) => n.stationId,
      (n) => n.key,
    ),
  );
  return new Map(rows.map((row) => [tokenKey(row.tenantId, row.key), row]));
}

const NEW_IDS = `
  select nextval(pg_get_serial_sequence('transaction', 'id')) as id
  from unnest($1::int8[], $2::text[], $3::text[]) as n(station_id, ocpp_id, start_key)
  left join lateral (select 1 as known from transaction t
    where t.station_id = n.station_id and t.ocpp_transaction_id = n.ocpp_id limit 1) a on true
  left join lateral (select 1 as known from transaction t
    where t.station_id = n.station_id and t.start_key = n.start_key limit 1) b on true
  where a.known is null and b.known is null`;

export async function readNewTransactionIds(tx: Sql, maybe: CallNeeds['newTransactions']): Promise<number[]> {
  if (maybe.length === 0) return [];
  const rows = await tx.query<{ id: number }>(
    NEW_IDS,
    columns(
      maybe,
      (n) => n.stationId,
      (n) => n.ocppTransactionId,
      (n) => n.startKey,
    ),
  );
  return rows.map((row) => row.id);
}
