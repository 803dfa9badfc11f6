/** What handlers of smart charging look up: all by index, each bounded. */
import type { ChargingAbility, PlacedProfile } from '@sigec/domain';
import { numbers, texts } from '../batch/columns.js';
import type { Lookup } from './fact.js';

export interface OfStation {
  readonly stationId: number;
}

const ofStation = ({ stationId }: OfStation): string => String(stationId);
const stationIds = (keys: readonly OfStation[]): string =>
  numbers([...new Set(keys.map((key) => key.stationId))], (stationId) => stationId);

/** The EVSEs that a station has told of; none where it told nothing yet. */
const stationEvses: Lookup<OfStation, readonly number[]> = {
  keyOf: ofStation,
  async read(tx, keys) {
    const rows = await tx.query<{ stationId: number; evses: string | null }>(
      `select k.station_id as "stationId", (
         select string_agg(distinct c.evse_id::text, ',') from connector c
         where c.station_id = k.station_id and c.evse_id > 0) as evses
       from unnest($1::text::int8[]) as k(station_id)`,
      [stationIds(keys)],
    );
    return new Map(rows.map((row) => [ofStation(row), row.evses === null ? [] : row.evses.split(',').map(Number)]));
  },
};

/** Most profiles of a station that are looked at. */
export const MAX_PROFILES = 200;

export const PROFILE_JSON = `json_build_object('id', p.profile_id, 'evseId', p.evse_id, 'stackLevel', p.stack_level,
  'purpose', p.purpose, 'kind', p.kind, 'recurrency', p.recurrency,
  'validFrom', date_part('epoch', p.valid_from) * 1000, 'validTo', date_part('epoch', p.valid_to) * 1000,
  'transactionId', p.ocpp_transaction_id, 'schedules', p.schedules, 'extra', p.extra)`;

const chargingProfiles: Lookup<OfStation, readonly PlacedProfile[]> = {
  keyOf: ofStation,
  async read(tx, keys) {
    const rows = await tx.query<{ stationId: number; list: readonly PlacedProfile[] | null }>(
      `select k.station_id as "stationId", (
         select json_agg(${PROFILE_JSON}) from (
           select * from charging_profile p where p.station_id = k.station_id
           order by p.profile_id limit ${MAX_PROFILES}) p) as list
       from unnest($1::text::int8[]) as k(station_id)`,
      [stationIds(keys)],
    );
    return new Map(rows.map((row) => [ofStation(row), row.list ?? []]));
  },
};

export interface ReportPartKey {
  readonly stationId: number;
  readonly requestId: number;
  readonly hash: number;
}
const ofPart = (key: ReportPartKey): string => `${key.stationId}/${key.requestId}/${key.hash}`;

/** Whether a part of a report came before. */
const chargingReportSeen: Lookup<ReportPartKey, true> = {
  keyOf: ofPart,
  async read(tx, keys) {
    const rows = await tx.query<ReportPartKey>(
      `select k.station_id as "stationId", k.request_id as "requestId", k.hash
       from unnest($1::text::int8[], $2::text::int8[], $3::text::int8[]) as k(station_id, request_id, hash)
       where exists (select 1 from station_request r join charging_report_part c on c.request = r.id
         where r.station_id = k.station_id and r.request_id = k.request_id and c.hash = k.hash)`,
      [numbers(keys, (k) => k.stationId), numbers(keys, (k) => k.requestId), numbers(keys, (k) => k.hash)],
    );
    return new Map(rows.map((row) => [ofPart(row), true]));
  },
};

export interface ChargingLimitState {
  readonly evseId: number;
  readonly source: string;
  readonly hash: number;
}

/** Limits of others that a station keeps to; bounded by what the handler takes. */
const chargingLimits: Lookup<OfStation, readonly ChargingLimitState[]> = {
  keyOf: ofStation,
  async read(tx, keys) {
    const rows = await tx.query<{ stationId: number; list: readonly ChargingLimitState[] | null }>(
      `select k.station_id as "stationId", (
         select json_agg(json_build_object('evseId', l.evse_id, 'source', l.source, 'hash', l.hash))
         from (select * from charging_limit l where l.station_id = k.station_id limit 500) l) as list
       from unnest($1::text::int8[]) as k(station_id)`,
      [stationIds(keys)],
    );
    return new Map(rows.map((row) => [ofStation(row), row.list ?? []]));
  },
};

export interface EvChargingKey {
  readonly stationId: number;
  readonly evseId: number;
}
/** The newest of an EVSE. */
export interface EvChargingState {
  readonly needs: {
    readonly ocppTransactionId: string;
    readonly hash: number;
    readonly answer: string;
    readonly answerReason: string | null;
  } | null;
  readonly schedule: { readonly ocppTransactionId: string; readonly hash: number; readonly answer: string } | null;
}
const ofEvse = ({ stationId, evseId }: EvChargingKey): string => `${stationId}/${evseId}`;

const evCharging: Lookup<EvChargingKey, EvChargingState> = {
  keyOf: ofEvse,
  async read(tx, keys) {
    const rows = await tx.query<EvChargingKey & EvChargingState>(
      `select k.station_id as "stationId", k.evse_id as "evseId", (
         select json_build_object('ocppTransactionId', n.ocpp_transaction_id, 'hash', n.hash, 'answer', n.answer,
           'answerReason', n.answer_reason) from ev_charging_needs n
         where n.station_id = k.station_id and n.evse_id = k.evse_id order by n.received_at desc limit 1) as needs, (
         select json_build_object('ocppTransactionId', s.ocpp_transaction_id, 'hash', s.hash, 'answer', s.answer)
         from ev_charging_schedule s
         where s.station_id = k.station_id and s.evse_id = k.evse_id order by s.received_at desc limit 1) as schedule
       from unnest($1::text::int8[], $2::text::int4[]) as k(station_id, evse_id)`,
      [numbers(keys, (key) => key.stationId), numbers(keys, (key) => key.evseId)],
    );
    return new Map(rows.map((row) => [ofEvse(row), { needs: row.needs, schedule: row.schedule }]));
  },
};

