/**
 * For tests: migrated databases in memory, lent to one test file after the other. To make an engine takes seconds of the
 * processor, to empty one a tenth of one: test files that share a process (vitest.config.ts) share its engines.
 */
import type { Database } from '../database.js';
import { openPglite } from '../pglite.js';

const EMPTY = `do $$ declare own text; begin
  for own in select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema' loop
    execute format('drop schema %I cascade', own);
  end loop;
  create schema public;
end $$`;

/** Engines that nobody has, emptied. */
const idle: Database[] = [];

/**
 * A database of one's own, as `openPglite` and `migrate` make it. `close` gives it back: whoever still asks it then is
 * told that it is closed, and never reaches the next borrower's.
 */
export async function borrowPglite(): Promise<Database> {
  const engine = idle.pop() ?? (await openPglite());
  await engine.migrate();
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
      back ??= engine
        .query(EMPTY)
        .then(() => engine.query('discard all'))
        .then(() => {
          idle.push(engine);
        });
      return back;
    },
  };
}
