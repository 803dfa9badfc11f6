/**
 * For tests: migrated databases in memory, lent to one test file after the other. To make an engine takes seconds of the
 * processor, to begin with a copy a third of them, to make one anew a tenth of a second: test files that share a process
 * (vitest.config.ts) share its engines, and all of a test run begin with one copy.
 */
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shelf } from '@sigec/testkit';
import type { Database } from '../database.js';
import { openEngine } from '../pglite.js';
import { type Fresh, makeAnew, remember } from './anew.js';

/**
 * Puts into `folder`, which is not there yet, what `openPglite` and `migrate` leave in one: to make it takes seconds. In a
 * test run it is made once and copied; outside of one nothing is done.
 */
export async function givePglite(folder: string): Promise<void> {
  const kept = shelf();
  if (kept === undefined) return;
  const pattern = join(kept, 'pglite');
  if (!existsSync(pattern)) {
    const own = `${pattern}.${process.pid}`;
    const { database } = await openEngine(own);
    await database.migrate();
    await database.close();
    try {
      renameSync(own, pattern);
    } catch {
      // Another was quicker.
      rmSync(own, { recursive: true });
    }
  }
  cpSync(pattern, folder, { recursive: true });
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
  const kept = shelf();
  const pattern = kept === undefined ? undefined : join(kept, 'pglite.tar');
  if (pattern !== undefined && existsSync(pattern)) {
    const begin = new Blob([readFileSync(pattern)], { type: 'application/x-tar' });
    return (await openEngine(undefined, begin)).database;
  }
  const { database, copy } = await openEngine();
  await database.migrate();
  if (pattern !== undefined) {
    const own = `${pattern}.${process.pid}`;
    writeFileSync(own, Buffer.from(await (await copy()).arrayBuffer()));
    // Where another was quicker, it is the same.
    renameSync(own, pattern);
  }
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
