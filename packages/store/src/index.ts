/** @sigec/store: schema, migrations, set-based reads and writes. */
export * from './batch/calls.js';
export * from './batch/sessions.js';
export * from './batch/types.js';
export * from './database.js';
export * from './facts/index.js';
export * from './facts/requests.js';
export * from './maintenance.js';
export * from './message-log.js';
export * from './outbox.js';
export { openPglite } from './pglite.js';
export { openPostgres, type PostgresOptions } from './postgres.js';
export * from './queries/index.js';
export * as schema from './schema.js';
