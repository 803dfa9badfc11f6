/** Rows and look-ups of smart charging: profiles, limits, needs and schedules of vehicles. */
import type { ChargingSchedule, PlacedProfile } from '@sigec/domain';
import { numbers, texts } from '../batch/columns.js';
import type { Sql } from '../database.js';
import { CHARGING_LOOKUPS as LOOKUPS } from './charging-lookups.js';
import type { Fact } from './fact.js';

export type * from './charging-lookups.js';

type Json = Readonly<Record<string, unknown>>;

export interface ProfileRow extends PlacedProfile {
  readonly stationId: number;
  readonly tenantId: number;
  readonly source: 'csms' | 'reported';
  /** Who limits: CSO, EMS, SO, ... */
  readonly limitSource: string;
  readonly state: 'set' | 'uncertain';
}

// What we have set stays ours when the station tells it again.
const PROFILES = `
  insert into charging_profile (station_id, profile_id, tenant_id, evse_id, purpose, kind, stack_level, recurrency,
    valid_from, valid_to, ocpp_transaction_id, schedules, extra, source, limit_source, state)
  select "stationId", id, "tenantId", "evseId", purpose, kind, "stackLevel", recurrency, to_timestamp("validFrom" / 1000),
    to_timestamp("validTo" / 1000), "transactionId", schedules, extra, source, "limitSource", state
  from json_to_recordset($1::text::json) as p("stationId" int8, id int4, "tenantId" int4, "evseId" int4, purpose text,
    kind text, "stackLevel" int4, recurrency text, "validFrom" float8, "validTo" float8, "transactionId" text,
    schedules jsonb, extra jsonb, source text, "limitSource" text, state text)
  on conflict (station_id, profile_id) do update set evse_id = excluded.evse_id, purpose = excluded.purpose,
    kind = excluded.kind, stack_level = excluded.stack_level, recurrency = excluded.recurrency,
    valid_from = excluded.valid_from, valid_to = excluded.valid_to,
    ocpp_transaction_id = coalesce(excluded.ocpp_transaction_id, charging_profile.ocpp_transaction_id),
    schedules = excluded.schedules, extra = excluded.extra, limit_source = excluded.limit_source,
    source = case when excluded.source = 'csms' or charging_profile.source = 'csms' then 'csms' else 'reported' end,
    state = excluded.state, updated_at = now()`;

export function writeProfiles(tx: Sql, rows: readonly ProfileRow[]): Promise<unknown> {
  const last = new Map(rows.map((row) => [`${row.stationId}/${row.id}`, row]));
  return tx.query(PROFILES, [JSON.stringify([...last.values()])]);
}

const chargingProfile: Fact<ProfileRow> = { write: writeProfiles };

const PARTS = `
  insert into charging_report_part (request, hash)
  select * from unnest($1::text::int8[], $2::text::int8[]) on conflict do nothing`;

const chargingReportPart: Fact<{ readonly request: number; readonly hash: number }> = {
  write: (tx, rows) => tx.query(PARTS, [numbers(rows, (row) => row.request), numbers(rows, (row) => row.hash)]),
};

// A report that is complete tells all that was asked for: what it did not tell is not there any more.
const UNREPORTED = `
  delete from charging_profile p using station_request r
  where r.id = any($1::text::int8[]) and p.station_id = r.station_id and p.updated_at < r.created_at
    and (r.payload -> 'evseId' is null or p.evse_id = (r.payload ->> 'evseId')::int4)
    and (r.payload #> '{chargingProfile,stackLevel}' is null
      or p.stack_level = (r.payload #>> '{chargingProfile,stackLevel}')::int4)
    and (r.payload #> '{chargingProfile,chargingProfilePurpose}' is null
      or p.purpose = r.payload #>> '{chargingProfile,chargingProfilePurpose}')
    and (r.payload #> '{chargingProfile,chargingProfileId}' is null
      or r.payload #> '{chargingProfile,chargingProfileId}' @> to_jsonb(p.profile_id))
    and (r.payload #> '{chargingProfile,chargingLimitSource}' is null
      or r.payload #> '{chargingProfile,chargingLimitSource}' @> to_jsonb(p.limit_source))`;

/** The report of a request is complete. */
export const forgetUnreported = (tx: Sql, requests: readonly number[]): Promise<unknown> =>
  tx.query(UNREPORTED, [numbers(requests, (id) => id)]);

