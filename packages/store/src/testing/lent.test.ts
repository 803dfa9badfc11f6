import { afterAll, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { markOf } from './anew.js';
import { borrowPglite } from './lent.js';

const open: Database[] = [];
afterAll(() => Promise.all(open.map((db) => db.close())));
async function borrow(): Promise<Database> {
  const db = await borrowPglite();
  open.push(db);
  return db;
}

/** All rows and where all sequences stand, as text. */
async function everything(db: Database): Promise<string> {
  const tables = await db.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
  );
  const rows = tables.map(
    ({ name }) => `select '${name}' as of, coalesce(json_agg(t order by t::text), '[]')::text as what from ${name} t`,
  );
  const all = await db.query(
    `${rows.join(' union all ')} union all select sequencename, last_value::text from pg_sequences order by 1`,
  );
  // One that was migrated at another moment has other times, and nothing else.
  return JSON.stringify(all).replace(/\d{4}-\d\d-\d\dT[\d:.+-]+/g, 'then');
}

const timezone = async (db: Database) => (await db.query('show timezone'))[0];

async function leaveRows(db: Database): Promise<void> {
  await db.query('delete from token_list');
  await db.query(`insert into tenant (id, name) values (2, 'other')`);
  await db.query(`update tenant set name = 'changed' where id = 1`);
  await db.query(
    `insert into station (tenant_id, identity) select 1 + n % 2, 'LENT-' || n from generate_series(1, 40) as n`,
  );
  await db.query(`insert into site (tenant_id, name) values (1, 'Pátio')`);
  await db.query(`select nextval('reservation_number')`);
  await db.query('set timezone to 5');
}

const SCHEMA: readonly string[] = [
  'create table left_behind (n int4)',
  'alter table station add left_behind int4 default 3',
  'alter table station alter registration drop default',
  'alter table station disable trigger user',
  'alter table station force row level security',
  `select sigec_ensure_partitions('meter_value', '2040-01-01', 2)`,
  `create or replace function sigec_tenant() returns integer language sql stable as 'select 7'`,
  'drop index station_tenant',
  'create schema left_behind',
];

it('is as it was after a borrower left rows, and after one changed the schema', async () => {
  const first = await borrow();
  const before = { all: await everything(first), timezone: await timezone(first) };
  expect(before.all).toContain('SIGEC');
  await leaveRows(first);
  expect(await everything(first)).not.toBe(before.all);
  await first.close();
  await expect(first.query('select 1')).rejects.toThrow('closed');

  const second = await borrow();
  expect(await everything(second)).toBe(before.all);
  expect(await timezone(second)).toEqual(before.timezone);
  await leaveRows(second);
  await second.query('create table left_behind (n int4)');
  await second.close();

  const third = await borrow();
  expect(await everything(third)).toBe(before.all);
});

it('knows a schema that was changed', async () => {
  const db = await borrow();
  const before = await markOf(db);
  await leaveRows(db);
  await db.query('analyze');
  expect(await markOf(db)).toBe(before);
  for (const change of SCHEMA) {
    await db
      .transaction(async (tx) => {
        await tx.query(change);
        expect(await markOf(tx), change).not.toBe(before);
        throw new Error('as before');
      })
      .catch((error: Error) => expect(error.message).toBe('as before'));
    expect(await markOf(db)).toBe(before);
  }
});
