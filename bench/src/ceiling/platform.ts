/** The room of the platform as it is measured: started, asked for its database's version, and stopped whatever happens. */
import { type Stack, type StackOptions, startStack } from '@sigec/loadtest';
import { openPostgres } from '@sigec/store';
import { IDENTITY, PASSWORD } from './load.js';
import type { CeilingOptions } from './options.js';

/** What PostgreSQL said of itself, once one ran. */
export const seen: { postgres: string | null } = { postgres: null };

async function askVersion(databaseUrl: string): Promise<void> {
  const db = openPostgres({ url: databaseUrl, connections: 1 });
  try {
    const [row] = await db.query<{ version: string }>(`select current_setting('server_version') as version`);
    seen.postgres = /^\d+(?:\.\d+)*/.exec(row?.version ?? '')?.[0] ?? null;
  } finally {
    await db.close();
  }
}

/** Runs `work` over a fresh platform. @param signal of the run; the platform's own failure ends the work as well */
export async function withPlatform<T>(
  { edges, workers, stations }: CeilingOptions,
  more: Partial<StackOptions>,
  signal: AbortSignal,
  work: (stack: Stack, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const stack = await startStack({
    edges,
    workers,
    control: false,
    stations: { count: stations, identity: IDENTITY, password: PASSWORD },
    ...more,
  });
  try {
    signal.throwIfAborted();
    if (seen.postgres === null) await askVersion(stack.databaseUrl);
    return await work(stack, AbortSignal.any([signal, stack.failure]));
  } finally {
    await stack.stop();
  }
}
