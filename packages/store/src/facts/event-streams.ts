/** Streams of values that stations of 2.1 open, and what comes in them (2.1 N11 and following). */
import { numbers } from '../batch/columns.js';
import type { Fact, Lookup } from './fact.js';
import { NAME_COLUMNS, NAME_FIELDS, NAME_TYPES, type VariableName } from './variable-name.js';

/** Values that are kept of a stream, the newest. */
export const STREAM_VALUES = 1_000;

export interface StreamKey {
  readonly stationId: number;
  readonly streamId: number;
}

export interface StreamState extends StreamKey {
  readonly monitorId: number | null;
  /** Null where nobody told which variable the monitor is of. */
  readonly name: VariableName | null;
  readonly intervalS: number | null;
  readonly valuesEach: number | null;
  /** ms since 1970. */
  readonly openedAt: number;
  readonly closedAt: number | null;
}

const STREAMS = `
  insert into event_stream as d (station_id, stream_id, tenant_id, monitor_id, ${NAME_COLUMNS}, interval_s, values_each,
    opened_at, closed_at)
  select "stationId", "streamId", s.tenant_id, "monitorId", ${NAME_FIELDS}, "intervalS", "valuesEach",
    to_timestamp("openedAt" / 1000), to_timestamp("closedAt" / 1000)
  from json_to_recordset($1::text::json) as e("stationId" int8, "streamId" int8, "monitorId" int8, ${NAME_TYPES},
    "intervalS" float8, "valuesEach" int8, "openedAt" float8, "closedAt" float8)
  join station s on s.id = e."stationId"
  on conflict (station_id, stream_id) do update set
    (monitor_id, ${NAME_COLUMNS}, interval_s, values_each, opened_at, closed_at) = (excluded.monitor_id,
      ${NAME_COLUMNS.split(', ')
        .map((column) => `excluded.${column}`)
        .join(', ')}, excluded.interval_s, excluded.values_each, excluded.opened_at, excluded.closed_at)`;

/** A stream as it is now; the last row of a batch counts. */
export const eventStream: Fact<StreamState> = {
  write(tx, rows) {
    const last = new Map(rows.map((row) => [keyOf(row), { ...row, ...row.name }]));
    return tx.query(STREAMS, [JSON.stringify([...last.values()])]);
  },
};

export interface StreamValue extends StreamKey {
  /** ms since 1970. */
  readonly at: number;
  readonly value: string;
  /** Values that the station still holds back. */
  readonly pending: number;
}

const ROWS = `json_to_recordset($1::text::json) as v("stationId" int8, "streamId" int8, at float8, value text,
  pending int8)`;

const VALUES = `
  insert into event_stream_value (station_id, stream_id, at, value)
  select "stationId", "streamId", to_timestamp(v.at / 1000), value from ${ROWS} on conflict do nothing`;

const LAST = `
  update event_stream s set pending = v.pending, last_at = to_timestamp(v.at / 1000), last_value = v.value
  from (select distinct on ("stationId", "streamId") * from ${ROWS} order by "stationId", "streamId", v.at desc) v
  where s.station_id = v."stationId" and s.stream_id = v."streamId"
    and (s.last_at is null or s.last_at <= to_timestamp(v.at / 1000))`;

const TRIM = `
  delete from event_stream_value d using (
    select k."stationId", k."streamId", (select o.at from event_stream_value o where o.station_id = k."stationId"
      and o.stream_id = k."streamId" order by o.at desc offset ${STREAM_VALUES} limit 1) as at
    from (select distinct "stationId", "streamId" from ${ROWS}) k) old
  where d.station_id = old."stationId" and d.stream_id = old."streamId" and d.at <= old.at`;

export const streamValue: Fact<StreamValue> = {
  write(tx, rows) {
    const text = JSON.stringify(rows);
    return Promise.all([VALUES, LAST, TRIM].map((statement) => tx.query(statement, [text])));
  },
};

const keyOf = ({ stationId, streamId }: StreamKey): string => `${stationId}/${streamId}`;

type StreamRow = Omit<StreamState, 'name'> & VariableName;

const READ = `
  select e.station_id as "stationId", e.stream_id as "streamId", e.monitor_id as "monitorId", e.component,
    e.component_instance as "componentInstance", e.evse_id as "evseId", e.connector_id as "connectorId", e.variable,
    e.variable_instance as "variableInstance", e.interval_s as "intervalS", e.values_each as "valuesEach",
    date_part('epoch', e.opened_at) * 1000 as "openedAt", date_part('epoch', e.closed_at) * 1000 as "closedAt"
  from unnest($1::text::int8[], $2::text::int8[]) as k(station_id, stream_id), lateral (
    select * from event_stream e where e.station_id = k.station_id and e.stream_id = k.stream_id limit 1) e`;

/** What a row of the table says. */
export function streamOf(row: StreamRow): StreamState {
  const { component, componentInstance, evseId, connectorId, variable, variableInstance, ...rest } = row;
  const name = { component, componentInstance, evseId, connectorId, variable, variableInstance };
  return { ...rest, name: component === null ? null : name };
}

export const stream: Lookup<StreamKey, StreamState> = {
  keyOf,
  async read(tx, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), numbers(keys, (key) => key.streamId)];
    const rows = await tx.query<StreamRow>(READ, wanted);
    return new Map(rows.map((row) => [keyOf(row), streamOf(row)]));
  },
};

const OPEN = `
  select k.id as "stationId", (select count(*)::int4 from event_stream e where e.station_id = k.id) as n
  from unnest($1::text::int8[]) as k(id)`;

/** How many streams are known of a station, the closed among them. */
export const streamCount: Lookup<{ readonly stationId: number }, number> = {
  keyOf: ({ stationId }) => String(stationId),
  async read(tx, keys) {
    const rows = await tx.query<{ stationId: number; n: number }>(OPEN, [numbers(keys, (key) => key.stationId)]);
    return new Map(rows.map((row) => [String(row.stationId), row.n]));
  },
};
