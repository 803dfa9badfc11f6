/** The room of the servers below the product: NATS, Redis and PostgreSQL, as an operator would size them. */
import {
  type PostgresSetup,
  type RealPostgres,
  type RealServer,
  startNats,
  startPostgres,
  startRedis,
} from '@sigec/testkit';
import type { StackProcess } from './process.js';

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

export const SERVERS = ['nats', 'redis', 'postgres'] as const;
export type ServerName = (typeof SERVERS)[number];

/** A server as the roles' processes are: it comes back on the same port with the same data. */
export interface ServerProcess extends Omit<StackProcess, 'opsUrl'> {
  readonly port: number;
}

export interface Servers extends Readonly<Record<ServerName, ServerProcess>> {
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

const DATABASE = 'sigec';

/**
 * Starts all three.
 * @param migrate brings the schema of an empty database up to date
 * @param onLost one of them has ended, and nobody here had ended it
 */
export async function startServers(
  setup: PostgresSetup,
  migrate: (databaseUrl: string) => Promise<void>,
  onLost: (reason: string) => void,
): Promise<Servers> {
  const make = async (server: RealPostgres) => migrate(await server.createDatabase(DATABASE));
  const postgres = startPostgres({ ...setup, content: { name: 'migrated', make } });
  const starting = [startNats({ jetstream: true }), startRedis(), postgres] as const;
  const settled = await Promise.allSettled(starting);
  const up = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all(up.map((server) => server.stop()));
  };
  const watched = (name: ServerName, server: RealServer) =>
    watchServer(name, server, (reason) => {
      if (!stopping) onLost(reason);
    });
  try {
    const [nats, redis, postgres] = await Promise.all(starting);
    const databaseUrl = postgres.databaseUrl(DATABASE);
    const all = {
      nats: watched('nats', nats),
      redis: watched('redis', redis),
      postgres: watched('postgres', postgres),
    };
    return { ...all, databaseUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function watchServer(name: ServerName, server: RealServer, onLost: (reason: string) => void): ServerProcess {
  let wanted = true;
  let alive = true;
  let starting: Promise<void> | null = null;
  const watch = () => {
    wanted = alive = true;
    const { pid } = server;
    void server.ended.then(() => {
      if (server.pid !== pid) return;
      alive = false;
      if (wanted) onLost(`${name} has ended`);
    });
  };
  const finish = (end: () => Promise<void>) => {
    wanted = false;
    return end();
  };
  watch();
  return {
    name,
    port: server.port,
    get pid() {
      return server.pid;
    },
    get alive() {
      return alive;
    },
    kill: () => finish(() => server.kill()),
    stop: () => finish(() => server.end()),
    start: async () => {
      if (alive) return;
      starting ??= server
        .restart()
        .then(watch)
        .finally(() => {
          starting = null;
        });
      await starting;
    },
    pause: () => server.pause(),
    resume: () => server.resume(),
  };
}
