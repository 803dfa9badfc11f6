import { type TempDir, tempDir } from '@sigec/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { prepare } from './harness.contract.js';
import { openPglite } from './pglite.js';
import { storeContract } from './store.contract.js';
import { emptyPglite } from './testing/lent.js';

describe('store on PGlite', () => {
  let folder: TempDir;
  let path: string;
  let db: Database;
  beforeAll(async () => {
    folder = tempDir('pglite');
    path = `${folder.path}/not/yet`;
    db = await openPglite(path);
    await prepare(db);
  });
  afterAll(async () => {
    await db.close();
    folder.remove();
  });

  storeContract(() => ({
    db,
    // One process, one engine: everybody shares it.
    empty: async () => {
      const only = await emptyPglite();
      return [only, only, only];
    },
  }));

  it('keeps what it was given in its folder', async () => {
    const count = () => db.query('select count(*)::int4 as n, max(id) as last from station');
    const before = await count();
    await db.close();
    await db.close();
    db = await openPglite(path);
    await db.migrate();
    expect(await count()).toEqual(before);
  });
});
