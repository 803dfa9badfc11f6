/** Variables of stations as they become known: from reports, and from the answers to commands. */
import type { Sql } from '../database.js';
import type { Fact } from './fact.js';
import { NAME_COLUMNS, NAME_FIELDS, NAME_TYPES, pathOf, type VariableName } from './variable-name.js';

/** More of one station is no device model. What is known is still renewed then. */
export const MAX_VARIABLES = 20_000;

/** What was told of one attribute; null is "was not said", which leaves what is known, except of the value. */
export interface LearntVariable extends VariableName {
  readonly stationId: number;
  readonly attribute: 'Actual' | 'Target' | 'MinSet' | 'MaxSet';
  /** Never that of a secret; what is write-only keeps none. */
  readonly value: string | null;
  readonly mutability: 'ReadOnly' | 'WriteOnly' | 'ReadWrite' | null;
  readonly persistent: boolean | null;
  readonly constant: boolean | null;
  readonly dataType: string | null;
  readonly unit: string | null;
  readonly minLimit: number | null;
  readonly maxLimit: number | null;
  readonly maxElements: number | null;
  readonly valuesList: string | null;
  readonly supportsMonitoring: boolean | null;
  /** The action that told it. */
  readonly from: string;
}

/** Nothing is known but its name and value. */
export const bareVariable = (
  stationId: number,
  name: VariableName,
  value: string | null,
  from: string,
): LearntVariable => ({
  stationId,
  ...name,
  attribute: 'Actual',
  value,
  ...{ mutability: null, persistent: null, constant: null, dataType: null, unit: null, minLimit: null },
  ...{ maxLimit: null, maxElements: null, valuesList: null, supportsMonitoring: null },
  from,
});

const OTHERS = [
  ...['mutability', 'persistent', 'constant', 'data_type', 'unit', 'min_limit', 'max_limit', 'max_elements'],
  ...['values_list', 'supports_monitoring'],
];

const LEARN = `
  with said as (
    select s.tenant_id, v.* from json_to_recordset($1::text::json) as v("stationId" int8, path text, attribute text,
      ${NAME_TYPES}, value text, mutability text, persistent boolean, constant boolean, "dataType" text, unit text,
      "minLimit" float8, "maxLimit" float8, "maxElements" int8, "valuesList" text, "supportsMonitoring" boolean,
      "from" text)
    join station s on s.id = v."stationId"),
  held as (
    select k.station_id, (select count(*) from device_variable d where d.station_id = k.station_id) as n
    from (select distinct "stationId" as station_id from said) k)
  insert into device_variable as d (tenant_id, station_id, path, attribute, ${NAME_COLUMNS}, value,
    ${OTHERS.join(', ')}, learnt_from)
  select tenant_id, "stationId", path, attribute, ${NAME_FIELDS},
    case when mutability = 'WriteOnly' then null else value end, mutability, persistent, constant, "dataType", unit,
    "minLimit", "maxLimit", "maxElements", "valuesList", "supportsMonitoring", "from"
  from said join held on held.station_id = said."stationId"
  where held.n < $2::int4 or exists (select 1 from device_variable e where e.station_id = said."stationId"
    and e.path = said.path and e.attribute = said.attribute)
  on conflict (station_id, path, attribute) do update set
    value = case when coalesce(excluded.mutability, d.mutability) = 'WriteOnly' then null else excluded.value end,
    ${OTHERS.map((column) => `${column} = coalesce(excluded.${column}, d.${column})`).join(', ')},
    learnt_from = excluded.learnt_from, learnt_at = now()`;

/** The last that was told of a variable counts. */
export const variable: Fact<LearntVariable> = {
  write(tx, rows) {
    const last = new Map<string, LearntVariable & { readonly path: string }>();
    for (const row of rows) {
      const path = pathOf(row);
      last.set(`${row.stationId} ${row.attribute} ${path}`, { ...row, path });
    }
    return tx.query(LEARN, [JSON.stringify([...last.values()]), MAX_VARIABLES]);
  },
};

const PRUNE = `
  delete from device_variable v using station_request r
  where r.id in (select request from json_to_recordset($1::text::json) as p(request int8))
    and r.action = 'GetBaseReport' and r.payload ->> 'reportBase' = 'FullInventory'
    and v.station_id = r.station_id and v.learnt_at < r.created_at`;

/** The end of a report: what a full inventory did not name is no longer there. */
export const inventoryEnd: Fact<{ readonly request: number }> = {
  write: (tx: Sql, rows) => tx.query(PRUNE, [JSON.stringify(rows)]),
};
