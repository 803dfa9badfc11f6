/** Sites: where stations stand, whose hours they keep, and whether drivers are shown them. */
import { DEFAULT_ZONE, type OpeningHours } from '@sigec/domain';
import { and, asc, eq, getTableColumns, gt, inArray, sql } from 'drizzle-orm';
import type { Database, Param, Sql } from '../database.js';
import { site } from '../schema.js';
import { endGrantsAt } from './accounts/grants.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';
import { containing } from './search.js';
import { tellEvent } from './tell.js';

export type SiteRow = typeof site.$inferSelect;
export type SiteView = SiteRow & {
  /** How many stations belong to it, archived ones not counted. */
  readonly stations: number;
};

/** What is given; absent fields stay. */
export interface SitePatch {
  readonly name?: string;
  readonly address?: string | null;
  /** Degrees; both or none. */
  readonly lat?: number | null;
  readonly lng?: number | null;
  /** A name of the IANA time zone database. */
  readonly timeZone?: string;
  /** Null: nobody said. */
  readonly openingHours?: OpeningHours | null;
  /** False hides its stations from drivers. */
  readonly published?: boolean;
}
export type NewSite = SitePatch & { readonly name: string };

const VIEW = {
  ...getTableColumns(site),
  stations: sql<number>`(select count(*)::int4 from station s where s.site_id = site.id and s.archived_at is null)`,
};

// Written anew where it is there: so its id is known whoever made it at the same moment.
const NAMED = `
  insert into site (tenant_id, name) values ($1::int4, $2::text)
  on conflict (tenant_id, name) do update set name = excluded.name returning id, xmax = 0 as made`;

const KNOWN = 'select id from site where tenant_id = $1::int4 and name = $2::text';

/**
 * The id of the tenant's site of this name, which is made, and told of, where there is none; unless grants let the actor in:
 * they make none.
 */
export async function siteNamed(db: Sql, { tenantId, reach }: Actor, name: string): Promise<number> {
  const [known] = reach === undefined ? [] : await db.query<{ id: number }>(KNOWN, [tenantId, name]);
  if (known !== undefined) return known.id;
  const [row] = await db.query<{ id: number; made: boolean }>(NAMED, [tenantId, name]);
  if (row === undefined) throw new RangeError('site: neither found nor made');
  if (row.made) await tellEvent(db, tenantId, 'site.created', { site_id: String(row.id) });
  return row.id;
}

export async function getSite(db: Database, actor: Actor, id: number): Promise<SiteView | undefined> {
  const rows = await db.orm
    .select(VIEW)
    .from(site)
    .where(all(inTenant(actor, site), eq(site.id, id)));
  return rows[0];
}

/** Those of the ids that the tenant has. */
export async function getSites(db: Database, actor: Actor, ids: readonly number[]): Promise<SiteRow[]> {
  if (ids.length === 0) return [];
  return db.orm
    .select()
    .from(site)
    .where(all(inTenant(actor, site), inArray(site.id, [...ids])));
}

interface Values {
  readonly name: string;
  readonly address: string | null;
  readonly lat: number | null;
  readonly lng: number | null;
  readonly timeZone: string;
  readonly openingHours: SiteRow['openingHours'];
  readonly published: boolean;
}

const NEW: Omit<Values, 'name'> = {
  address: null,
  lat: null,
  lng: null,
  timeZone: DEFAULT_ZONE,
  openingHours: null,
  published: true,
};

const FIELDS = 'name, address, lat, lng, time_zone, opening_hours, published';
const INSERT = `
  insert into site (tenant_id, ${FIELDS})
  values ($1::int4, $2::text, $3::text, $4::float8, $5::float8, $6::text, $7::text::jsonb, $8::text::boolean)
  on conflict (tenant_id, name) do nothing returning id`;

const LOCK = `
  select name, address, lat, lng, time_zone as "timeZone", opening_hours as "openingHours", published
  from site where tenant_id = $1::int4 and id = $2::int8 for no key update`;
const UPDATE = `
  update site set (${FIELDS}, updated_at) =
    ($2::text, $3::text, $4::float8, $5::float8, $6::text, $7::text::jsonb, $8::text::boolean, now())
  where id = $1::int8 and not exists (
    select 1 from site x where x.tenant_id = site.tenant_id and x.name = $2::text and x.id <> site.id)
  returning id`;

