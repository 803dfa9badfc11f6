/** Grants: what a person may do at one site, or at the stations of one group. Which permissions a set holds, control knows. */
import { asc, eq, getTableColumns, gt, sql } from 'drizzle-orm';
import type { Database, Sql } from '../../database.js';
import { stationGrant } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';
import { audit } from './audit.js';
import { type GrantPlace, type HeldGrant, MAX_GRANTS } from './reach.js';

const { tenantId: _tenant, ...COLUMNS } = getTableColumns(stationGrant);
const ROW = {
  ...COLUMNS,
  site: sql<string | null>`(select s.name from site s where s.id = station_grant.site_id)`,
  group: sql<string | null>`(select g.name from station_group g where g.id = station_grant.group_id)`,
};

export type GrantRow = Omit<typeof stationGrant.$inferSelect, 'tenantId'> & {
  /** The names of its place. */
  readonly site: string | null;
  readonly group: string | null;
};

export interface GrantFilter {
  readonly userId?: string | undefined;
  readonly siteId?: number | undefined;
  readonly groupId?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

/** By id. */
export async function listGrants(db: Database, actor: Actor, filter: GrantFilter): Promise<Page<GrantRow>> {
  const { userId, siteId, groupId, after, limit } = filter;
  const rows = await db.orm
    .select(ROW)
    .from(stationGrant)
    .where(
      all(
        inTenant(actor, stationGrant),
        userId === undefined ? undefined : eq(stationGrant.userId, userId),
        siteId === undefined ? undefined : eq(stationGrant.siteId, siteId),
        groupId === undefined ? undefined : eq(stationGrant.groupId, groupId),
        after === undefined ? undefined : gt(stationGrant.id, after),
      ),
    )
    .orderBy(asc(stationGrant.id))
    .limit(limit + 1);
  return page(rows, limit);
}

export async function getGrant(db: Database, actor: Actor, id: number): Promise<GrantRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(stationGrant)
    .where(all(inTenant(actor, stationGrant), eq(stationGrant.id, id)));
  return rows[0];
}

export interface NewGrant extends GrantPlace {
  readonly userId: string;
  readonly set: string;
}

/** Why none was made: what the tenant does not have, or what the person has already. */
export type NoGrant = 'no-person' | 'no-site' | 'no-group' | 'taken' | 'too-many';

// Held until the end: of two grants at once the second sees the first.
const PERSON = `
  select id from app_user where id = $1::uuid and tenant_id = $2::int4 and erased_at is null for no key update`;
const SITE = 'select id from site where id = $1::int8 and tenant_id = $2::int4 for key share';
const GROUP = 'select id from station_group where id = $1::int8 and tenant_id = $2::int4 for key share';
const COUNT = 'select count(*)::int4 as n from station_grant where user_id = $1::uuid';
const INSERT = `
  insert into station_grant (tenant_id, user_id, site_id, group_id, permission_set)
  values ($1::int4, $2::uuid, $3::int8, $4::int8, $5::text) on conflict do nothing returning id`;

/** What the audit trail says of a grant. */
const detailOf = (id: number, { siteId, groupId, set }: HeldGrant) => ({
  grant_id: String(id),
  ...(siteId === null ? { group_id: String(groupId) } : { site_id: String(siteId) }),
  set,
});

/** @returns its id, or why there is none */
export function createGrant(db: Database, actor: Actor, made: NewGrant): Promise<number | NoGrant> {
  const { tenantId, userId: actorId } = actor;
  const { userId, siteId, groupId, set } = made;
  return db.transaction(async (tx): Promise<number | NoGrant> => {
    if ((await tx.query(PERSON, [userId, tenantId])).length === 0) return 'no-person';
    if (siteId !== null && (await tx.query(SITE, [siteId, tenantId])).length === 0) return 'no-site';
    if (groupId !== null && (await tx.query(GROUP, [groupId, tenantId])).length === 0) return 'no-group';
    const [held] = await tx.query<{ n: number }>(COUNT, [userId]);
    if ((held?.n ?? 0) >= MAX_GRANTS) return 'too-many';
    const [row] = await tx.query<{ id: number }>(INSERT, [tenantId, userId, siteId, groupId, set]);
    if (row === undefined) return 'taken';
    await audit(tx, { action: 'grant.created', tenantId, userId, actorId, detail: detailOf(row.id, made) });
    return row.id;
  });
}

interface Was extends HeldGrant {
  readonly userId: string;
}
const LOCKED = `
  select user_id::text as "userId", site_id as "siteId", group_id as "groupId", permission_set as set
  from station_grant where id = $1::int8 and tenant_id = $2::int4 for update`;

/** Another set at the same place; false where the tenant has no such grant. */
export function changeGrant(db: Database, actor: Actor, id: number, set: string): Promise<boolean> {
  const { tenantId, userId: actorId } = actor;
  return db.transaction(async (tx) => {
    const [was] = await tx.query<Was>(LOCKED, [id, tenantId]);
    if (was === undefined) return false;
    if (was.set === set) return true;
    await tx.query('update station_grant set permission_set = $2::text, updated_at = now() where id = $1::int8', [
      id,
      set,
    ]);
    const detail = { ...detailOf(id, was), set: [was.set, set] };
    await audit(tx, { action: 'grant.changed', tenantId, userId: was.userId, actorId, detail });
    return true;
  });
}

/** Takes a grant back; false where the tenant has no such grant. */
export function endGrant(db: Database, actor: Actor, id: number): Promise<boolean> {
  const { tenantId, userId: actorId } = actor;
  return db.transaction(async (tx) => {
    const [was] = await tx.query<Was>(
      `delete from station_grant where id = $1::int8 and tenant_id = $2::int4
       returning user_id::text as "userId", site_id as "siteId", group_id as "groupId", permission_set as set`,
      [id, tenantId],
    );
    if (was === undefined) return false;
    await audit(tx, { action: 'grant.ended', tenantId, userId: was.userId, actorId, detail: detailOf(id, was) });
    return true;
  });
}

const END_AT = (column: 'site_id' | 'group_id') => `
  with gone as (
    delete from station_grant where ${column} = $2::int8 and tenant_id = $1::int4
    returning user_id, jsonb_build_object('grant_id', id::text, '${column}', ${column}::text, 'set', permission_set) as detail),
  noted as (
    insert into audit_entry (tenant_id, actor_id, action, user_id, detail)
    select $1::int4, $3::uuid, 'grant.ended', user_id, detail from gone)
  insert into outbox (tenant_id, kind, payload)
  select $1::int4, 'account.changed', jsonb_build_object('action', 'grant.ended', 'user_id', user_id) from gone`;

/** To be called within the transaction that deletes the place: all grants there end. */
export async function endGrantsAt(tx: Sql, actor: Actor, column: 'site_id' | 'group_id', id: number): Promise<void> {
  await tx.query(END_AT(column), [actor.tenantId, id, actor.userId]);
}
