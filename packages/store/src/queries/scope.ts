/** Who asks, and what they may see: the one place that puts tenant and owner into a query. */
import { and, eq, type SQL, type SQLWrapper } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { transaction } from '../schema.js';

export type UserRole = 'admin' | 'operator' | 'user';

/** Whoever a query is made for. */
export interface Actor {
  readonly userId: string;
  readonly tenantId: number;
  readonly role: UserRole;
}

/** What every query begins with. */
export function inTenant(actor: Actor, table: { readonly tenantId: PgColumn }): SQL {
  return eq(table.tenantId, actor.tenantId);
}

/** Drivers see their own transactions, operators the tenant's. */
export function visibleTransactions(actor: Actor): SQL {
  const tenant = inTenant(actor, transaction);
  return actor.role === 'user' ? (and(tenant, eq(transaction.userId, actor.userId)) ?? tenant) : tenant;
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
