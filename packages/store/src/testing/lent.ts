/**
 * For tests: migrated databases in memory, lent to one test file after the other. To make an engine takes seconds of the
 * processor, to begin with a copy a third of them, to make one anew a tenth of a second: test files that share a process
 * (vitest.config.ts) share its engines, and all of a test run begin with one copy.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { shelved } from '@sigec/testkit';
import type { Database } from '../database.js';
import { type Engine, openEngine } from '../pglite.js';
import { type Fresh, makeAnew, remember } from './anew.js';

/** What an engine begins with that is made as it is in production, but not migrated: to make it costs most. */
async function bare(): Promise<Blob | undefined> {
  return read(
    await shelved('pglite-empty.tar', async (path) => {
      const { database, copy } = await openEngine();
      await write(path, copy);
      await database.close();
    }),
  );
}

async function write(path: string, copy: Engine['copy']): Promise<void> {
  writeFileSync(path, Buffer.from(await (await copy()).arrayBuffer()));
}

const read = (path: string | undefined): Blob | undefined =>
  path === undefined ? undefined : new Blob([readFileSync(path)], { type: 'application/x-tar' });

/** An engine of one's own, in memory, that was never migrated. */
export async function emptyPglite(): Promise<Database> {
  return (await openEngine(undefined, await bare())).database;
}

/**
 * Puts into `folder`, which is not there yet, what `openPglite` and `migrate` leave in one: to make it takes seconds. In a
 * test run it is made once and copied; outside of one nothing is done.
 */
export async function givePglite(folder: string): Promise<void> {
  const pattern = await shelved('pglite', async (path) => {
    const { database } = await openEngine(path, await bare());
    await database.migrate();
    await database.close();
  });
  if (pattern !== undefined) cpSync(pattern, folder, { recursive: true });
}

interface Idle {
  readonly engine: Database;
  /** Undefined where it is empty. */
  readonly fresh: Fresh | undefined;
}

/** Engines that nobody has. */
const idle: Idle[] = [];

/** An engine of one's own, migrated. In a test run it is made once and copied. */
async function open(): Promise<Database> {
  const pattern = await shelved('pglite.tar', async (path) => {
    const { database, copy } = await openEngine(undefined, await bare());
    await database.migrate();
    await write(path, copy);
    await database.close();
  });
  const { database } = await openEngine(undefined, read(pattern));
  if (pattern === undefined) await database.migrate();
  return database;
}

async function take(): Promise<Required<Idle>> {
  const { engine, fresh } = idle.pop() ?? { engine: await open(), fresh: undefined };
  if (fresh !== undefined) return { engine, fresh };
  await engine.migrate();
  return { engine, fresh: await remember(engine) };
}

/**
 * A database of one's own, as `openPglite` and `migrate` make it. `close` gives it back: whoever still asks it then is
 * told that it is closed, and never reaches the next borrower's.
 */
export async function borrowPglite(): Promise<Database> {
  const { engine, fresh } = await take();
  let back: Promise<void> | undefined;
  const open = (): Database => {
    if (back !== undefined) throw new Error('PGlite is closed');
    return engine;
  };
  return {
    kind: engine.kind,
    get orm() {
      return open().orm;
    },
    query: async (text, params) => open().query(text, params),
    rows: async (text, params) => open().rows(text, params),
    transaction: async (work) => open().transaction(work),
    copy: async (table, columns, data) => open().copy(table, columns, data),
    migrate: async () => open().migrate(),
    ping: async () => open().ping(),
    close() {
      // It waits its turn behind what was asked before.
      back ??= makeAnew(engine, fresh as Fresh).then((again) => {
        idle.push({ engine, fresh: again });
      });
      return back;
    },
  };
}