const chargingReportEnd: Fact<{ readonly request: number }> = {
  write: (tx, rows) =>
    forgetUnreported(
      tx,
      rows.map((row) => row.request),
    ),
};

export interface LimitRow {
  readonly stationId: number;
  readonly tenantId: number;
  readonly evseId: number;
  readonly source: string;
  /** Null: it was cleared. */
  readonly limit: {
    readonly gridCritical: boolean | null;
    readonly localGeneration: boolean | null;
    readonly schedules: readonly ChargingSchedule[];
    readonly hash: number;
    readonly receivedAt: number;
  } | null;
}

const LIMITS = `
  insert into charging_limit (station_id, evse_id, source, tenant_id, grid_critical, local_generation, schedules, hash,
    received_at)
  select "stationId", "evseId", source, "tenantId", "gridCritical", "localGeneration", schedules, hash,
    to_timestamp("receivedAt" / 1000)
  from json_to_recordset($1::text::json) as l("stationId" int8, "evseId" int4, source text, "tenantId" int4,
    "gridCritical" boolean, "localGeneration" boolean, schedules jsonb, hash int8, "receivedAt" float8)
  on conflict (station_id, evse_id, source) do update set grid_critical = excluded.grid_critical,
    local_generation = excluded.local_generation, schedules = excluded.schedules, hash = excluded.hash,
    received_at = excluded.received_at`;

const CLEARED = `
  delete from charging_limit l
  using unnest($1::text::int8[], $2::text::int4[], $3::text::text[]) as c(station_id, evse_id, source)
  where l.station_id = c.station_id and l.evse_id = c.evse_id and l.source = c.source`;

/** A limit as it is now; the last row of a batch counts. */
const chargingLimit: Fact<LimitRow> = {
  async write(tx, rows) {
    const last = [...new Map(rows.map((row) => [`${row.stationId}/${row.evseId}/${row.source}`, row])).values()];
    const set = last.flatMap(({ limit, ...row }) => (limit === null ? [] : [{ ...row, ...limit }]));
    const cleared = last.filter((row) => row.limit === null);
    const key = [
      numbers(cleared, (row) => row.stationId),
      numbers(cleared, (row) => row.evseId),
      texts(cleared, (row) => row.source),
    ];
    await Promise.all([
      set.length > 0 && tx.query(LIMITS, [JSON.stringify(set)]),
      cleared.length > 0 && tx.query(CLEARED, key),
    ]);
  },
};

export interface NeedsRow {
  readonly stationId: number;
  readonly tenantId: number;
  readonly evseId: number;
  /** '' where no transaction ran. */
  readonly ocppTransactionId: string;
  readonly transfer: string;
  readonly controlMode: string | null;
  readonly mobilityMode: string | null;
  readonly departureAt: number | null;
  readonly maxPowerW: number | null;
  readonly maxScheduleTuples: number | null;
  readonly needs: Json;
  readonly answer: string;
  readonly answerReason: string | null;
  readonly plan: 'none' | 'due';
  readonly hash: number;
  readonly receivedAt: number;
}

const NEEDS = `
  insert into ev_charging_needs (station_id, tenant_id, evse_id, ocpp_transaction_id, transfer, control_mode,
    mobility_mode, departure_at, max_power_w, max_schedule_tuples, needs, answer, answer_reason, plan, hash, received_at)
  select "stationId", "tenantId", "evseId", "ocppTransactionId", transfer, "controlMode", "mobilityMode",
    to_timestamp("departureAt" / 1000), "maxPowerW", "maxScheduleTuples", needs, answer, "answerReason", plan, hash,
    to_timestamp("receivedAt" / 1000)
  from json_to_recordset($1::text::json) as n("stationId" int8, "tenantId" int4, "evseId" int4,
    "ocppTransactionId" text, transfer text, "controlMode" text, "mobilityMode" text, "departureAt" float8,
    "maxPowerW" float8, "maxScheduleTuples" int4, needs jsonb, answer text, "answerReason" text, plan text, hash int8,
    "receivedAt" float8)
  on conflict (station_id, evse_id, ocpp_transaction_id) do update set transfer = excluded.transfer,
    control_mode = excluded.control_mode, mobility_mode = excluded.mobility_mode, departure_at = excluded.departure_at,
    max_power_w = excluded.max_power_w, max_schedule_tuples = excluded.max_schedule_tuples, needs = excluded.needs,
    answer = excluded.answer, answer_reason = excluded.answer_reason, plan = excluded.plan, plan_detail = null,
    hash = excluded.hash, received_at = excluded.received_at`;