// Tokens name the sites that they are limited to.
const RENAME_LIMITS = `
  update id_token set limits = jsonb_set(limits, '{sites}', (
    select jsonb_agg(case when n = $2::text then $3::text else n end)
    from jsonb_array_elements_text(limits -> 'sites') as n))
  where tenant_id = $1::int4 and limits -> 'sites' @> to_jsonb($2::text)`;

const params = ({ openingHours, published, ...rest }: Values): Param[] => [
  ...[rest.name, rest.address, rest.lat, rest.lng, rest.timeZone],
  ...[openingHours === null ? null : JSON.stringify(openingHours), String(published)],
];

/** Undefined where the tenant has a site of this name. */
export async function createSite(db: Database, actor: Actor, made: NewSite): Promise<SiteView | undefined> {
  const { tenantId } = actor;
  const id = await db.transaction(async (tx) => {
    const [row] = await tx.query<{ id: number }>(INSERT, [tenantId, ...params({ ...NEW, ...made })]);
    if (row !== undefined) await tellEvent(tx, tenantId, 'site.created', { site_id: String(row.id) });
    return row?.id;
  });
  return id === undefined ? undefined : getSite(db, actor, id);
}

/** Changes what is given. `absent`: the tenant has no such site; `taken`: another one has the name. */
export async function updateSite(
  db: Database,
  actor: Actor,
  id: number,
  patch: SitePatch,
): Promise<SiteView | 'absent' | 'taken'> {
  const { tenantId } = actor;
  const ended = await db.transaction(async (tx) => {
    const [was] = await tx.query<Values>(LOCK, [tenantId, id]);
    if (was === undefined) return 'absent';
    const changed = await tx.query(UPDATE, [id, ...params({ ...was, ...patch })]);
    if (changed.length === 0) return 'taken';
    const { name } = patch;
    if (name !== undefined && name !== was.name) await tx.query(RENAME_LIMITS, [tenantId, was.name, name]);
    await tellEvent(tx, tenantId, 'site.changed', { site_id: String(id) });
    return 'changed';
  });
  return ended === 'changed' ? ((await getSite(db, actor, id)) ?? 'absent') : ended;
}

const LOCK_WHOLE = 'select id from site where tenant_id = $1::int4 and id = $2::int8 for update';
const IN_USE = 'select 1 from station where site_id = $1::int8 limit 1';
const REMOVE = 'delete from site where tenant_id = $1::int4 and id = $2::int8';

/**
 * Deletes a site that no station belongs to, archived ones included: receipts name the site of theirs. Grants at it end.
 * @returns `absent` where the tenant has no such site
 */
export async function deleteSite(db: Database, actor: Actor, id: number): Promise<'deleted' | 'absent' | 'in-use'> {
  const { tenantId } = actor;
  return db.transaction(async (tx) => {
    // Whoever puts a station there meanwhile holds its row, or finds it gone.
    if ((await tx.query(LOCK_WHOLE, [tenantId, id])).length === 0) return 'absent';
    if ((await tx.query(IN_USE, [id])).length > 0) return 'in-use';
    await endGrantsAt(tx, actor, 'site_id', id);
    await tx.query(REMOVE, [tenantId, id]);
    await tellEvent(tx, tenantId, 'site.deleted', { site_id: String(id) });
    return 'deleted';
  });
}

export interface SiteFilter {
  readonly published?: boolean;
  /** Part of its name or address, in whatever case, with or without accents. */
  readonly q?: string;
  readonly after?: number;
  readonly limit: number;
}

/** By id. */
export async function listSites(db: Database, actor: Actor, filter: SiteFilter): Promise<Page<SiteView>> {
  const { published, q, after, limit } = filter;
  const words = sql`sigec_folded(concat_ws(' ', ${site.name}, ${site.address}))`;
  const rows = await db.orm
    .select(VIEW)
    .from(site)
    .where(
      and(
        inTenant(actor, site),
        published === undefined ? undefined : eq(site.published, published),
        q === undefined ? undefined : sql`${words} like sigec_folded(${containing(q)}::text)`,
        after === undefined ? undefined : gt(site.id, after),
      ),
    )
    .orderBy(asc(site.id))
    .limit(limit + 1);
  return page(rows, limit);
}
