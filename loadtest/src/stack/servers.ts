/** The room of the servers below the product: NATS, Redis and PostgreSQL, as an operator would size them. */
import { type RealPostgres, type RealServer, startNats, startPostgres, startRedis } from '@sigec/testkit';

/**
 * Memory and connections of a small dedicated server, and room for the log between checkpoints. Durability is as
 * PostgreSQL has it by default: fsync, full_page_writes and synchronous_commit are on.
 */
export const POSTGRES_SETTINGS: Readonly<Record<string, string>> = {
  max_connections: '200',
  shared_buffers: '1GB',
  effective_cache_size: '4GB',
  max_wal_size: '8GB',
};

export interface Servers {
  readonly nats: RealServer;
  readonly redis: RealServer;
  readonly postgres: RealPostgres;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** Starts all three. @param onLost one of them has ended, and nobody here had ended it */
export async function startServers(
  settings: Readonly<Record<string, string>>,
  onLost: (reason: string) => void,
): Promise<Servers> {
  const starting = [startNats({ jetstream: true }), startRedis(), startPostgres({ settings })] as const;
  const settled = await Promise.allSettled(starting);
  const up = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all(up.map((server) => server.stop()));
  };
  try {
    const [nats, redis, postgres] = await Promise.all(starting);
    for (const [name, server] of Object.entries({ nats, redis, postgres })) {
      void server.ended.then(() => {
        if (!stopping) onLost(`${name} has ended`);
      });
    }
    return { nats, redis, postgres, databaseUrl: await postgres.createDatabase('sigec'), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
