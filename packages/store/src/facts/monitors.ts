/** Monitors of variables as they become known: from reports, and from the answers to commands. */
import { numbers } from '../batch/columns.js';
import type { Fact, Lookup } from './fact.js';
import { NAME_COLUMNS, NAME_FIELDS, NAME_TYPES, nameOf, pathOf, type VariableName } from './variable-name.js';

/** More of one station is nonsense; what is known is still renewed then. */
const MAX_MONITORS = 5_000;

export interface LearntMonitor extends VariableName {
  readonly stationId: number;
  readonly monitorId: number;
  readonly type: string;
  readonly value: number;
  readonly severity: number;
  readonly inTransaction: boolean;
  /** HardWiredMonitor, PreconfiguredMonitor or CustomMonitor; null where it was not said. */
  readonly notificationType: string | null;
  readonly from: string;
}

const LEARN = `
  with said as (
    select s.tenant_id, v.* from json_to_recordset($1::text::json) as v("stationId" int8, "monitorId" int8, path text,
      ${NAME_TYPES}, type text, value float8, severity int4, "inTransaction" boolean, "notificationType" text, "from" text)
    join station s on s.id = v."stationId"),
  held as (
    select k.station_id, (select count(*) from device_monitor d where d.station_id = k.station_id) as n
    from (select distinct "stationId" as station_id from said) k)
  insert into device_monitor as d (station_id, monitor_id, tenant_id, path, ${NAME_COLUMNS}, type, value, severity,
    in_transaction, notification_type, learnt_from)
  select "stationId", "monitorId", tenant_id, path, ${NAME_FIELDS}, type, value, severity, "inTransaction",
    "notificationType", "from"
  from said join held on held.station_id = said."stationId"
  where held.n < $2::int4 or exists (select 1 from device_monitor e where e.station_id = said."stationId"
    and e.monitor_id = said."monitorId")
  on conflict (station_id, monitor_id) do update set
    (path, ${NAME_COLUMNS}, type, value, severity, in_transaction, learnt_from) = (excluded.path,
      ${NAME_COLUMNS.split(', ')
        .map((column) => `excluded.${column}`)
        .join(', ')}, excluded.type, excluded.value, excluded.severity, excluded.in_transaction, excluded.learnt_from),
    notification_type = coalesce(excluded.notification_type, d.notification_type), learnt_at = now()`;

export const monitor: Fact<LearntMonitor> = {
  write(tx, rows) {
    const last = new Map(rows.map((row) => [`${row.stationId}/${row.monitorId}`, { ...row, path: pathOf(row) }]));
    return tx.query(LEARN, [JSON.stringify([...last.values()]), MAX_MONITORS]);
  },
};

const PRUNE = `
  delete from device_monitor m using station_request r
  where r.id in (select request from json_to_recordset($1::text::json) as p(request int8))
    and r.action = 'GetMonitoringReport' and r.payload -> 'monitoringCriteria' is null
    and r.payload -> 'componentVariable' is null and m.station_id = r.station_id and m.learnt_at < r.created_at`;

/** The end of a report: what a report of all monitors did not name is no longer there. */
export const monitoringEnd: Fact<{ readonly request: number }> = {
  write: (tx, rows) => tx.query(PRUNE, [JSON.stringify(rows)]),
};

export interface MonitorKey {
  readonly stationId: number;
  readonly monitorId: number;
}

type MonitorState = MonitorKey & VariableName & { readonly severity: number };

const READ = `
  select m.station_id as "stationId", m.monitor_id as "monitorId", m.severity, m.component,
    m.component_instance as "componentInstance", m.evse_id as "evseId", m.connector_id as "connectorId", m.variable,
    m.variable_instance as "variableInstance"
  from unnest($1::text::int8[], $2::text::int8[]) as k(station_id, monitor_id), lateral (
    select * from device_monitor m where m.station_id = k.station_id and m.monitor_id = k.monitor_id limit 1) m`;

const keyOf = ({ stationId, monitorId }: MonitorKey): string => `${stationId}/${monitorId}`;

/** Which variable a monitor is of. */
export const monitorName: Lookup<MonitorKey, VariableName & { readonly severity: number }> = {
  keyOf,
  async read(tx, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), numbers(keys, (key) => key.monitorId)];
    const rows = await tx.query<MonitorState>(READ, wanted);
    return new Map(rows.map((row) => [keyOf(row), { ...nameOf(row), severity: row.severity }]));
  },
};
