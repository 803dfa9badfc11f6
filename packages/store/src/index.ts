/** @sigec/store: schema, migrations, set-based reads and writes. */
export * from './database.js';
export { openPglite } from './pglite.js';
export { openPostgres, type PostgresOptions } from './postgres.js';
export * as schema from './schema.js';
