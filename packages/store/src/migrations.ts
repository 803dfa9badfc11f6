/** Where the migrations are. */
import { fileURLToPath } from 'node:url';

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/** Advisory lock that two processes migrating at once wait for; any number that nobody else uses. */
export const MIGRATION_LOCK = 7_344_321;
