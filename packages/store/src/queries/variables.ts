/** Variables of one station, for people; and what the answers to commands make known of them. */
import { and, asc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { keyOf16, pathOf, type VariableName } from '../facts/variable-name.js';
import { type LearntVariable, variable } from '../facts/variables.js';
import { deviceVariable } from '../schema.js';
import { type Actor, inTenant, type Page, page } from './scope.js';

export type VariableRow = typeof deviceVariable.$inferSelect;

export interface VariableFilter {
  /** Whole names, in whatever case. */
  readonly component?: string;
  readonly variable?: string;
  /** Part of component, variable or value, in whatever case. */
  readonly q?: string;
  readonly mutability?: 'ReadOnly' | 'WriteOnly' | 'ReadWrite';
  readonly after?: number;
  readonly limit: number;
}

/** In the order in which they became known. */
export async function listVariables(
  db: Database,
  actor: Actor,
  stationId: number,
  filter: VariableFilter,
): Promise<Page<VariableRow>> {
  const t = deviceVariable;
  const { component, variable: name, q, mutability, after, limit } = filter;
  const pattern = `%${(q ?? '').replace(/[\\%_]/g, '\\$&')}%`;
  const rows = await db.orm
    .select()
    .from(t)
    .where(
      and(
        inTenant(actor, t),
        eq(t.stationId, stationId),
        after === undefined ? undefined : gt(t.id, after),
        component === undefined ? undefined : sql`lower(${t.component}) = lower(${component}::text)`,
        name === undefined ? undefined : sql`lower(${t.variable}) = lower(${name}::text)`,
        mutability === undefined ? undefined : eq(t.mutability, mutability),
        q === undefined ? undefined : or(...[t.component, t.variable, t.value].map((c) => sql`${c} ilike ${pattern}`)),
      ),
    )
    .orderBy(asc(t.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** What is known of some variables of a station, by their paths; `Actual` only. */
export async function knownVariables(
  db: Database,
  stationId: number,
  names: readonly VariableName[],
): Promise<ReadonlyMap<string, Pick<VariableRow, 'value' | 'mutability'>>> {
  const rows = await db.query<{ path: string; value: string | null; mutability: VariableRow['mutability'] }>(
    `select path, value, mutability from device_variable
     where station_id = $1::int8 and path = any($2::text[]) and attribute = 'Actual'`,
    [stationId, names.map(pathOf)],
  );
  return new Map(rows.map(({ path, ...row }) => [path, row]));
}

/** Takes up what an answer told. */
export async function learnVariables(db: Database, rows: readonly LearntVariable[]): Promise<void> {
  if (rows.length > 0) await variable.write(db, rows);
}

/**
 * What a station accepted to be set to. Only of what it was read of before: else it might be write-only, and what is
 * write-only is kept nowhere.
 * @returns how many were known
 */
export async function noteWritten(db: Database, rows: readonly LearntVariable[]): Promise<number> {
  const known = await db.query(
    `update device_variable d set value = w.value, learnt_from = w."from", learnt_at = now()
     from json_to_recordset($1::text::json) as w("stationId" int8, path text, attribute text, value text, "from" text)
     where d.station_id = w."stationId" and d.path = w.path and d.attribute = w.attribute
       and d.mutability is distinct from 'WriteOnly' and coalesce(d.mutability, d.value) is not null returning d.id`,
    [JSON.stringify(rows.map((row) => ({ ...row, path: pathOf(row) })))],
  );
  return known.length;
}

/** Keys that a 1.6 station said it does not have. */
export async function forgetKeys(db: Database, stationId: number, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await db.query('delete from device_variable where station_id = $1::int8 and path = any($2::text[])', [
    stationId,
    keys.map((key) => pathOf(keyOf16(key))),
  ]);
}

/** A 1.6 station named all its keys: what it did not name is no longer there. */
export async function keepOnlyKeys(db: Database, stationId: number, keys: readonly string[]): Promise<void> {
  await db.query(
    `delete from device_variable where station_id = $1::int8 and component = '' and not path = any($2::text[])`,
    [stationId, keys.map((key) => pathOf(keyOf16(key)))],
  );
}

/**
 * How many items a station takes in one SetVariables (2.x B05.FR.11); undefined where it did not tell. 2.0.1 names the
 * variable `ItemsPerMessage` with an instance, chargers of older drafts `ItemsPerMessageSetVariables`.
 */
export async function itemsPerSetVariables(db: Database, stationId: number): Promise<number | undefined> {
  const t = deviceVariable;
  const rows = await db.orm
    .select({ value: t.value })
    .from(t)
    .where(
      and(
        eq(t.stationId, stationId),
        sql`lower(${t.component}) = 'devicedatactrlr'`,
        eq(t.attribute, 'Actual'),
        or(
          and(sql`lower(${t.variable}) = 'itemspermessage'`, sql`lower(${t.variableInstance}) = 'setvariables'`),
          and(sql`lower(${t.variable}) = 'itemspermessagesetvariables'`, isNull(t.variableInstance)),
        ),
      ),
    )
    .limit(1);
  const items = Number(rows[0]?.value ?? 'none');
  return Number.isSafeInteger(items) && items > 0 ? items : undefined;
}
