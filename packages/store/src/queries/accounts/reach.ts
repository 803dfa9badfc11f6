/** How far grants lead: what the guard looks up with a request, and whether a station is there. */
import { inArray } from 'drizzle-orm';
import type { Database, Sql } from '../../database.js';
import { station } from '../../schema.js';
import { type Actor, all, inTenant, type Reach, reachedBy } from '../scope.js';

/** Grants of one person. */
export const MAX_GRANTS = 200;

/** Where a grant holds: one of the two is null. */
export interface GrantPlace {
  readonly siteId: number | null;
  readonly groupId: number | null;
}

/** What a person holds, for the guard. */
export interface HeldGrant extends GrantPlace {
  readonly set: string;
}

const HELD = `
  select site_id as "siteId", group_id as "groupId", permission_set as set from station_grant
  where user_id = $1::uuid and tenant_id = $2::int4 order by id limit ${MAX_GRANTS}`;

/** As they are now. It is asked with each request that a grant may let in, so one that was taken back is over at once. */
export function heldGrants(db: Sql, { userId, tenantId }: Pick<Actor, 'userId' | 'tenantId'>): Promise<HeldGrant[]> {
  return db.query<HeldGrant>(HELD, [userId, tenantId]);
}

/** Where these lead to; undefined where there are none. */
export function reachOf(grants: readonly GrantPlace[]): Reach | undefined {
  if (grants.length === 0) return undefined;
  const ids = (of: (place: GrantPlace) => number | null) => grants.flatMap((grant) => of(grant) ?? []);
  return { sites: ids(({ siteId }) => siteId), groups: ids(({ groupId }) => groupId) };
}

/** Which of these stations grants lead to. */
export async function reachedStations(
  db: Database,
  actor: Actor,
  reach: Reach,
  ids: readonly number[],
): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await db.orm
    .select({ id: station.id })
    .from(station)
    .where(all(inTenant(actor, station), inArray(station.id, [...ids]), reachedBy(reach, actor, station.id)));
  return new Set(rows.map(({ id }) => id));
}

/** Whether grants of the actor lead to a station. */
export async function attends(db: Database, actor: Actor, stationId: number): Promise<boolean> {
  const reach = actor.reach ?? actor.beside;
  return reach !== undefined && (await reachedStations(db, actor, reach, [stationId])).has(stationId);
}
