/** Rows and look-ups of reservations, of the group that began a transaction, and of what vendors say. */
import { createHash } from 'node:crypto';
import { numbers, texts } from '../batch/columns.js';
import type { Sql } from '../database.js';
import type { Fact, Lookup } from './fact.js';
import { transactionDetail } from './transaction-detail.js';

/**
 * sent: on its way, or nobody knows whether it arrived; active: the station holds it; the others ended it. removed: the
 * station gave it up by itself; no_transaction: used, but nothing came of it (2.1).
 */
export type ReservationStatus =
  | 'sent'
  | 'active'
  | 'used'
  | 'cancelled'
  | 'expired'
  | 'removed'
  | 'no_transaction'
  | 'rejected'
  | 'failed';

export interface ReservationState {
  readonly id: number;
  readonly stationId: number;
  readonly reservationId: number;
  readonly status: ReservationStatus;
  readonly detail: string | null;
  readonly transactionId: number | null;
  /** ms since 1970; null while it holds. */
  readonly endedAt: number | null;
}

export interface ReservationKey {
  readonly stationId: number;
  readonly reservationId: number;
}

const RESERVATIONS = `
  select r.id, r.station_id as "stationId", r.reservation_id as "reservationId", r.status, r.detail,
    r.transaction_id as "transactionId", date_part('epoch', r.ended_at) * 1000 as "endedAt"
  from unnest($1::text::int8[], $2::text::int8[]) as k(station_id, reservation_id), lateral (
    select * from reservation r where r.station_id = k.station_id and r.reservation_id = k.reservation_id limit 1) r`;

const byNumber = ({ stationId, reservationId }: ReservationKey): string => `${stationId}/${reservationId}`;

const reservation: Lookup<ReservationKey, ReservationState> = {
  keyOf: byNumber,
  async read(tx, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), numbers(keys, (key) => key.reservationId)];
    const rows = await tx.query<ReservationState>(RESERVATIONS, wanted);
    return new Map(rows.map((row) => [byNumber(row), row]));
  },
};

const MOVE = `
  update reservation r set status = c.status, detail = c.detail, transaction_id = c."transactionId", updated_at = now(),
    ended_at = to_timestamp(c."endedAt" / 1000)
  from json_to_recordset($1::text::json) as c(id int8, status text, detail text, "transactionId" int8, "endedAt" float8)
  where r.id = c.id`;

/** A reservation as it is now; the last row of a batch counts. */
const reservationState: Fact<ReservationState> = {
  write(tx: Sql, rows) {
    const last = new Map(rows.map((row) => [row.id, row]));
    return tx.query(MOVE, [JSON.stringify([...last.values()])]);
  },
};

export interface StartGroupKey {
  readonly stationId: number;
  readonly ocppTransactionId: string;
}

const START_GROUPS = `
  select k.station_id as "stationId", k.ocpp_id as "ocppTransactionId", t.group_id as "groupId"
  from unnest($1::text::int8[], $2::text::text[]) as k(station_id, ocpp_id), lateral (
    select * from transaction x where x.station_id = k.station_id and x.ocpp_transaction_id = k.ocpp_id limit 1) x, lateral (
    select * from id_token t where t.tenant_id = x.tenant_id and t.value_key = lower(x.id_token) limit 1) t`;

const byTransaction = ({ stationId, ocppTransactionId }: StartGroupKey): string => `${stationId}/${ocppTransactionId}`;

/** The group of the token that began a transaction, for the one that stops it. */
const startGroup: Lookup<StartGroupKey, { readonly groupId: string | null }> = {
  keyOf: byTransaction,
  async read(tx, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), texts(keys, (key) => key.ocppTransactionId)];
    const rows = await tx.query<StartGroupKey & { groupId: string | null }>(START_GROUPS, wanted);
    return new Map(rows.map((row) => [byTransaction(row), { groupId: row.groupId }]));
  },
};

export interface DataTransferRow {
  readonly stationId: number;
  readonly direction: 'in' | 'out';
  /** ms since 1970. */
  readonly at: number;
  readonly vendorId: string;
  readonly messageId: string | null;
  readonly data: unknown;
  readonly status: string;
}

/** Longer data is counted and not kept. */
const MAX_DATA = 16_384;
/** How many of a station are kept: the newest. */
export const DATA_TRANSFERS_KEPT = 200;

const TRANSFERS = `
  insert into data_transfer (tenant_id, station_id, direction, at, vendor_id, message_id, data, data_bytes, digest, status)
  select s.tenant_id, d."stationId", d.direction, to_timestamp(d.at / 1000), d."vendorId", d."messageId", d.data,
    d.bytes, d.digest, d.status
  from rows from (json_to_recordset($1::text::json) as ("stationId" int8, direction text, at float8, "vendorId" text,
    "messageId" text, data json, bytes int4, digest text, status text)) with ordinality
    as d("stationId", direction, at, "vendorId", "messageId", data, bytes, digest, status, n)
  join station s on s.id = d."stationId"
  order by d.n
  on conflict do nothing`;

// In their order, whatever the plan: the newest of a station are those of the highest ids.
const FORGET = `
  delete from data_transfer d using (
    select distinct station_id from unnest($1::text::int8[]) as k(station_id)) k
  where d.station_id = k.station_id and d.id <= (
    select id from data_transfer o where o.station_id = k.station_id order by id desc offset $2::int4 limit 1)`;

/** What a vendor's own message said. The same message at the same instant is the same. */
const dataTransfer: Fact<DataTransferRow> = {
  async write(tx: Sql, rows) {
    const kept = rows.map(({ data, ...row }) => {
      const text = data === undefined ? '' : JSON.stringify(data);
      const bytes = Buffer.byteLength(text);
      const named = `${row.direction} ${row.vendorId} ${row.messageId} ${text}`;
      const digest = createHash('sha256').update(named).digest('base64url').slice(0, 22);
      return { ...row, data: bytes === 0 || bytes > MAX_DATA ? undefined : data, bytes, digest };
    });
    const stations = numbers(rows, (row) => row.stationId);
    await Promise.all([tx.query(TRANSFERS, [JSON.stringify(kept)]), tx.query(FORGET, [stations, DATA_TRANSFERS_KEPT])]);
  },
};

export const AUTHORISATION_FACTS = { reservationState, transactionDetail, dataTransfer };
export const AUTHORISATION_LOOKUPS = { reservation, startGroup };
