import { describeReal, startPostgres } from '@sigec/testkit';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Database } from '../database.js';
import { openPglite } from '../pglite.js';
import { openPostgres } from '../postgres.js';
import { firmwareContract } from './firmware.contract.js';

describe('PGlite', () => {
  let db: Database;
  beforeAll(async () => {
    db = await openPglite();
    await db.migrate();
  }, 60_000);
  afterAll(() => db.close());
  firmwareContract(() => db);
});

describeReal('PostgreSQL', ['postgres'], () => {
  let db: Database;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const server = await startPostgres();
    db = openPostgres({ url: await server.createDatabase('files'), connections: 4 });
    stop = async () => {
      await db.close();
      await server.stop();
    };
    await db.migrate();
  }, 60_000);
  afterAll(() => stop());
  firmwareContract(() => db);
});
