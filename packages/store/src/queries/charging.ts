/** Charging profiles as people and commands see them: what a station holds, what it can do, what must be known to set one. */
import {
  type ChargingAbility,
  type PlacedProfile,
  type ProfileCriteria,
  type ProfilePurpose,
  UNKNOWN_ABILITY,
} from '@sigec/domain';
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { texts } from '../batch/columns.js';
import type { Database, Sql } from '../database.js';
import { type ProfileRow, writeProfiles } from '../facts/charging.js';
import { MAX_PROFILES, PROFILE_JSON } from '../facts/charging-lookups.js';
import { keyOf16, pathOf } from '../facts/variable-name.js';
import { chargingAbility, chargingProfile, transaction } from '../schema.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';
import { tellEvent } from './tell.js';

export * from './charging-state.js';
export * from './charging-vehicles.js';

export type ChargingProfileRow = Omit<typeof chargingProfile.$inferSelect, 'tenantId'>;
export type ChargingAbilityRow = Omit<typeof chargingAbility.$inferSelect, 'tenantId'>;

const named = (component: string, evseId: number | null, variable: string): string =>
  pathOf({ component, componentInstance: null, evseId, connectorId: null, variable, variableInstance: null });

/** Where a station tells what it can do, in either kind of version. */
const STACK = [named('SmartChargingCtrlr', null, 'ProfileStackLevel'), pathOf(keyOf16('ChargeProfileMaxStackLevel'))];
const PERIODS = [
  named('SmartChargingCtrlr', null, 'PeriodsPerSchedule'),
  pathOf(keyOf16('ChargingScheduleMaxPeriods')),
];
const UNITS = [
  named('SmartChargingCtrlr', null, 'RateUnit'),
  pathOf(keyOf16('ChargingScheduleAllowedChargingRateUnit')),
];

/** The 1.6 words stand for the 2.x ones. */
const unitsOf = (text: string | null | undefined): readonly ('A' | 'W')[] | null => {
  const words = (text ?? '').split(',').map((word) => word.trim().toLowerCase());
  const units = [
    ...(words.some((word) => word === 'a' || word === 'current') ? (['A'] as const) : []),
    ...(words.some((word) => word === 'w' || word === 'power') ? (['W'] as const) : []),
  ];
  return units.length === 0 ? null : units;
};

export interface ChargingContext {
  /** Those that the station has told of; null where it told of none. */
  readonly evseIds: readonly number[] | null;
  readonly ability: ChargingAbility;
  readonly running: readonly {
    readonly id: number;
    readonly evseId: number;
    readonly ocppId: string;
    readonly startedAt: number;
  }[];
  readonly held: readonly PlacedProfile[];
  /** Transactions that run with priority, as the charger names them. */
  readonly prioritised: readonly string[];
}

interface Told {
  readonly path: string;
  readonly value: string | null;
  readonly max: number | null;
}

const CONTEXT = `
  select
    (select json_agg(json_build_object('evseId', a.evse_id, 'maxPowerW', a.max_power_w, 'maxCurrentA', a.max_current_a,
       'phases', a.phases, 'voltageV', a.voltage_v, 'maxStackLevel', a.max_stack_level, 'maxPeriods', a.max_periods,
       'units', a.units))
     from charging_ability a where a.station_id = s.id and a.evse_id in (0, $3::int4)) as abilities,
    (select json_agg(json_build_object('path', v.path, 'value', v.value, 'max', v.max_limit))
     from device_variable v where v.station_id = s.id and v.path = any($4::text::text[]) and v.attribute = 'Actual') as told,
    (select json_agg(json_build_array(c.evse_id, c.max_power_w))
     from (select evse_id, max(max_power_w) as max_power_w from connector
       where station_id = s.id and evse_id > 0 group by evse_id limit 500) c) as evses,
    (select json_agg(json_build_object('id', t.id, 'evseId', t.evse_id, 'ocppId', t.ocpp_transaction_id,
       'startedAt', date_part('epoch', t.started_at) * 1000))
     from (select * from transaction where station_id = s.id and ended_at is null order by id limit 64) t) as running,
    (select json_agg(${PROFILE_JSON})
     from (select * from charging_profile where station_id = s.id order by profile_id limit ${MAX_PROFILES}) p
     where not exists (select 1 from transaction t where t.station_id = s.id
       and t.ocpp_transaction_id = p.ocpp_transaction_id and t.ended_at is not null)) as held,
    (select json_agg(p.ocpp_transaction_id) from (
       select p.ocpp_transaction_id from transaction t join priority_charging p
         on p.station_id = t.station_id and p.ocpp_transaction_id = t.ocpp_transaction_id
       where t.station_id = s.id and t.ended_at is null and p.active limit 64) p) as prioritised
  from station s where s.id = $1::int8 and s.tenant_id = $2::int4`;

