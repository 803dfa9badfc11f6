/** Events that stations tell: a monitor that struck, something that changed (2.x N07, N08). */
import { numbers } from '../batch/columns.js';
import type { Fact, Lookup } from './fact.js';
import { NAME_COLUMNS, NAME_FIELDS, NAME_TYPES, type VariableName } from './variable-name.js';

export interface StationEventKey {
  readonly stationId: number;
  readonly eventId: number;
  /** ms since 1970. Numbers of events may begin again with a boot. */
  readonly occurredAt: number;
}

export interface ToldEvent extends StationEventKey, VariableName {
  readonly receivedAt: number;
  readonly trigger: string;
  readonly notificationType: string;
  readonly cause: number | null;
  readonly actualValue: string | null;
  readonly cleared: boolean | null;
  readonly severity: number | null;
  readonly monitorId: number | null;
  readonly transactionId: string | null;
  readonly techCode: string | null;
  readonly techInfo: string | null;
}

const WRITE = `
  insert into station_event (tenant_id, station_id, event_id, occurred_at, received_at, trigger, notification_type,
    cause, ${NAME_COLUMNS}, actual_value, cleared, severity, monitor_id, transaction_id, tech_code, tech_info)
  select s.tenant_id, "stationId", "eventId", to_timestamp("occurredAt" / 1000), to_timestamp("receivedAt" / 1000),
    trigger, "notificationType", cause, ${NAME_FIELDS}, "actualValue", cleared, severity, "monitorId", "transactionId",
    "techCode", "techInfo"
  from json_to_recordset($1::text::json) as e("stationId" int8, "eventId" int8, "occurredAt" float8,
    "receivedAt" float8, trigger text, "notificationType" text, cause int8, ${NAME_TYPES}, "actualValue" text,
    cleared boolean, severity int4, "monitorId" int8, "transactionId" text, "techCode" text, "techInfo" text)
  join station s on s.id = e."stationId"
  on conflict do nothing`;

export const toldEvent: Fact<ToldEvent> = { write: (tx, rows) => tx.query(WRITE, [JSON.stringify(rows)]) };

const READ = `
  select e.station_id as "stationId", e.event_id as "eventId", k.at as "occurredAt"
  from unnest($1::text::int8[], $2::text::int8[], $3::text::float8[]) as k(station_id, event_id, at), lateral (
    select * from station_event e where e.station_id = k.station_id and e.event_id = k.event_id
      and e.occurred_at = to_timestamp(k.at / 1000) limit 1) e`;

const keyOf = ({ stationId, eventId, occurredAt }: StationEventKey): string => `${stationId}/${eventId}/${occurredAt}`;

/** Whether an event was told before. */
export const knownEvent: Lookup<StationEventKey, true> = {
  keyOf,
  async read(tx, keys) {
    const wanted = [
      numbers(keys, (key) => key.stationId),
      numbers(keys, (key) => key.eventId),
      numbers(keys, (key) => key.occurredAt),
    ];
    const rows = await tx.query<StationEventKey>(READ, wanted);
    return new Map(rows.map((row) => [keyOf(row), true as const]));
  },
};
