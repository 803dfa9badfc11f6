/** Migrations, the tables beside what drizzle believes of them, and what the seam promises of values. */
import { getTableColumns, is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import type { StoreHarness } from './harness.contract.js';
import * as schema from './schema.js';

/** Any text that PostgreSQL can hold: no U+0000. */
export const text = fc.string({ unit: 'binary', maxLength: 20 }).map((s) => s.replaceAll('\0', ''));

export function schemaContract(harness: () => StoreHarness): void {
  describe('migrations', () => {
    it('may run again and at once, and are done once', async () => {
      const ways = await harness().empty();
      try {
        await Promise.all(ways.map((db) => db.migrate()));
        await Promise.all([...ways, ...ways].map((db) => db.migrate()));
        const db = ways[0] as Database;
        const done = await db.query<{ hash: string }>('select hash from drizzle.__drizzle_migrations');
        expect(done.length).toBeGreaterThan(0);
        expect(new Set(done.map((row) => row.hash)).size).toBe(done.length);
        expect(await db.query('select id, name from tenant')).toEqual([{ id: 1, name: 'SIGEC' }]);
        // What the sequence gives next does not collide with the tenant that is there.
        expect(await db.query("insert into tenant (name) values ('next') returning id")).toEqual([{ id: 2 }]);
      } finally {
        await Promise.all(ways.map((db) => db.close()));
      }
    });

    it('keep what is there', async () => {
      const { db } = harness();
      const count = () => db.query('select count(*)::int4 as n from app_user');
      const before = await count();
      await db.migrate();
      expect(await count()).toEqual(before);
    });
  });

  describe('the tables', () => {
    interface ColumnRow {
      table: string;
      name: string;
      type: string;
      required: boolean;
      primary: boolean;
    }
    let actual: ColumnRow[];
    const tables = Object.values<unknown>(schema).filter((table): table is PgTable => is(table, PgTable));
    beforeAll(async () => {
      actual = await harness().db.query<ColumnRow>(
        `select c.relname::text as "table", a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type,
           a.attnotnull as required, coalesce(a.attnum = any(i.indkey), false) as "primary"
         from pg_class c join pg_attribute a on a.attrelid = c.oid
         left join pg_index i on i.indrelid = c.oid and i.indisprimary
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and a.attnum > 0 and not a.attisdropped`,
      );
    });

    it('are those that drizzle knows', () => {
      const names = tables.map((table) => getTableConfig(table).name);
      expect([...new Set(actual.map((row) => row.table))].sort()).toEqual([...names].sort());
    });

    it.each(tables.map((table) => [getTableConfig(table).name, table] as const))(
      '%s: names, types, nulls and key are those of drizzle',
      (name, table) => {
        const keys = getTableConfig(table).primaryKeys.flatMap((key) => key.columns.map((column) => column.name));
        const believed = Object.values(getTableColumns(table)).map((column) => ({
          name: column.name,
          type: column.getSQLType(),
          required: column.notNull || keys.includes(column.name),
          primary: column.primary || keys.includes(column.name),
        }));
        const there = actual.filter((row) => row.table === name).map(({ table: _, ...column }) => column);
        const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
        expect(believed.sort(byName)).toEqual(there.sort(byName));
      },
    );
  });

  describe('values', () => {
    it('come back as the seam says: ids as numbers, times as Dates, documents parsed', async () => {
      const [row] = await harness().db.query<Record<string, unknown>>(
        `select 9007199254740991::int8 as id, '2026-02-03T04:05:06.789Z'::timestamptz as at,
           '{"a":[1,null]}'::jsonb as doc, $1::bytea as bytes, null::timestamptz as never`,
        [new Uint8Array([0, 255, 92])],
      );
      expect(row?.id).toBe(Number.MAX_SAFE_INTEGER);
      expect(row?.at).toEqual(new Date('2026-02-03T04:05:06.789Z'));
      expect(row?.doc).toEqual({ a: [1, null] });
      expect(Array.from((row?.bytes ?? []) as Uint8Array)).toEqual([0, 255, 92]);
      expect(row?.never).toBeNull();
    });

    it('go over in columns as they are, whatever the text', async () => {
      const columns = fc.array(
        fc.tuple(fc.option(text), fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }))),
        {
          maxLength: 20,
        },
      );
      const nasty = ['', 'NULL', 'null', '{}', '{a,b}', '"', '\\', '\\"', ' a ', "'; --", '\n\t', '🚗', 'ção', ','];
      await fc.assert(
        fc.asyncProperty(columns, async (rows) => {
          const got = await harness().db.query(
            'select a, b from unnest($1::text[], $2::float8[]) with ordinality as c(a, b, n) order by n',
            [rows.map(([a]) => a), rows.map(([, b]) => b)],
          );
          // PostgreSQL tells 0 from -0, JavaScript's text of it does not.
          expect(got).toEqual(rows.map(([a, b]) => ({ a, b: b === 0 ? 0 : b })));
        }),
        { numRuns: 30, examples: [[nasty.map((a) => [a, 0.1] as [string, number])]] },
      );
    });

    it('can be read by drizzle too', async () => {
      const { db } = harness();
      const [user] = await db.orm.select().from(schema.appUser).limit(1);
      expect(user?.createdAt).toBeInstanceOf(Date);
      expect(Number.isNaN(user?.createdAt.getTime())).toBe(false);
      await expect(db.ping()).resolves.toBeUndefined();
    });
  });
}