type AbilityCells = Omit<ChargingAbility, 'units'> & { readonly evseId: number; readonly units: string | null };

interface ContextRow {
  readonly abilities: readonly AbilityCells[] | null;
  readonly told: readonly Told[] | null;
  readonly evses: readonly (readonly [number, number | null])[] | null;
  readonly running: ChargingContext['running'] | null;
  readonly held: readonly PlacedProfile[] | null;
  readonly prioritised: readonly string[] | null;
}

/** What an operator said of the EVSE, what was said of the station, and what the station told, in this order. */
function abilityOf(row: ContextRow, evseId: number): ChargingAbility {
  const said = (id: number) => row.abilities?.find((ability) => ability.evseId === id);
  const told = (paths: readonly string[]) => row.told?.find(({ path }) => paths.includes(path));
  const whole = (text: string | null | undefined): number | null =>
    text !== null && text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
  const power = told([named('EVSE', evseId, 'Power')])?.max ?? null;
  const phases = whole(told([named('EVSE', evseId, 'SupplyPhases')])?.value);
  const own = evseId === 0 ? undefined : said(evseId);
  const station = said(0);
  const connectorW = row.evses?.find(([id]) => id === evseId)?.[1] ?? null;
  return {
    ...UNKNOWN_ABILITY,
    maxPowerW: own?.maxPowerW ?? (evseId === 0 ? null : (connectorW ?? power)) ?? station?.maxPowerW ?? null,
    maxCurrentA: own?.maxCurrentA ?? station?.maxCurrentA ?? null,
    // An EVSE of DC has none.
    phases: own?.phases ?? station?.phases ?? (phases === 0 ? null : phases),
    voltageV: own?.voltageV ?? station?.voltageV ?? null,
    maxStackLevel: own?.maxStackLevel ?? station?.maxStackLevel ?? whole(told(STACK)?.value),
    maxPeriods: own?.maxPeriods ?? station?.maxPeriods ?? whole(told(PERIODS)?.value),
    units: unitsOf(own?.units ?? station?.units ?? told(UNITS)?.value),
  };
}

/** What must be known to judge a profile for a place; undefined where the tenant has no such station. */
export async function chargingContext(
  db: Sql,
  actor: Actor,
  stationId: number,
  evseId: number,
): Promise<ChargingContext | undefined> {
  const paths = [
    ...[...STACK, ...PERIODS, ...UNITS, named('EVSE', evseId, 'Power'), named('EVSE', evseId, 'SupplyPhases')],
  ];
  const [row] = await db.query<ContextRow>(CONTEXT, [stationId, actor.tenantId, evseId, texts(paths, (path) => path)]);
  if (row === undefined) return undefined;
  return {
    evseIds: row.evses === null ? null : row.evses.map(([id]) => id),
    ability: abilityOf(row, evseId),
    running: row.running ?? [],
    held: row.held ?? [],
    prioritised: row.prioritised ?? [],
  };
}

/** Keeps what the station accepted, or may have. */
export async function rememberProfile(
  db: Database,
  actor: Actor,
  stationId: number,
  profile: PlacedProfile,
  state: 'set' | 'uncertain',
  replaced: readonly number[],
): Promise<void> {
  const { tenantId } = actor;
  const row: ProfileRow = { ...profile, stationId, tenantId, source: 'csms', limitSource: 'CSO', state };
  await db.transaction(async (tx) => {
    if (replaced.length > 0)
      await tx.query(
        'delete from charging_profile where station_id = $1::int8 and profile_id = any($2::int4[]) and tenant_id = $3::int4',
        [stationId, replaced, tenantId],
      );
    await writeProfiles(tx, [row]);
    await tellEvent(tx, tenantId, 'charging_profile.set', {
      device_id: String(stationId),
      evse_id: profile.evseId,
      profile_id: profile.id,
      purpose: profile.purpose,
      stack_level: profile.stackLevel,
      state,
    });
  });
}

export interface ForgetCriteria extends ProfileCriteria {
  readonly limitSources: readonly string[] | null;
  /** Only those that nothing was heard of since; ms since 1970. */
  readonly before: number | null;
  /** External constraints are not a CSMS's to clear (2.x K10). */
  readonly external: boolean;
}

const FORGET = `
  delete from charging_profile where station_id = $1::int8 and tenant_id = $2::int4
    and ($3::text is null or profile_id = any($3::text::int4[])) and ($4::int4 is null or evse_id = $4::int4)
    and ($5::text is null or purpose = $5::text) and ($6::int4 is null or stack_level = $6::int4)
    and ($7::text is null or limit_source = any($7::text::text[]))
    and ($8::float8 is null or updated_at < to_timestamp($8::float8 / 1000))
    and ($9::int4 = 1 or purpose <> 'ChargingStationExternalConstraints')
  returning profile_id as id`;

