/** The reads of a batch: key look-ups only, whatever the history holds (field.md 36). */
import type { StationState, TransactionFlag, TransactionState } from '@sigec/domain';
import type { Sql } from '../database.js';
import { numbers, texts } from './columns.js';
import { type CallNeeds, type TokenView, tokenKey } from './types.js';

/** To the microsecond; what a double would add to that is taken off. */
const ms = (column: string) => `round(date_part('epoch', ${column}) * 1e6) / 1e3`;

const STATIONS = `
  select id, tenant_id, identity, session_epoch, registration, blocked, leniency
  from station where id = any($1::text::int8[]) order by id for no key update`;

type StationCells = [
  ...[id: number, tenantId: number, identity: string, epoch: number, registration: StationState['registration']],
  ...[blocked: boolean, leniency: StationState['leniency']],
];

/** Locks the rows, in the order of their ids. */
export async function readStations(tx: Sql, ids: readonly number[]): Promise<Map<number, StationState>> {
  const rows = await tx.rows<StationCells>(STATIONS, [numbers([...new Set(ids)], (id) => id)]);
  const stations = new Map<number, StationState>();
  for (const [id, tenantId, identity, epoch, registration, blocked, leniency] of rows)
    stations.set(id, { id, tenantId, identity, epoch, registration, blocked, leniency });
  return stations;
}

const FIELDS = `t.id, t.tenant_id, t.station_id, t.evse_id, t.connector_id, t.version, t.ocpp_transaction_id, t.start_key,
    t.id_token, t.user_id, t.remote_start_id, t.status, ${ms('t.started_at')}, ${ms('t.ended_at')}, t.stop_reason,
    t.register, t.seen, array_to_string(t.flags, ','), t.tariff`;

type Text = string | null;

// In the order of FIELDS.
type Cells = [
  ...[id: number, tenantId: number, stationId: number, evseId: number, connectorId: number, version: string],
  ...[ocppTransactionId: string, startKey: Text, idToken: Text, userId: Text, remoteStartId: number | null],
  ...[status: TransactionState['status'], startedAt: number, endedAt: number | null, stopReason: Text],
  ...[register: TransactionState['register'], seen: string, flags: string, tariff: TransactionState['tariff']],
];

const NO_FLAGS: readonly TransactionFlag[] = [];

// Written out: every transaction that is read has one shape, which is what makes the steps over it fast.
const toTransaction = (cells: Cells): TransactionState => ({
  id: cells[0],
  tenantId: cells[1],
  stationId: cells[2],
  evseId: cells[3],
  connectorId: cells[4],
  version: cells[5],
  ocppTransactionId: cells[6],
  startKey: cells[7],
  idToken: cells[8],
  userId: cells[9],
  remoteStartId: cells[10],
  status: cells[11],
  startedAt: cells[12],
  endedAt: cells[13],
  stopReason: cells[14],
  register: cells[15],
  seen: cells[16],
  flags: cells[17] === '' ? NO_FLAGS : (cells[17].split(',') as TransactionFlag[]),
  tariff: cells[18],
});

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

/** What a batch asks for by three keys; one that is found by more than one of them stands once. */
export async function readTransactions(tx: Sql, needs: CallNeeds): Promise<TransactionState[]> {
  const { transactions, startKeys, activeOf } = needs;
  const found = await Promise.all([
    keyed(tx, BY_OCPP_ID, transactions, (need) => need.ocppTransactionId),
    keyed(tx, BY_START_KEY, startKeys, (need) => need.key),
    activeOf.length > 0 && tx.rows<Cells>(ACTIVE, [numbers([...new Set(activeOf)], (id) => id)]),
  ]);
  const byId = new Map<number, TransactionState>();
  for (const rows of found) {
    for (const cells of rows || []) byId.set(cells[0], toTransaction(cells));
  }
  return [...byId.values()];
}

function keyed<N extends { readonly stationId: number }>(
  tx: Sql,
  text: string,
  needs: readonly N[],
  key: (need: N) => string,
): Promise<Cells[]> | false {
  return needs.length > 0 && tx.rows<Cells>(text, [numbers(needs, (need) => need.stationId), texts(needs, key)]);
}

// What only a limited token asks for is looked up for limited tokens only.
const ID_TOKENS = `
  select k.station_id as "stationId", k.value_key as key, t.value, t.status, ${ms('t.expires_at')} as "expiresAt",
    t.group_id as "groupId", t.user_id as "userId", t.max_concurrent as "maxConcurrent", t.limits,
    case when t.limits is not null then (select x.name from site x where x.id = s.site_id limit 1) end as site,
    case when t.limits is not null then (
      select json_agg(json_build_object('evseId', c.evse_id, 'type', c.type))
      from connector c where c.station_id = s.id and c.evse_id > 0 and c.type is not null) end as outlets,
    case when t.max_concurrent is not null then (
      select json_agg(r) from (
        select id, station_id as "stationId", evse_id as "evseId", connector_id as "connectorId"
        from transaction r
        where r.tenant_id = t.tenant_id and lower(r.id_token) = t.value_key and r.ended_at is null
        order by r.id limit 100) r) end as running
  from unnest($1::text::int8[], $2::text::text[]) as k(station_id, value_key)
  join station s on s.id = k.station_id
  cross join lateral (
    select * from id_token t where t.tenant_id = s.tenant_id and t.value_key = k.value_key limit 1) t`;

export async function readIdTokens(tx: Sql, wanted: CallNeeds['idTokens']): Promise<Map<string, TokenView>> {
  if (wanted.length === 0) return new Map();
  const rows = await tx.query<TokenView & { stationId: number; key: string }>(ID_TOKENS, [
    numbers(wanted, (n) => n.stationId),
    texts(wanted, (n) => n.key),
  ]);
  return new Map(rows.map((row) => [tokenKey(row.stationId, row.key), row]));
}

const NEW_IDS = `
  select nextval(pg_get_serial_sequence('transaction', 'id')) as id from generate_series(1, $1::int4)`;

export async function takeTransactionIds(tx: Sql, count: number): Promise<number[]> {
  if (count === 0) return [];
  return (await tx.query<{ id: number }>(NEW_IDS, [count])).map((row) => row.id);
}
