/** Messages on displays as stations report them, and what the last part of a report held. */
import { numbers } from '../batch/columns.js';
import type { Sql } from '../database.js';
import type { DisplayContent, KnownFrom } from '../schema/energy.js';
import type { Fact, Lookup } from './fact.js';
import { newest } from './newest.js';
import type { RequestKey } from './requests.js';

export interface DisplayMessageFact {
  readonly stationId: number;
  readonly tenantId: number;
  readonly messageId: number;
  readonly priority: string;
  readonly state: string | null;
  /** ms since 1970, as all times here. */
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  readonly ocppTransactionId: string | null;
  readonly display: Readonly<Record<string, unknown>> | null;
  readonly contents: readonly DisplayContent[];
}

/** A report without a filter has ended: what the station has not told since it was asked for is there no longer. */
export interface ReportSweep {
  /** The id of the request. */
  readonly request: number;
}

const PUT = `
  insert into display_message (station_id, tenant_id, message_id, priority, state, starts_at, ends_at,
    ocpp_transaction_id, display, contents, source)
  select "stationId", "tenantId", "messageId", priority, state, to_timestamp("startsAt" / 1000),
    to_timestamp("endsAt" / 1000), "ocppTransactionId", display, contents, $2::text
  from json_to_recordset($1::text::json) as m("stationId" int8, "tenantId" int4, "messageId" int8, priority text,
    state text, "startsAt" float8, "endsAt" float8, "ocppTransactionId" text, display jsonb, contents jsonb)
  on conflict (station_id, message_id) do update set priority = excluded.priority, state = excluded.state,
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, ocpp_transaction_id = excluded.ocpp_transaction_id,
    display = excluded.display, contents = excluded.contents, known_at = now(),
    source = case when excluded.source = 'set' then 'set' else display_message.source end`;

/** Of messages under one id the last counts. */
export function putDisplayMessages(tx: Sql, rows: readonly DisplayMessageFact[], source: KnownFrom): Promise<unknown> {
  return tx.query(PUT, [newest(rows, (row) => `${row.stationId}/${row.messageId}`), source]);
}

const displayMessage: Fact<DisplayMessageFact> = { write: (tx, rows) => putDisplayMessages(tx, rows, 'reported') };

const SWEEP = `
  delete from display_message m using station_request r
  where r.id = any($1::text::int8[]) and m.station_id = r.station_id and m.known_at < r.created_at
    and r.payload -> 'id' is null and r.payload -> 'priority' is null and r.payload -> 'state' is null`;

/** After {@link displayMessage}: kinds are written in the order of the table. */
const displaySweep: Fact<ReportSweep> = {
  write: (tx, rows) => tx.query(SWEEP, [numbers(rows, (row) => row.request)]),
};

const LAST_PART = `
  select r.station_id as "stationId", r.request_id as "requestId", p.items
  from unnest($1::text::int8[], $2::text::int8[]) as k(station_id, request_id), lateral (
    select id, station_id, request_id from station_request r
    where r.station_id = k.station_id and r.request_id = k.request_id limit 1) r, lateral (
    select items from station_request_part p where p.request = r.id order by p.seq_no desc limit 1) p`;

const byNumber = ({ stationId, requestId }: RequestKey): string => `${stationId}/${requestId}`;

/** What came last under a request: where parts have no number, one that comes again is known by what it holds. */
const lastPart: Lookup<RequestKey, readonly unknown[]> = {
  keyOf: byNumber,
  async read(tx: Sql, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), numbers(keys, (key) => key.requestId)];
    const rows = await tx.query<RequestKey & { items: unknown[] }>(LAST_PART, wanted);
    return new Map(rows.map((row) => [byNumber(row), row.items]));
  },
};

export const DISPLAY_FACTS = { displayMessage, displaySweep };
export const DISPLAY_LOOKUPS = { lastPart };