/** Forgets the profiles that criteria mean, and says which. */
export async function forgetProfiles(
  db: Database,
  actor: Actor,
  stationId: number,
  c: ForgetCriteria,
): Promise<number[]> {
  const { tenantId } = actor;
  return db.transaction(async (tx) => {
    const rows = await tx.query<{ id: number }>(FORGET, [
      ...[stationId, tenantId, c.ids === null ? null : `{${c.ids.join(',')}}`, c.evseId, c.purpose, c.stackLevel],
      ...[c.limitSources === null ? null : texts(c.limitSources, (source) => source), c.before, c.external ? 1 : 0],
    ]);
    const ids = rows.map((row) => row.id);
    if (ids.length > 0) {
      const told = { device_id: String(stationId), profile_ids: ids };
      await tellEvent(tx, tenantId, 'charging_profile.cleared', told);
    }
    return ids;
  });
}

/** Those of transactions that ended are gone with them. */
const ofLiving = sql`not exists (select 1 from ${transaction} t where t.station_id = ${chargingProfile.stationId}
  and t.ocpp_transaction_id = ${chargingProfile.ocppTransactionId} and t.ended_at is not null)`;

const { tenantId: _tenant, ...ROW } = {
  stationId: chargingProfile.stationId,
  tenantId: chargingProfile.tenantId,
  profileId: chargingProfile.profileId,
  evseId: chargingProfile.evseId,
  purpose: chargingProfile.purpose,
  kind: chargingProfile.kind,
  stackLevel: chargingProfile.stackLevel,
  recurrency: chargingProfile.recurrency,
  validFrom: chargingProfile.validFrom,
  validTo: chargingProfile.validTo,
  ocppTransactionId: chargingProfile.ocppTransactionId,
  schedules: chargingProfile.schedules,
  extra: chargingProfile.extra,
  source: chargingProfile.source,
  limitSource: chargingProfile.limitSource,
  state: chargingProfile.state,
  createdAt: chargingProfile.createdAt,
  updatedAt: chargingProfile.updatedAt,
};

export async function listChargingProfiles(
  db: Database,
  actor: Actor,
  stationId: number,
  options: {
    readonly evseId?: number;
    readonly purpose?: ProfilePurpose;
    readonly after?: number;
    readonly limit: number;
  },
): Promise<Page<ChargingProfileRow>> {
  const { evseId, purpose, after, limit } = options;
  const rows = await db.orm
    .select(ROW)
    .from(chargingProfile)
    .where(
      and(
        inTenant(actor, chargingProfile),
        eq(chargingProfile.stationId, stationId),
        evseId === undefined ? undefined : eq(chargingProfile.evseId, evseId),
        purpose === undefined ? undefined : eq(chargingProfile.purpose, purpose),
        after === undefined ? undefined : gt(chargingProfile.profileId, after),
        ofLiving,
      ),
    )
    .orderBy(asc(chargingProfile.profileId))
    .limit(limit + 1);
  return page(rows, limit);
}

export async function getChargingProfile(
  db: Database,
  actor: Actor,
  stationId: number,
  profileId: number,
): Promise<ChargingProfileRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(chargingProfile)
    .where(
      all(
        inTenant(actor, chargingProfile),
        eq(chargingProfile.stationId, stationId),
        eq(chargingProfile.profileId, profileId),
      ),
    );
  return rows[0];
}

export interface AbilityPatch {
  readonly maxPowerW: number | null;
  readonly maxCurrentA: number | null;
  readonly phases: number | null;
  readonly voltageV: number | null;
  readonly maxStackLevel: number | null;
  readonly maxPeriods: number | null;
  readonly units: string | null;
}

/** What an operator knows of a station (EVSE 0) or of one of its EVSEs. */
export async function putChargingAbility(
  db: Database,
  actor: Actor,
  stationId: number,
  evseId: number,
  ability: AbilityPatch,
): Promise<void> {
  const { tenantId } = actor;
  await db.orm
    .insert(chargingAbility)
    .values({ stationId, evseId, tenantId, ...ability })
    .onConflictDoUpdate({
      target: [chargingAbility.stationId, chargingAbility.evseId],
      set: { ...ability, updatedAt: sql`now()` },
    });
}

/** By EVSE; a station has no more than are asked for. */
export async function listChargingAbilities(
  db: Database,
  actor: Actor,
  stationId: number,
): Promise<ChargingAbilityRow[]> {
  return db.orm
    .select()
    .from(chargingAbility)
    .where(all(inTenant(actor, chargingAbility), eq(chargingAbility.stationId, stationId)))
    .orderBy(asc(chargingAbility.evseId))
    .limit(500);
}
