/** PostgreSQL through postgres.js. */
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import type { Database, Param, Sql } from './database.js';
import { MIGRATION_LOCK, MIGRATIONS_FOLDER } from './migrations.js';
import * as schema from './schema.js';

export interface PostgresOptions {
  readonly url: string;
  /** Connections of this process. Default 8. */
  readonly connections?: number;
  /** Shown in pg_stat_activity. */
  readonly name?: string;
}

const INT8 = { to: 20, from: [20], parse: Number, serialize: String };

function asSql(client: postgres.Sql | postgres.TransactionSql): Sql {
  return {
    async query<Row extends object>(text: string, params: readonly Param[] = []) {
      const rows = await client.unsafe(text, params as postgres.ParameterOrJSON<never>[], { prepare: true });
      return rows as unknown as Row[];
    },
  };
}

export function openPostgres(options: PostgresOptions): Database {
  const client = postgres(options.url, {
    max: options.connections ?? 8,
    types: { bigint: INT8 },
    onnotice: () => undefined,
    connect_timeout: 5,
    connection: { application_name: options.name ?? 'sigec' },
    // Statements of the batch are few and always the same: they are prepared once per connection.
    prepare: true,
  });
  const orm = drizzle(client, { schema });
  const sql = asSql(client);
  return {
    kind: 'postgres',
    orm,
    query: sql.query,
    async transaction<T>(work: (tx: Sql) => Promise<T>) {
      return (await client.begin((tx) => work(asSql(tx)))) as T;
    },
    async migrate() {
      // A connection of its own holds the lock, so that the pool is free for the migrator.
      const lock = postgres(options.url, { max: 1, onnotice: () => undefined, connect_timeout: 5 });
      try {
        await lock`select pg_advisory_lock(${MIGRATION_LOCK})`;
        await migrate(orm, { migrationsFolder: MIGRATIONS_FOLDER });
      } finally {
        await lock.end({ timeout: 5 });
      }
    },
    async ping() {
      await client`select 1`;
    },
    async close() {
      await client.end({ timeout: 5 });
    },
  };
}
