/** PGlite: PostgreSQL in this process, in a folder. For `sigec up` with nothing configured, and for tests. */
import { mkdir } from 'node:fs/promises';
import type { Database, Param, Sql } from './database.js';
import { MIGRATIONS_FOLDER } from './migrations.js';
import * as schema from './schema.js';

const PARSERS = { 20: Number };

interface Queryable {
  query<Row>(
    text: string,
    params?: unknown[],
    options?: { parsers?: Record<number, (v: string) => unknown>; rowMode?: 'array' | 'object' },
  ): Promise<{ rows: Row[] }>;
}

function asSql(client: Queryable): Sql {
  return {
    async query<Row extends object>(text: string, params: readonly Param[] = []) {
      return (await client.query<Row>(text, params as unknown[], { parsers: PARSERS })).rows;
    },
    async rows<Row extends unknown[]>(text: string, params: readonly Param[] = []) {
      return (await client.query<Row>(text, params as unknown[], { parsers: PARSERS, rowMode: 'array' })).rows;
    },
  };
}

/** A database, and a way to another that begins where it is. */
export interface Engine {
  readonly database: Database;
  /** All that it holds, as a TAR. */
  copy(): Promise<Blob>;
}

/** @param folder where the data lie; undefined keeps them in memory */
export async function openPglite(folder?: string): Promise<Database> {
  return (await openEngine(folder)).database;
}

/** @param begin what another was, for a folder that is empty or for one in memory; undefined makes it anew */
export async function openEngine(folder?: string, begin?: Blob): Promise<Engine> {
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  // Loaded only where it is used: the roles of a cluster never do.
  const [{ PGlite }, { pg_trgm }, { drizzle }, { migrate }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite/contrib/pg_trgm'),
    import('drizzle-orm/pglite'),
    import('drizzle-orm/pglite/migrator'),
  ]);
  const client = await PGlite.create({
    extensions: { pg_trgm },
    ...(folder === undefined ? {} : { dataDir: folder }),
    ...(begin === undefined ? {} : { loadDataDir: begin }),
  });
  const orm = drizzle(client, { schema });
  let migrating: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;
  const database: Database = {
    kind: 'pglite',
    orm,
    ...asSql(client),
    async transaction<T>(work: (tx: Sql) => Promise<T>) {
      return (await client.transaction((tx) => work(asSql(tx)))) as T;
    },
    async copy(table, columns, data) {
      const text = `copy ${table} (${columns.join(', ')}) from '/dev/blob' with (format binary)`;
      await client.query(text, [], { blob: new Blob([data as Uint8Array<ArrayBuffer>]) });
    },
    migrate() {
      // One after the other: two at once would both find nothing done yet.
      migrating = migrating.catch(() => undefined).then(() => migrate(orm, { migrationsFolder: MIGRATIONS_FOLDER }));
      return migrating;
    },
    async ping() {
      await client.query('select 1');
    },
    close() {
      closing ??= client.close();
      return closing;
    },
  };
  const copy = async () => {
    // A copy is as after a power cut: sequences would go on where the log reserved to, which is further.
    await client.query('checkpoint');
    return client.dumpDataDir('none');
  };
  return { database, copy };
}
