/** Opens bus, cache and database: real servers where they are configured, the twins of this process where not. */
import { join } from 'node:path';
import { type Bus, connectNats, createMemoryBus } from '@sigec/bus';
import { type Cache, connectRedis, createMemoryCache } from '@sigec/cache';
import type { Database } from '@sigec/store';
import type { Host } from './host.js';

export interface Seams {
  readonly bus: Bus;
  readonly cache: Cache;
}

export async function openBusAndCache({ config, logger, metrics, shutdown }: Host): Promise<Seams> {
  const name = `sigec-${config.role}`;
  const bus =
    config.natsUrl === undefined
      ? createMemoryBus({ logger }).connect(name)
      : await connectNats({
          url: config.natsUrl,
          name,
          credsFile: config.natsCreds,
          tls: { caFile: config.natsTlsCa, certFile: config.natsTlsCert, keyFile: config.natsTlsKey },
          logger,
          metrics,
        });
  shutdown.onShutdown('bus', () => bus.close());
  const cache =
    config.redisUrl === undefined
      ? createMemoryCache()
      : await connectRedis({ url: config.redisUrl, tlsCaFile: config.redisTlsCa, logger });
  shutdown.onShutdown('cache', () => cache.close());
  return { bus, cache };
}

export async function openDatabase({ config, shutdown }: Host): Promise<Database> {
  // An edge has no database, and starts without what it takes to speak to one.
  const { openPglite, openPostgres } = await import('@sigec/store');
  const db =
    config.databaseUrl === undefined
      ? await openPglite(join(config.dataDir, 'database'))
      : openPostgres({ url: config.databaseUrl, name: `sigec-${config.role}` });
  shutdown.onShutdown('database', () => db.close());
  return db;
}
