/** PostgreSQL through postgres.js. */
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import type { Database } from './database.js';
import { MIGRATION_LOCK, MIGRATIONS_FOLDER } from './migrations.js';
import { openClients, type PostgresOptions } from './postgres-client.js';

export type { PostgresOptions } from './postgres-client.js';

export function openPostgres(options: PostgresOptions): Database {
  const clients = openClients(options);
  return {
    kind: 'postgres',
    get orm() {
      return clients.current().orm;
    },
    query: (text, params) => clients.current().sql.query(text, params),
    rows: (text, params) => clients.current().sql.rows(text, params),
    transaction: (work) => clients.current().transaction(work),
    copy: (table, columns, data) => clients.current().copy(table, columns, data),
    async migrate() {
      // A connection of its own holds the lock, so that the pool is free for the migrator.
      const lock = postgres(options.url, { max: 1, onnotice: () => undefined, connect_timeout: 5 });
      try {
        await lock`select pg_advisory_lock(${MIGRATION_LOCK})`;
        await migrate(clients.current().orm, { migrationsFolder: MIGRATIONS_FOLDER });
      } finally {
        await lock.end({ timeout: 5 });
      }
    },
    async ping() {
      await clients.current().sql.query('select 1');
    },
    close: () => clients.close(),
  };
}
