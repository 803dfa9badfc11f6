/** Grid control (DER): controls as stations report them, their starts and stops, and alarms. */
import { numbers, texts } from '../batch/columns.js';
import type { Sql } from '../database.js';
import type { KnownFrom } from '../schema/energy.js';
import type { ReportSweep } from './display.js';
import type { Fact, Lookup } from './fact.js';
import { newest } from './newest.js';

export interface DerControlFact {
  readonly stationId: number;
  readonly tenantId: number;
  readonly controlId: string;
  readonly controlType: string;
  readonly isDefault: boolean;
  readonly superseded: boolean;
  /** ms since 1970, as all times here. */
  readonly startsAt: number | null;
  readonly durationS: number | null;
  readonly priority: number;
  readonly content: Readonly<Record<string, unknown>>;
}

const PUT = `
  insert into der_control (station_id, tenant_id, control_id, control_type, is_default, superseded, starts_at,
    duration_s, priority, content, source)
  select "stationId", "tenantId", "controlId", "controlType", "isDefault", superseded, to_timestamp("startsAt" / 1000),
    "durationS", priority, content, $2::text
  from json_to_recordset($1::text::json) as c("stationId" int8, "tenantId" int4, "controlId" text, "controlType" text,
    "isDefault" boolean, superseded boolean, "startsAt" float8, "durationS" float8, priority int4, content jsonb)
  on conflict (station_id, control_id) do update set control_type = excluded.control_type,
    is_default = excluded.is_default, superseded = excluded.superseded, starts_at = excluded.starts_at,
    duration_s = excluded.duration_s, priority = excluded.priority, content = excluded.content, known_at = now(),
    source = case when excluded.source = 'set' then 'set' else der_control.source end`;

/** Of controls under one id the last counts. */
export function putDerControls(tx: Sql, rows: readonly DerControlFact[], source: KnownFrom): Promise<unknown> {
  return tx.query(PUT, [newest(rows, (row) => `${row.stationId}/${row.controlId}`), source]);
}

const derControl: Fact<DerControlFact> = { write: (tx, rows) => putDerControls(tx, rows, 'reported') };

const SWEEP = `
  delete from der_control c using station_request r
  where r.id = any($1::text::int8[]) and c.station_id = r.station_id and c.known_at < r.created_at
    and r.payload -> 'controlId' is null and r.payload -> 'controlType' is null and r.payload -> 'isDefault' is null`;

/** After {@link derControl}: kinds are written in the order of the table. */
const derSweep: Fact<ReportSweep> = {
  write: (tx, rows) => tx.query(SWEEP, [numbers(rows, (row) => row.request)]),
};

export interface DerStartStopFact {
  readonly stationId: number;
  readonly tenantId: number;
  readonly controlId: string;
  readonly started: boolean;
  readonly at: number;
  readonly supersededIds: readonly string[];
}

const TOLD = `
  insert into der_start_stop (station_id, tenant_id, control_id, started, at, superseded_ids)
  select "stationId", "tenantId", "controlId", started, to_timestamp(at / 1000),
    array(select json_array_elements_text("supersededIds"))
  from json_to_recordset($1::text::json) as e("stationId" int8, "tenantId" int4, "controlId" text, started boolean,
    at float8, "supersededIds" json)
  on conflict do nothing`;

const MOVED = `
  update der_control c set started = e.started, superseded = case when e.started then false else c.superseded end
  from json_to_recordset($1::text::json) as e("stationId" int8, "controlId" text, started boolean)
  where c.station_id = e."stationId" and c.control_id = e."controlId"`;

const SUPERSEDED = `
  update der_control c set superseded = true, started = false
  from json_to_recordset($1::text::json) as e("stationId" int8, "controlId" text, "supersededIds" json),
    json_array_elements_text(e."supersededIds") as s(id)
  where c.station_id = e."stationId" and c.control_id = s.id and s.id <> e."controlId"`;

const derStartStop: Fact<DerStartStopFact> = {
  async write(tx, rows) {
    const moved = newest(rows, (row) => `${row.stationId}/${row.controlId}`);
    await tx.query(TOLD, [JSON.stringify(rows)]);
    await tx.query(MOVED, [moved]);
    if (rows.some((row) => row.supersededIds.length > 0)) await tx.query(SUPERSEDED, [moved]);
  },
};

export interface DerAlarmKey {
  readonly stationId: number;
  readonly controlType: string;
}

/** The newest alarm of a kind. */
export interface DerAlarmState extends DerAlarmKey {
  readonly raisedAt: number;
  readonly endedAt: number | null;
  readonly gridEventFault: string | null;
  readonly extraInfo: string | null;
}

export interface DerAlarmFact extends DerAlarmState {
  readonly tenantId: number;
  readonly receivedAt: number;
}

const ALARM = `
  insert into der_alarm (station_id, tenant_id, control_type, raised_at, ended_at, grid_event_fault, extra_info,
    received_at)
  select "stationId", "tenantId", "controlType", to_timestamp("raisedAt" / 1000), to_timestamp("endedAt" / 1000),
    "gridEventFault", "extraInfo", to_timestamp("receivedAt" / 1000)
  from json_to_recordset($1::text::json) as a("stationId" int8, "tenantId" int4, "controlType" text,
    "raisedAt" float8, "endedAt" float8, "gridEventFault" text, "extraInfo" text, "receivedAt" float8)
  on conflict (station_id, control_type, raised_at) do update set ended_at = excluded.ended_at,
    extra_info = excluded.extra_info`;

const byKind = ({ stationId, controlType }: DerAlarmKey): string => `${stationId}/${controlType}`;

const derAlarm: Fact<DerAlarmFact> = {
  write: (tx, rows) => tx.query(ALARM, [newest(rows, (row) => `${byKind(row)}/${row.raisedAt}`)]),
};

const NEWEST = `
  select a.station_id as "stationId", a.control_type as "controlType", date_part('epoch', a.raised_at) * 1000 as "raisedAt",
    date_part('epoch', a.ended_at) * 1000 as "endedAt", a.grid_event_fault as "gridEventFault",
    a.extra_info as "extraInfo"
  from unnest($1::text::int8[], $2::text::text[]) as k(station_id, control_type), lateral (
    select * from der_alarm a where a.station_id = k.station_id and a.control_type = k.control_type
    order by a.raised_at desc limit 1) a`;

const newestDerAlarm: Lookup<DerAlarmKey, DerAlarmState> = {
  keyOf: byKind,
  async read(tx, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), texts(keys, (key) => key.controlType)];
    const rows = await tx.query<DerAlarmState>(NEWEST, wanted);
    return new Map(rows.map((row) => [byKind(row), row]));
  },
};

export const DER_FACTS = { derControl, derSweep, derStartStop, derAlarm };
export const DER_LOOKUPS = { newestDerAlarm };
