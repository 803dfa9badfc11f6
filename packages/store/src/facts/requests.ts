/** Requests that a station answers in messages of its own, as batches read and move them. */
import { numbers, texts } from '../batch/columns.js';
import type { Sql } from '../database.js';
import type { Fact, Lookup } from './fact.js';

/**
 * sent: on its way, or nobody knows whether it arrived; accepted: the station will do it; running: it has told something;
 * complete, rejected, failed, expired: ended.
 */
export type RequestStatus = 'sent' | 'accepted' | 'running' | 'complete' | 'rejected' | 'failed' | 'expired';

export interface RequestState {
  readonly id: number;
  readonly stationId: number;
  readonly action: string;
  readonly requestId: number;
  readonly status: RequestStatus;
  readonly detail: string | null;
  /** How many parts of the answer came. */
  readonly parts: number;
  /** ms since 1970; null while it is open. */
  readonly endedAt: number | null;
}

export interface RequestPart {
  /** {@link RequestState.id}. */
  readonly request: number;
  readonly seqNo: number;
  readonly items: readonly unknown[];
  /** ms since 1970. */
  readonly receivedAt: number;
}

const FIELDS = `r.id, r.station_id as "stationId", r.action, r.request_id as "requestId", r.status, r.detail, r.parts,
  date_part('epoch', r.ended_at) * 1000 as "endedAt"`;

const BY_NUMBER = `
  select ${FIELDS} from unnest($1::text::int8[], $2::text::int8[]) as k(station_id, request_id), lateral (
    select * from station_request r where r.station_id = k.station_id and r.request_id = k.request_id limit 1) r`;

const NEWEST_OPEN = `
  select ${FIELDS} from unnest($1::text::int8[], $2::text::text[]) as k(station_id, action), lateral (
    select * from station_request r where r.station_id = k.station_id and r.action = k.action and r.ended_at is null
    order by r.id desc limit 1) r`;

export interface RequestKey {
  readonly stationId: number;
  readonly requestId: number;
}

export interface OpenRequestKey {
  readonly stationId: number;
  readonly action: string;
}

const byNumber = ({ stationId, requestId }: RequestKey): string => `${stationId}/${requestId}`;
const byAction = ({ stationId, action }: OpenRequestKey): string => `${stationId}/${action}`;

const request: Lookup<RequestKey, RequestState> = {
  keyOf: byNumber,
  async read(tx, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), numbers(keys, (key) => key.requestId)];
    const rows = await tx.query<RequestState>(BY_NUMBER, wanted);
    return new Map(rows.map((row) => [byNumber(row), row]));
  },
};

/** The newest of an action that has not ended: messages of 1.6 do not say which request they answer. */
const openRequest: Lookup<OpenRequestKey, RequestState> = {
  keyOf: byAction,
  async read(tx, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), texts(keys, (key) => key.action)];
    const rows = await tx.query<RequestState>(NEWEST_OPEN, wanted);
    return new Map(rows.map((row) => [byAction(row), row]));
  },
};

const MOVE = `
  update station_request r set status = c.status, detail = c.detail, parts = c.parts, updated_at = now(),
    ended_at = to_timestamp(c."endedAt" / 1000)
  from json_to_recordset($1::text::json) as c(id int8, status text, detail text, parts int4, "endedAt" float8)
  where r.id = c.id`;

/** A request as it is now; the last row of a batch counts. */
const requestState: Fact<RequestState> = {
  write(tx: Sql, rows) {
    const last = new Map(rows.map((row) => [row.id, row]));
    return tx.query(MOVE, [JSON.stringify([...last.values()])]);
  },
};

const PARTS = `
  insert into station_request_part (request, seq_no, items, received_at)
  select request, "seqNo", items, to_timestamp("receivedAt" / 1000)
  from json_to_recordset($1::text::json) as p(request int8, "seqNo" int4, items jsonb, "receivedAt" float8)
  on conflict do nothing`;

const requestPart: Fact<RequestPart> = { write: (tx: Sql, rows) => tx.query(PARTS, [JSON.stringify(rows)]) };

export const REQUEST_FACTS = { requestState, requestPart };
export const REQUEST_LOOKUPS = { request, openRequest };
