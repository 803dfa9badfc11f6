/** What vehicles asked for and mean to do, by EVSE and transaction; and the plans that are due. */
import type { ChargingSchedule } from '@sigec/domain';
import type { Database } from '../database.js';
import type { Actor } from './scope.js';
import { tellEvent } from './tell.js';

type Json = Readonly<Record<string, unknown>>;

/** Times are ms since 1970. */
export interface EvChargingRow {
  readonly evseId: number | null;
  /** As the charger names it; '' where none ran. */
  readonly ocppTransactionId: string;
  /** Ours, where one is known. */
  readonly transactionId: number | null;
  readonly at: number;
  readonly needs: {
    readonly transfer: string;
    readonly controlMode: string | null;
    readonly mobilityMode: string | null;
    readonly departureAt: number | null;
    readonly maxPowerW: number | null;
    readonly maxScheduleTuples: number | null;
    readonly needs: Json;
    readonly answer: string;
    readonly answerReason: string | null;
    readonly plan: 'none' | 'due' | 'sent' | 'failed';
    readonly planDetail: string | null;
    readonly receivedAt: number;
  } | null;
  readonly schedule: {
    readonly timeBase: number;
    readonly schedule: ChargingSchedule;
    readonly selectedScheduleId: number | null;
    readonly toleranceAccepted: boolean | null;
    readonly answer: string;
    readonly receivedAt: number;
  } | null;
  readonly priority: {
    readonly active: boolean;
    readonly source: 'station' | 'csms';
    readonly answer: string | null;
    readonly changedAt: number;
  } | null;
  readonly allowed: { readonly modes: readonly string[]; readonly answer: string; readonly changedAt: number } | null;
}

const ms = (column: string) => `date_part('epoch', ${column}) * 1000`;

// The newest of each kind; what belongs to one EVSE and transaction is put together.
const LIST = `
  with n as (
    select * from ev_charging_needs where station_id = $1::int8 and tenant_id = $2::int4 order by id desc limit $3::int4
  ), s as (
    select * from ev_charging_schedule where station_id = $1::int8 and tenant_id = $2::int4
    order by received_at desc limit $3::int4
  ), p as (
    select * from priority_charging where station_id = $1::int8 and tenant_id = $2::int4
    order by changed_at desc limit $3::int4
  ), a as (
    select * from allowed_energy_transfer where station_id = $1::int8 and tenant_id = $2::int4
    order by changed_at desc limit $3::int4
  ), v as (
    select coalesce(n.evse_id, s.evse_id) as evse_id, coalesce(n.ocpp_transaction_id, s.ocpp_transaction_id) as tx,
      greatest(n.received_at, s.received_at) as at,
      case when n.id is not null then json_build_object('transfer', n.transfer, 'controlMode', n.control_mode,
        'mobilityMode', n.mobility_mode, 'departureAt', ${ms('n.departure_at')}, 'maxPowerW', n.max_power_w,
        'maxScheduleTuples', n.max_schedule_tuples, 'needs', n.needs, 'answer', n.answer,
        'answerReason', n.answer_reason, 'plan', n.plan, 'planDetail', n.plan_detail,
        'receivedAt', ${ms('n.received_at')}) end as needs,
      case when s.station_id is not null then json_build_object('timeBase', ${ms('s.time_base')},
        'schedule', s.schedule, 'selectedScheduleId', s.selected_schedule_id,
        'toleranceAccepted', s.tolerance_accepted, 'answer', s.answer, 'receivedAt', ${ms('s.received_at')})
        end as schedule
    from n full join s on n.evse_id = s.evse_id and n.ocpp_transaction_id = s.ocpp_transaction_id
  ), o as (
    select coalesce(p.ocpp_transaction_id, a.ocpp_transaction_id) as tx, greatest(p.changed_at, a.changed_at) as at,
      case when p.station_id is not null then json_build_object('active', p.active, 'source', p.source,
        'answer', p.answer, 'changedAt', ${ms('p.changed_at')}) end as priority,
      case when a.station_id is not null then json_build_object('modes', a.modes, 'answer', a.answer,
        'changedAt', ${ms('a.changed_at')}) end as allowed
    from p full join a on p.ocpp_transaction_id = a.ocpp_transaction_id
  )
  select coalesce(v.evse_id, t.evse_id) as "evseId", coalesce(v.tx, o.tx) as "ocppTransactionId", t.id as "transactionId",
    ${ms('greatest(v.at, o.at)')} as at, v.needs, v.schedule, o.priority, o.allowed
  from v full join o on v.tx = o.tx
  left join lateral (
    select t.id, t.evse_id from transaction t
    where t.station_id = $1::int8 and t.ocpp_transaction_id = coalesce(v.tx, o.tx) limit 1) t on true
  where $4::int4 is null or coalesce(v.evse_id, t.evse_id) = $4::int4
  order by at desc limit $3::int4`;

