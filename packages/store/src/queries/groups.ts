/** Groups of stations: any number of them, and a station may be in several. */
import { asc, eq, getTableColumns, gt, sql } from 'drizzle-orm';
import { numbers } from '../batch/columns.js';
import type { Database } from '../database.js';
import { stationGroup } from '../schema.js';
import { endGrantsAt } from './accounts/grants.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';
import { tellEvent } from './tell.js';

export type GroupRow = typeof stationGroup.$inferSelect;
export type GroupView = GroupRow & { readonly stations: number };

export interface GroupPatch {
  readonly name?: string;
  readonly description?: string | null;
}

const VIEW = {
  ...getTableColumns(stationGroup),
  stations: sql<number>`(select count(*)::int4 from station_group_member m join station s on s.id = m.station_id
    where m.group_id = station_group.id and s.archived_at is null)`,
};

export async function getGroup(db: Database, actor: Actor, id: number): Promise<GroupView | undefined> {
  const rows = await db.orm
    .select(VIEW)
    .from(stationGroup)
    .where(all(inTenant(actor, stationGroup), eq(stationGroup.id, id)));
  return rows[0];
}

/** By id. */
export async function listGroups(
  db: Database,
  actor: Actor,
  { after, limit }: { readonly after?: number; readonly limit: number },
): Promise<Page<GroupView>> {
  const rows = await db.orm
    .select(VIEW)
    .from(stationGroup)
    .where(all(inTenant(actor, stationGroup), after === undefined ? undefined : gt(stationGroup.id, after)))
    .orderBy(asc(stationGroup.id))
    .limit(limit + 1);
  return page(rows, limit);
}

const INSERT = `
  insert into station_group (tenant_id, name, description) values ($1::int4, $2::text, $3::text)
  on conflict (tenant_id, name) do nothing returning id`;

/** Undefined where the tenant has a group of this name. */
export async function createGroup(
  db: Database,
  actor: Actor,
  { name, description = null }: GroupPatch & { readonly name: string },
): Promise<GroupView | undefined> {
  const { tenantId } = actor;
  const id = await db.transaction(async (tx) => {
    const [row] = await tx.query<{ id: number }>(INSERT, [tenantId, name, description]);
    if (row !== undefined) await tellEvent(tx, tenantId, 'group.created', { group_id: String(row.id) });
    return row?.id;
  });
  return id === undefined ? undefined : getGroup(db, actor, id);
}

const LOCK = `
  select name, description from station_group where tenant_id = $1::int4 and id = $2::int8 for no key update`;
const UPDATE = `
  update station_group g set name = $2::text, description = $3::text, updated_at = now()
  where id = $1::int8 and not exists (
    select 1 from station_group x where x.tenant_id = g.tenant_id and x.name = $2::text and x.id <> g.id)
  returning id`;

/** Changes what is given. `absent`: the tenant has no such group; `taken`: another one has the name. */
export async function updateGroup(
  db: Database,
  actor: Actor,
  id: number,
  patch: GroupPatch,
): Promise<GroupView | 'absent' | 'taken'> {
  const { tenantId } = actor;
  const ended = await db.transaction(async (tx) => {
    const [was] = await tx.query<{ name: string; description: string | null }>(LOCK, [tenantId, id]);
    if (was === undefined) return 'absent';
    const { name, description } = { ...was, ...patch };
    if ((await tx.query(UPDATE, [id, name, description])).length === 0) return 'taken';
    await tellEvent(tx, tenantId, 'group.changed', { group_id: String(id) });
    return 'changed';
  });
  return ended === 'changed' ? ((await getGroup(db, actor, id)) ?? 'absent') : ended;
}

/** Its stations stay, and grants at it end; false where the tenant has no such group. */
export async function deleteGroup(db: Database, actor: Actor, id: number): Promise<boolean> {
  const { tenantId } = actor;
  return db.transaction(async (tx) => {
    await endGrantsAt(tx, actor, 'group_id', id);
    const gone = await tx.query('delete from station_group where tenant_id = $1::int4 and id = $2::int8 returning id', [
      tenantId,
      id,
    ]);
    if (gone.length > 0) await tellEvent(tx, tenantId, 'group.deleted', { group_id: String(id) });
    return gone.length > 0;
  });
}

const KNOWN = 'select id from station where tenant_id = $1::int4 and id = any($2::text::int8[]) for key share';
const ADD = `
  insert into station_group_member (group_id, station_id) select $1::int8, unnest($2::text::int8[])
  on conflict do nothing returning station_id`;

/**
 * Puts stations into a group, all or none of them.
 * @returns `added`: how many were not in it before; `unknown`: stations that the tenant does not have, and then none was
 * added; undefined where it has no such group
 */
export async function addToGroup(
  db: Database,
  { tenantId }: Actor,
  id: number,
  stationIds: readonly number[],
): Promise<{ readonly added: number } | { readonly unknown: readonly number[] } | undefined> {
  return db.transaction(async (tx) => {
    if ((await tx.query(LOCK, [tenantId, id])).length === 0) return undefined;
    const ids = numbers(stationIds, (stationId) => stationId);
    const known = new Set((await tx.query<{ id: number }>(KNOWN, [tenantId, ids])).map((row) => row.id));
    const unknown = stationIds.filter((stationId) => !known.has(stationId));
    if (unknown.length > 0) return { unknown };
    const added = (await tx.query(ADD, [id, ids])).length;
    if (added > 0) await tellEvent(tx, tenantId, 'group.changed', { group_id: String(id) });
    return { added };
  });
}

const TAKE = `
  delete from station_group_member m using station_group g
  where g.id = m.group_id and g.tenant_id = $1::int4 and m.group_id = $2::int8 and m.station_id = $3::int8
  returning m.station_id`;

/** False where the tenant has no such group, or the station is not in it. */
export async function takeFromGroup(
  db: Database,
  { tenantId }: Actor,
  id: number,
  stationId: number,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const taken = (await tx.query(TAKE, [tenantId, id, stationId])).length > 0;
    if (taken) await tellEvent(tx, tenantId, 'group.changed', { group_id: String(id) });
    return taken;
  });
}