interface AtEvse {
  readonly stationId: number;
  readonly evseId: number;
  readonly ocppTransactionId: string;
}
const lastAtEvse = <Row extends AtEvse>(rows: readonly Row[]): string =>
  JSON.stringify([
    ...new Map(rows.map((row) => [`${row.stationId}/${row.evseId}/${row.ocppTransactionId}`, row])).values(),
  ]);

const evChargingNeeds: Fact<NeedsRow> = { write: (tx, rows) => tx.query(NEEDS, [lastAtEvse(rows)]) };

export interface EvScheduleRow {
  readonly stationId: number;
  readonly tenantId: number;
  readonly evseId: number;
  readonly ocppTransactionId: string;
  readonly timeBase: number;
  readonly schedule: ChargingSchedule;
  readonly selectedScheduleId: number | null;
  readonly toleranceAccepted: boolean | null;
  readonly answer: string;
  readonly hash: number;
  readonly receivedAt: number;
}

const SCHEDULES = `
  insert into ev_charging_schedule (station_id, tenant_id, evse_id, ocpp_transaction_id, time_base, schedule,
    selected_schedule_id, tolerance_accepted, answer, hash, received_at)
  select "stationId", "tenantId", "evseId", "ocppTransactionId", to_timestamp("timeBase" / 1000), schedule,
    "selectedScheduleId", "toleranceAccepted", answer, hash, to_timestamp("receivedAt" / 1000)
  from json_to_recordset($1::text::json) as n("stationId" int8, "tenantId" int4, "evseId" int4,
    "ocppTransactionId" text, "timeBase" float8, schedule jsonb, "selectedScheduleId" int4, "toleranceAccepted" boolean,
    answer text, hash int8, "receivedAt" float8)
  on conflict (station_id, evse_id, ocpp_transaction_id) do update set time_base = excluded.time_base,
    schedule = excluded.schedule, selected_schedule_id = excluded.selected_schedule_id,
    tolerance_accepted = excluded.tolerance_accepted, answer = excluded.answer, hash = excluded.hash,
    received_at = excluded.received_at`;

const evChargingSchedule: Fact<EvScheduleRow> = { write: (tx, rows) => tx.query(SCHEDULES, [lastAtEvse(rows)]) };

export interface PriorityRow {
  readonly stationId: number;
  readonly tenantId: number;
  readonly ocppTransactionId: string;
  readonly active: boolean;
  readonly source: 'station' | 'csms';
  readonly answer: string | null;
  readonly changedAt: number;
}

const PRIORITY = `
  insert into priority_charging (station_id, tenant_id, ocpp_transaction_id, active, source, answer, changed_at)
  select "stationId", "tenantId", "ocppTransactionId", active, source, answer, to_timestamp("changedAt" / 1000)
  from json_to_recordset($1::text::json) as p("stationId" int8, "tenantId" int4, "ocppTransactionId" text,
    active boolean, source text, answer text, "changedAt" float8)
  on conflict (station_id, ocpp_transaction_id) do update set active = excluded.active, source = excluded.source,
    answer = excluded.answer, changed_at = excluded.changed_at`;

export function writePriority(tx: Sql, rows: readonly PriorityRow[]): Promise<unknown> {
  const last = new Map(rows.map((row) => [`${row.stationId}/${row.ocppTransactionId}`, row]));
  return tx.query(PRIORITY, [JSON.stringify([...last.values()])]);
}

const priorityCharging: Fact<PriorityRow> = { write: writePriority };

const PULLED = `
  update dynamic_schedule d set pulled_at = to_timestamp(p."pulledAt" / 1000)
  from (select "stationId", "profileId", max("pulledAt") as "pulledAt"
    from json_to_recordset($1::text::json) as r("stationId" int8, "profileId" int4, "pulledAt" float8)
    group by 1, 2) as p
  where d.station_id = p."stationId" and d.profile_id = p."profileId"`;

const dynamicPull: Fact<{ readonly stationId: number; readonly profileId: number; readonly pulledAt: number }> = {
  write: (tx, rows) => tx.query(PULLED, [JSON.stringify(rows)]),
};

// In this order: what was reported is written before what was not is forgotten.
export const CHARGING_FACTS = {
  chargingProfile,
  chargingReportPart,
  chargingReportEnd,
  chargingLimit,
  evChargingNeeds,
  evChargingSchedule,
  priorityCharging,
  dynamicPull,
};
export const CHARGING_LOOKUPS = LOOKUPS;
