/** The reads of a batch: key look-ups only, whatever the history holds (field.md 36). */
import type { IdTokenState, StationState, TransactionFlag, TransactionState } from '@sigec/domain';
import type { Sql } from '../database.js';
import { numbers, texts } from './columns.js';
import { type CallNeeds, tokenKey } from './types.js';

/** To the microsecond; what a double would add to that is taken off. */
const ms = (column: string) => `round(date_part('epoch', ${column}) * 1e6) / 1e3`;

const STATIONS = `
  select id, tenant_id as "tenantId", identity, session_epoch as epoch, registration, blocked, leniency
  from station where id = any($1::text::int8[]) order by id for no key update`;

/** Locks the rows, in the order of their ids. */
export async function readStations(tx: Sql, ids: readonly number[]): Promise<Map<number, StationState>> {
  const rows = await tx.query<StationState>(STATIONS, [numbers([...new Set(ids)], (id) => id)]);
  return new Map(rows.map((row) => [row.id, row]));
}

const FIELDS = `t.id, t.tenant_id as "tenantId", t.station_id as "stationId", t.evse_id as "evseId",
    t.connector_id as "connectorId", t.version, t.ocpp_transaction_id as "ocppTransactionId", t.start_key as "startKey",
    t.id_token as "idToken", t.user_id as "userId", t.remote_start_id as "remoteStartId", t.status,
    ${ms('t.started_at')} as "startedAt", ${ms('t.ended_at')} as "endedAt", t.stop_reason as "stopReason", t.register,
    t.seen, array_to_string(t.flags, ',') as flags, t.tariff`;

// Lateral look-ups with a limit cannot become scans of the whole table, whatever the planner believes of its size.
const BY_OCPP_ID = `
  select ${FIELDS} from unnest($1::text::int8[], $2::text::text[]) as k(station_id, ocpp_id), lateral (
    select * from transaction t where t.station_id = k.station_id and t.ocpp_transaction_id = k.ocpp_id limit 1) t`;
const BY_START_KEY = `
  select ${FIELDS} from unnest($1::text::int8[], $2::text::text[]) as k(station_id, start_key), lateral (
    select * from transaction t where t.station_id = k.station_id and t.start_key = k.start_key limit 1) t`;
const ACTIVE = `
  select ${FIELDS} from unnest($1::text::int8[]) as k(station_id), lateral (
    select * from transaction t where t.station_id = k.station_id and t.ended_at is null order by id limit 64) t`;

type Row = Omit<TransactionState, 'flags'> & { flags: string };

/** What a batch asks for by three keys; one that is found by more than one of them stands once. */
export async function readTransactions(tx: Sql, needs: CallNeeds): Promise<TransactionState[]> {
  const { transactions, startKeys, activeOf } = needs;
  const found = await Promise.all([
    keyed(tx, BY_OCPP_ID, transactions, (need) => need.ocppTransactionId),
    keyed(tx, BY_START_KEY, startKeys, (need) => need.key),
    activeOf.length > 0 && tx.query<Row>(ACTIVE, [numbers([...new Set(activeOf)], (id) => id)]),
  ]);
  const byId = new Map<number, TransactionState>();
  for (const rows of found) {
    for (const row of rows || [])
      byId.set(row.id, { ...row, flags: row.flags === '' ? [] : (row.flags.split(',') as TransactionFlag[]) });
  }
  return [...byId.values()];
}

function keyed<N extends { readonly stationId: number }>(
  tx: Sql,
  text: string,
  needs: readonly N[],
  key: (need: N) => string,
): Promise<Row[]> | false {
  return needs.length > 0 && tx.query<Row>(text, [numbers(needs, (need) => need.stationId), texts(needs, key)]);
}

const ID_TOKENS = `
  select t.tenant_id as "tenantId", t.value_key as key, t.value, t.status, ${ms('t.expires_at')} as "expiresAt",
    t.group_id as "groupId", t.user_id as "userId"
  from unnest($1::text::int8[], $2::text::text[]) as k(station_id, value_key)
  join station s on s.id = k.station_id
  cross join lateral (
    select * from id_token t where t.tenant_id = s.tenant_id and t.value_key = k.value_key limit 1) t`;

export async function readIdTokens(tx: Sql, wanted: CallNeeds['idTokens']): Promise<Map<string, IdTokenState>> {
  if (wanted.length === 0) return new Map();
  const rows = await tx.query<IdTokenState & { tenantId: number; key: string }>(ID_TOKENS, [
    numbers(wanted, (n) => n.stationId),
    texts(wanted, (n) => n.key),
  ]);
  return new Map(rows.map((row) => [tokenKey(row.tenantId, row.key), row]));
}

const NEW_IDS = `
  select nextval(pg_get_serial_sequence('transaction', 'id')) as id from generate_series(1, $1::int4)`;

export async function takeTransactionIds(tx: Sql, count: number): Promise<number[]> {
  if (count === 0) return [];
  return (await tx.query<{ id: number }>(NEW_IDS, [count])).map((row) => row.id);
}
