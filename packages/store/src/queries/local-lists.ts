/** Local lists of stations: what each holds of the tenant's tokens, and what it has to be told (1.6 3.5.2, 2.x D). */

import type { TokenLimits } from '@sigec/domain';
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { stationLocalList } from '../schema.js';
import { type Actor, all, inTenant } from './scope.js';

export type LocalListRow = Omit<typeof stationLocalList.$inferSelect, 'tenantId'> & {
  /** How often the tokens of the tenant have changed. */
  readonly tokens: number;
};

const VIEW = {
  stationId: stationLocalList.stationId,
  enabled: stationLocalList.enabled,
  state: stationLocalList.state,
  version: stationLocalList.version,
  tokensVersion: stationLocalList.tokensVersion,
  upto: stationLocalList.upto,
  entries: stationLocalList.entries,
  itemsPerMessage: stationLocalList.itemsPerMessage,
  maxEntries: stationLocalList.maxEntries,
  lastResult: stationLocalList.lastResult,
  failures: stationLocalList.failures,
  syncedAt: stationLocalList.syncedAt,
  checkedAt: stationLocalList.checkedAt,
  nextAt: stationLocalList.nextAt,
  cacheClearedAt: stationLocalList.cacheClearedAt,
  updatedAt: stationLocalList.updatedAt,
  tokens: sql`coalesce((select version from token_list t where t.tenant_id = ${stationLocalList.tenantId}), 0)`.mapWith(
    Number,
  ),
};

export async function getLocalList(db: Database, actor: Actor, stationId: number): Promise<LocalListRow | undefined> {
  const rows = await db.orm
    .select(VIEW)
    .from(stationLocalList)
    .where(all(inTenant(actor, stationLocalList), eq(stationLocalList.stationId, stationId)));
  return rows[0];
}

export type LocalListPatch = Partial<
  Pick<
    typeof stationLocalList.$inferInsert,
    | 'enabled'
    | 'state'
    | 'version'
    | 'tokensVersion'
    | 'upto'
    | 'entries'
    | 'itemsPerMessage'
    | 'maxEntries'
    | 'lastResult'
    | 'failures'
    | 'syncedAt'
    | 'checkedAt'
    | 'nextAt'
    | 'cacheClearedAt'
  >
>;

/** Changes what is given of a station's list; the first change makes it. */
export async function putLocalList(
  db: Database,
  actor: Actor,
  stationId: number,
  patch: LocalListPatch,
): Promise<LocalListRow> {
  await db.orm
    .insert(stationLocalList)
    .values({ stationId, tenantId: actor.tenantId, ...patch })
    .onConflictDoUpdate({
      target: stationLocalList.stationId,
      set: { ...patch, updatedAt: sql`now()` },
      setWhere: inTenant(actor, stationLocalList),
    });
  const row = await getLocalList(db, actor, stationId);
  if (row === undefined) throw new Error('local list: not there after it was made');
  return row;
}

export interface DueList {
  readonly tenantId: number;
  readonly stationId: number;
}

// Those behind their tenant's counter. Whoever claims one has it to itself until the time is over.
const BEHIND = `
  with due as (
    select l.station_id from token_list t, lateral (
      select l.station_id from station_local_list l join station s on s.id = l.station_id
      where l.tenant_id = t.tenant_id and l.enabled and l.tokens_version < t.version and l.next_at <= now() and s.online
        and s.registration = 'accepted'
      order by l.tokens_version limit $1::int4) l
    limit $1::int4)
  update station_local_list l set next_at = now() + $2::float8 * interval '1 millisecond'
  where l.station_id in (
    select x.station_id from station_local_list x join due on due.station_id = x.station_id
    where x.next_at <= now() for update of x skip locked)
  returning l.tenant_id as "tenantId", l.station_id as "stationId"`;

/** Claims lists that are behind, of stations that are here. */
export function claimLocalLists(db: Database, limit: number, leaseMs: number): Promise<DueList[]> {
  return db.query<DueList>(BEHIND, [limit, leaseMs]);
}

// The ones that nobody looked after for longest, and of these the stations that came back since.
const CHECK = `
  with due as (
    select station_id from station_local_list
    where enabled and (checked_at is null or checked_at < now() - $2::float8 * interval '1 millisecond')
    order by checked_at nulls first limit $1::int4 for update skip locked),
  seen as (
    update station_local_list l set checked_at = now() from due, station s
    where l.station_id = due.station_id and s.id = l.station_id
    returning l.tenant_id, l.station_id, l.tokens_version >= 0 and s.online and s.registration = 'accepted'
      and s.connected_at > l.synced_at as back)
  select tenant_id as "tenantId", station_id as "stationId" from seen where back`;

/** Lists of stations that connected since theirs was sent, each looked at once in `everyMs`. */
export function claimListChecks(db: Database, limit: number, everyMs: number): Promise<DueList[]> {
  return db.query<DueList>(CHECK, [limit, everyMs]);
}

/** A token as a list may hold it, or one that has gone. */
export interface ListedToken {
  readonly id: number;
  readonly value: string;
  readonly type: string | null;
  readonly status: 'active' | 'blocked' | 'removed';
  readonly groupId: string | null;
  /** ms since 1970. */
  readonly expiresAt: number | null;
  readonly limits: TokenLimits | null;
  readonly listed: boolean;
  /** The tenant's counter when it was changed. */
  readonly listVersion: number;
}

const FIELDS = `id, value, type, status, group_id as "groupId", date_part('epoch', expires_at) * 1000 as "expiresAt",
  limits, local_list as listed, list_version as "listVersion"`;

/** Tokens that lists may hold, by id, after one of them. */
export function listedTokens(db: Database, tenantId: number, after: number, limit: number): Promise<ListedToken[]> {
  return db.query<ListedToken>(
    `select ${FIELDS} from id_token where tenant_id = $1::int4 and id > $2::int8 and local_list order by id limit $3::int4`,
    [tenantId, after, limit],
  );
}

/** What changed after a number of the counter, those that went among them, in order of change. */
export function changedTokens(db: Database, tenantId: number, since: number, limit: number): Promise<ListedToken[]> {
  return db.query<ListedToken>(
    `(select ${FIELDS} from id_token where tenant_id = $1::int4 and list_version > $2::int4
      order by list_version limit $3::int4)
     union all
     (select 0::int8, value, type, 'removed', null, null, null, false, list_version from id_token_removed r
      where tenant_id = $1::int4 and list_version > $2::int4
        and not exists (select 1 from id_token t where t.tenant_id = r.tenant_id and t.value_key = r.value_key)
      order by list_version limit $3::int4)
     order by "listVersion" limit $3::int4`,
    [tenantId, since, limit],
  );
}

/** The tenant's counter. */
export async function tokensVersion(db: Database, tenantId: number): Promise<number> {
  const [row] = await db.query<{ version: number }>('select version from token_list where tenant_id = $1::int4', [
    tenantId,
  ]);
  return row?.version ?? 0;
}

/** The charger forgot what it had learnt of tokens by asking. */
export async function noteCacheCleared(db: Database, actor: Actor, stationId: number): Promise<void> {
  await putLocalList(db, actor, stationId, { cacheClearedAt: new Date() });
  await db.query(
    `insert into outbox (tenant_id, kind, payload) values ($1::int4, 'station.cache_cleared', jsonb_build_object('device_id', $2::text))`,
    [actor.tenantId, String(stationId)],
  );
}
