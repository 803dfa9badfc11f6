/**
 * For tests: a migrated database made as it was. What tests usually leave behind are rows, and to take them away costs a
 * tenth of migrating again; where one changed the schema, all of it is dropped and migrated.
 */
import type { Database, Sql } from '../database.js';

const DROP = `do $$ declare own text; begin
  for own in select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema' loop
    execute format('drop schema %I cascade', own);
  end loop;
  create schema public;
end $$`;

/** Rows of the system's tables get another xmin whatever is changed of them; those of pg_class also by TRUNCATE. */
const SCHEMA = `select md5(string_agg(what, ',' order by what)) as mark from (
  select concat_ws(' ', oid, relname, relnamespace, relowner, relkind, relrowsecurity, relforcerowsecurity, relispartition,
    reloptions, relacl, pg_get_expr(relpartbound, oid)) as what from pg_class
  where relnamespace in (select oid from pg_namespace where nspname not like 'pg\\_%')
  ${[
    'attribute',
    'attrdef',
    'constraint',
    'extension',
    'inherits',
    'namespace',
    'policy',
    'proc',
    'rewrite',
    'trigger',
    'type',
  ]
    .map((name) => `union all select concat_ws(' ', '${name}', xmin, count(*)) from pg_${name} group by xmin`)
    .join('\n  ')}) all_of_it`;

/** Tables that hold, or held, rows: those of migrations themselves stay. */
const FILLED = `select format('%I.%I', n.nspname, c.relname) as name from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname = 'public' and pg_relation_size(c.oid) > 0 order by 1`;

const ROWS = (table: string) => `select json_agg(t)::text as rows from ${table} t`;
const COLUMNS = `select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
  where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = ''`;

const SEQUENCES = `select format('%I.%I', schemaname, sequencename) as name, coalesce(last_value, start_value)::text as value,
  (last_value is not null)::text as called from pg_sequences where schemaname = 'public' order by 1`;

interface Table {
  readonly name: string;
  readonly columns: string;
  readonly rows: string;
}

interface Sequence {
  readonly name: string;
  readonly value: string;
  /** `true` or `false`. */
  readonly called: string;
}

/** A database as its migrations have left it. */
export interface Fresh {
  readonly mark: string;
  readonly tables: readonly Table[];
  readonly sequences: readonly Sequence[];
}

/** Another where anything of the schema is. */
export async function markOf(db: Sql): Promise<string> {
  return (await db.query<{ mark: string }>(SCHEMA))[0]?.mark ?? '';
}

/** Remembers what {@link makeAnew} goes back to. */
export async function remember(db: Database): Promise<Fresh> {
  const tables: Table[] = [];
  for (const { name } of await db.query<{ name: string }>(FILLED)) {
    const [rows] = await db.query<{ rows: string | null }>(ROWS(name));
    const [columns] = await db.query<{ names: string }>(COLUMNS, [name]);
    if (rows?.rows) tables.push({ name, columns: columns?.names ?? '', rows: rows.rows });
  }
  return { mark: await markOf(db), tables, sequences: await db.query<Sequence>(SEQUENCES) };
}

/** Makes it as `fresh` remembers it. @returns what it is now, undefined where it has to be migrated */
export async function makeAnew(db: Database, fresh: Fresh): Promise<Fresh | undefined> {
  await db.query('discard all');
  if ((await markOf(db)) !== fresh.mark) {
    await db.query(DROP);
    return undefined;
  }
  const filled = await db.query<{ name: string }>(FILLED);
  const sequences = await db.query<Sequence>(SEQUENCES);
  await db.transaction(async (tx) => {
    // Rows come back as they were, without what triggers make of new ones.
    await tx.query("set local session_replication_role = 'replica'");
    if (filled.length > 0) await tx.query(`truncate ${filled.map(({ name }) => name).join(', ')} cascade`);
    for (const { name, columns, rows } of fresh.tables)
      await tx.query(
        `insert into ${name} (${columns}) overriding system value
         select ${columns} from json_populate_recordset(null::${name}, $1::text::json)`,
        [rows],
      );
    const moved = fresh.sequences.filter(
      ({ name, value, called }) =>
        !sequences.some((one) => one.name === name && one.value === value && one.called === called),
    );
    for (const { name, value, called } of moved)
      await tx.query('select setval($1::text::regclass, $2::text::int8, $3::text::bool)', [name, value, called]);
  });
  return fresh;
}