export interface OfTransaction {
  readonly stationId: number;
  readonly transactionId: string;
}
const ofTransaction = ({ stationId, transactionId }: OfTransaction): string => `${stationId}/${transactionId}`;

export interface PriorityChargingState {
  readonly active: boolean;
  readonly source: 'station' | 'csms';
}

const priorityCharging: Lookup<OfTransaction, PriorityChargingState> = {
  keyOf: ofTransaction,
  async read(tx, keys) {
    const rows = await tx.query<OfTransaction & PriorityChargingState>(
      `select p.station_id as "stationId", p.ocpp_transaction_id as "transactionId", p.active, p.source
       from unnest($1::text::int8[], $2::text::text[]) as k(station_id, id), lateral (
         select * from priority_charging p where p.station_id = k.station_id and p.ocpp_transaction_id = k.id limit 1) p`,
      [numbers(keys, (key) => key.stationId), texts(keys, (key) => key.transactionId)],
    );
    return new Map(rows.map((row) => [ofTransaction(row), { active: row.active, source: row.source }]));
  },
};

/** Transactions that run and are charged with priority, by the charger's names. */
const prioritised: Lookup<OfStation, readonly string[]> = {
  keyOf: ofStation,
  async read(tx, keys) {
    const rows = await tx.query<{ stationId: number; list: readonly string[] | null }>(
      `select k.station_id as "stationId", (
         select json_agg(a.ocpp_transaction_id) from (
           select p.ocpp_transaction_id from transaction t join priority_charging p
             on p.station_id = t.station_id and p.ocpp_transaction_id = t.ocpp_transaction_id
           where t.station_id = k.station_id and t.ended_at is null and p.active limit 64) a) as list
       from unnest($1::text::int8[]) as k(station_id)`,
      [stationIds(keys)],
    );
    return new Map(rows.map((row) => [ofStation(row), row.list ?? []]));
  },
};

/** Ways of energy transfer that transactions of a station were allowed, by the charger's name of the transaction. */
const allowedTransfer: Lookup<OfStation, Readonly<Record<string, readonly string[]>>> = {
  keyOf: ofStation,
  async read(tx, keys) {
    const rows = await tx.query<{ stationId: number; list: Record<string, readonly string[]> | null }>(
      `select k.station_id as "stationId", (
         select json_object_agg(a.ocpp_transaction_id, a.modes) from (
           select a.* from transaction t join allowed_energy_transfer a
             on a.station_id = t.station_id and a.ocpp_transaction_id = t.ocpp_transaction_id
           where t.station_id = k.station_id and t.ended_at is null and a.answer = 'Accepted' limit 64) a) as list
       from unnest($1::text::int8[]) as k(station_id)`,
      [stationIds(keys)],
    );
    return new Map(rows.map((row) => [ofStation(row), row.list ?? {}]));
  },
};

export interface DynamicScheduleState {
  readonly update: Readonly<Record<string, unknown>>;
}
export interface OfProfile {
  readonly stationId: number;
  readonly profileId: number;
}
const ofProfile = ({ stationId, profileId }: OfProfile): string => `${stationId}/${profileId}`;

const dynamicSchedule: Lookup<OfProfile, DynamicScheduleState> = {
  keyOf: ofProfile,
  async read(tx, keys) {
    const rows = await tx.query<OfProfile & DynamicScheduleState>(
      `select d.station_id as "stationId", d.profile_id as "profileId", d.update
       from unnest($1::text::int8[], $2::text::int8[]) as k(station_id, id), lateral (
         select * from dynamic_schedule d where d.station_id = k.station_id and d.profile_id = k.id limit 1) d`,
      [numbers(keys, (key) => key.stationId), numbers(keys, (key) => key.profileId)],
    );
    return new Map(rows.map((row) => [ofProfile(row), { update: row.update }]));
  },
};

/** What the EVSEs of a station can do, by EVSE; 0 is the station. */
const chargingAbility: Lookup<OfStation, Readonly<Record<string, Partial<ChargingAbility>>>> = {
  keyOf: ofStation,
  async read(tx, keys) {
    const rows = await tx.query<{ stationId: number; list: Record<string, Partial<ChargingAbility>> | null }>(
      `select k.station_id as "stationId", (
         select json_object_agg(a.evse_id, json_build_object('maxPowerW', a.max_power_w, 'maxCurrentA', a.max_current_a,
           'phases', a.phases, 'voltageV', a.voltage_v))
         from (select * from charging_ability a where a.station_id = k.station_id limit 200) a) as list
       from unnest($1::text::int8[]) as k(station_id)`,
      [stationIds(keys)],
    );
    return new Map(rows.map((row) => [ofStation(row), row.list ?? {}]));
  },
};

export const CHARGING_LOOKUPS = {
  stationEvses,
  chargingProfiles,
  chargingReportSeen,
  chargingLimits,
  evCharging,
  priorityCharging,
  prioritised,
  allowedTransfer,
  dynamicSchedule,
  chargingAbility,
};
