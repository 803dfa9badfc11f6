/** Stations registered, one or many: with the sites and groups that they name, and the event that says so. */
import type { Database, Sql } from '../database.js';
import type { Actor } from './scope.js';
import { getStation, type StationPatch, type StationSecret, type StationView } from './stations.js';

export interface NewStation extends Omit<StationPatch, 'archived'> {
  readonly identity: string;
  readonly securityProfile: number;
  /** Null: no password is asked for. */
  readonly secret: StationSecret | null;
  /** Names of groups that it is put into; one is made where the tenant has none of it. */
  readonly groups?: readonly string[];
}

// Written anew where it is there: so its id is known whoever made it at the same moment. In order, so that two that name
// the same ones do not wait for each other. A site is told of where it is made; a group always, as stations come into it.
const named = (table: 'site' | 'station_group', idField: string, kind: string) => `
  with named as (
    insert into ${table} (tenant_id, name)
    select distinct $1::int4, n from json_array_elements_text($2::text::json) n order by n
    on conflict (tenant_id, name) do update set name = excluded.name returning id, name, xmax = 0 as made),
  told as (
    insert into outbox (tenant_id, kind, payload)
    select $1::int4, kind, jsonb_build_object('${idField}', id::text)
    from (select id, ${kind} as kind from named order by id) k where kind is not null)
  select id, name from named`;
const SITES = named('site', 'site_id', "case when made then 'site.created' end");
const GROUPS = named('station_group', 'group_id', "case when made then 'group.created' else 'group.changed' end");
// Whoever grants let in makes none: where one is missing, its station would stand where they do not reach, and is refused.
const SITES_REACHED = `
  select id, name from site where tenant_id = $1::int4 and name in (select json_array_elements_text($2::text::json))`;

const STATIONS = `
  with made as (
    insert into station (tenant_id, identity, security_profile, secret_salt, secret_verifier, name, lat, lng, address,
      site_id, published, default_version, blocked, ping_seconds, leniency, min_security_profile)
    select $1::int4, identity, "securityProfile", decode(salt, 'base64'), decode(verifier, 'base64'), name, lat, lng, address,
      "siteId", coalesce(published, false), "defaultVersion", coalesce(blocked, false), "pingSeconds",
      coalesce(leniency, '{}'), coalesce("minSecurityProfile", 0)
    from json_to_recordset($2::text::json) as s(identity text, "securityProfile" int2, salt text, verifier text, name text,
      lat float8, lng float8, address text, "siteId" int8, published bool, "defaultVersion" text, blocked bool,
      "pingSeconds" int4, leniency jsonb, "minSecurityProfile" int2)
    on conflict do nothing returning id, identity),
  told as (
    insert into outbox (tenant_id, kind, payload)
    select $1::int4, 'station.created', jsonb_build_object('device_id', id::text, 'identity', identity) from made)
  select id, identity from made`;

const MEMBERS = `
  insert into station_group_member (group_id, station_id)
  select "groupId", "stationId" from json_to_recordset($1::text::json) as m("groupId" int8, "stationId" int8)`;

async function idsOf(tx: Sql, text: string, tenantId: number, names: readonly string[]): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const rows = await tx.query<{ id: number; name: string }>(text, [tenantId, JSON.stringify([...new Set(names)])]);
  return new Map(rows.map(({ id, name }) => [name, id]));
}

const base64 = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('base64');

function rowOf({ secret, site, groups: _, ...rest }: NewStation, sites: ReadonlyMap<string, number>) {
  const where = typeof site === 'string' ? { siteId: sites.get(site) } : {};
  return { ...rest, ...where, salt: base64(secret?.salt), verifier: base64(secret?.verifier) };
}

class Taken extends Error {
  constructor(readonly made: ReadonlyMap<string, number>) {
    super('stations: an identity is taken');
  }
}

/**
 * Registers stations, whose identities differ from each other.
 * @param options `whole`: none where one of the identities is taken, by whichever tenant; else those that are not
 * @returns the ids of those that can be made by their identities, and whether they were
 */
export async function registerStations(
  db: Database,
  { tenantId, reach }: Actor,
  made: readonly NewStation[],
  { whole }: { readonly whole: boolean },
): Promise<{ readonly ids: ReadonlyMap<string, number>; readonly done: boolean }> {
  try {
    return await db.transaction(async (tx) => {
      const sites = await idsOf(
        tx,
        reach === undefined ? SITES : SITES_REACHED,
        tenantId,
        made.flatMap(({ site }) => site ?? []),
      );
      const rows = JSON.stringify(made.map((row) => rowOf(row, sites)));
      const created = await tx.query<{ id: number; identity: string }>(STATIONS, [tenantId, rows]);
      const ids = new Map(created.map(({ id, identity }) => [identity, id]));
      if (whole && ids.size < made.length) throw new Taken(ids);
      const joined = made.filter(({ identity, groups }) => groups !== undefined && ids.has(identity));
      const groups = await idsOf(
        tx,
        GROUPS,
        tenantId,
        joined.flatMap((row) => row.groups ?? []),
      );
      const members = joined.flatMap((row) =>
        [...new Set(row.groups)].map((name) => ({ groupId: groups.get(name), stationId: ids.get(row.identity) })),
      );
      if (members.length > 0) await tx.query(MEMBERS, [JSON.stringify(members)]);
      return { ids, done: true };
    });
  } catch (error) {
    if (error instanceof Taken) return { ids: error.made, done: false };
    throw error;
  }
}

/** Registers a station; undefined where the identity is taken, by whichever tenant. */
export async function createStation(db: Database, actor: Actor, made: NewStation): Promise<StationView | undefined> {
  const { ids } = await registerStations(db, actor, [made], { whole: true });
  const id = ids.get(made.identity);
  return id === undefined ? undefined : getStation(db, actor, id);
}

const TAKEN = 'select identity from station where identity in (select json_array_elements_text($1::text::json))';

/** Which of the identities are taken, by whichever tenant. */
export async function takenIdentities(db: Sql, identities: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ identity: string }>(TAKEN, [JSON.stringify(identities)]);
  return new Set(rows.map(({ identity }) => identity));
}

const MANY = `
  insert into station (tenant_id, identity, security_profile, secret_salt, secret_verifier)
  select $2::int4, identity, "securityProfile", decode(salt, 'base64'), decode(verifier, 'base64')
  from json_to_recordset($1::text::json) as s(identity text, "securityProfile" int2, salt text, verifier text)
  on conflict do nothing returning id`;
/** Rows of one statement. */
const MANY_ROWS = 5000;

export type SeededStation = Pick<NewStation, 'identity' | 'securityProfile' | 'secret'>;

/** Seeds a fleet: any number of stations, of whom nobody is told. Returns how many were new. */
export async function createStations(db: Database, actor: Actor, made: readonly SeededStation[]): Promise<number> {
  let created = 0;
  for (let from = 0; from < made.length; from += MANY_ROWS) {
    const rows = made.slice(from, from + MANY_ROWS).map((row) => rowOf(row, new Map()));
    created += (await db.query(MANY, [JSON.stringify(rows), actor.tenantId])).length;
  }
  return created;
}