/** The newest, by EVSE and transaction. */
export function listEvCharging(
  db: Database,
  actor: Actor,
  stationId: number,
  options: { readonly evseId?: number; readonly limit: number },
): Promise<EvChargingRow[]> {
  return db.query<EvChargingRow>(LIST, [stationId, actor.tenantId, options.limit, options.evseId ?? null]);
}

export interface DuePlan {
  readonly id: number;
  readonly tenantId: number;
  readonly stationId: number;
  readonly evseId: number;
  readonly ocppTransactionId: string;
  readonly departureAt: number | null;
  readonly maxPowerW: number | null;
  readonly maxScheduleTuples: number | null;
}

/** Vehicles are not waited for longer than this: whoever comes later asks again. */
const WAIT = "interval '1 hour'";

// Claimed by what is set: whoever claimed it and ended before it was sent leaves `failed`, and the vehicle asks again.
const CLAIM = `
  update ev_charging_needs n set plan = 'failed', plan_detail = 'interrupted', ocpp_transaction_id = c.tx
  from (
    select n.id, t.ocpp_transaction_id as tx from ev_charging_needs n
    cross join lateral (
      select t.ocpp_transaction_id from transaction t
      where t.station_id = n.station_id and t.ended_at is null and t.evse_id = n.evse_id
        and (n.ocpp_transaction_id in ('', t.ocpp_transaction_id)) order by t.id desc limit 1) t
    where n.plan = 'due' and n.received_at > now() - ${WAIT}
      and not exists (select 1 from ev_charging_needs o where o.station_id = n.station_id and o.evse_id = n.evse_id
        and o.ocpp_transaction_id = t.ocpp_transaction_id and o.id <> n.id)
    order by n.received_at limit $1::int4 for update of n skip locked) c
  where n.id = c.id
  returning n.id, n.tenant_id as "tenantId", n.station_id as "stationId", n.evse_id as "evseId",
    n.ocpp_transaction_id as "ocppTransactionId", ${ms('n.departure_at')} as "departureAt",
    n.max_power_w as "maxPowerW", n.max_schedule_tuples as "maxScheduleTuples"`;

/** Takes vehicles that wait for a profile and whose transaction runs. */
export function claimDuePlans(db: Database, limit: number): Promise<DuePlan[]> {
  return db.query<DuePlan>(CLAIM, [limit]);
}

/** Vehicles for which no transaction came. */
export async function dropOldPlans(db: Database): Promise<void> {
  await db.query(
    `update ev_charging_needs set plan = 'failed', plan_detail = 'no transaction' where id in (
       select id from ev_charging_needs where plan = 'due' and received_at < now() - ${WAIT}
       order by received_at limit 500 for update skip locked)`,
  );
}

/** What became of a plan. */
export async function settlePlan(
  db: Database,
  plan: DuePlan,
  state: 'sent' | 'failed',
  detail: string | null,
): Promise<void> {
  await db.query('update ev_charging_needs set plan = $2::text, plan_detail = $3::text where id = $1::int8', [
    plan.id,
    state,
    detail,
  ]);
  await tellEvent(db, plan.tenantId, 'ev_charging.planned', {
    device_id: String(plan.stationId),
    evse_id: plan.evseId,
    ocpp_transaction_id: plan.ocppTransactionId,
    result: state,
  });
}
