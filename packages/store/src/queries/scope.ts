/** Who asks, and what they may see: the one place that puts tenant and owner into a query. */
import { and, eq, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { numbers } from '../batch/columns.js';
import { transaction } from '../schema.js';

export type UserRole = 'admin' | 'operator' | 'user';

/** The stations that grants lead to: those of these sites, and the members of these groups. */
export interface Reach {
  readonly sites: readonly number[];
  readonly groups: readonly number[];
}

/** Whoever a query is made for. */
export interface Actor {
  readonly userId: string;
  readonly tenantId: number;
  readonly role: UserRole;
  /** Of somebody whom grants let in: all there is for them. The database sees to it (tenant-wall.ts). */
  readonly reach?: Reach;
  /** Of a driver who may do the same with others' transactions at these stations as with their own anywhere. */
  readonly beside?: Reach;
}

/** What every query begins with. */
export function inTenant(actor: Actor, table: { readonly tenantId: PgColumn }): SQL {
  return eq(table.tenantId, actor.tenantId);
}

/** Whether a station is reached. It is asked once for a statement, not once for a row. */
export function reachedBy({ sites, groups }: Reach, { tenantId }: Actor, stationId: PgColumn): SQL {
  const texts = { sites: numbers(sites, (id) => id), groups: numbers(groups, (id) => id) };
  return sql`${stationId} in (
    select r.id from station r where r.tenant_id = ${tenantId}::int4 and r.site_id = any(${texts.sites}::text::int8[])
    union
    select m.station_id from station_group_member m where m.group_id = any(${texts.groups}::text::int8[]))`;
}

/** Drivers see their own transactions and those that a grant leads to, operators the tenant's. */
export function visibleTransactions(actor: Actor): SQL {
  const tenant = inTenant(actor, transaction);
  const { reach, beside, userId, role } = actor;
  if (reach !== undefined) return and(tenant, reachedBy(reach, actor, transaction.stationId)) ?? tenant;
  if (role !== 'user') return tenant;
  const theirs = beside && reachedBy(beside, actor, transaction.stationId);
  return and(tenant, or(eq(transaction.userId, userId), theirs)) ?? tenant;
}

/** All that are given, joined by `and`. */
export function all(...conditions: (SQLWrapper | undefined)[]): SQL | undefined {
  return and(...conditions);
}

/** A part of a list. `more` tells whether others follow the last item. */
export interface Page<T> {
  readonly items: T[];
  readonly more: boolean;
}

/** Makes a page out of `limit + 1` rows. */
export function page<T>(rows: T[], limit: number): Page<T> {
  return { items: rows.slice(0, limit), more: rows.length > limit };
}
