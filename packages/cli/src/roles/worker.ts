/** Puts a worker into a process. */
import { randomUUID } from 'node:crypto';
import { DEFAULT_TARIFF } from '@sigec/domain';
import type { Database } from '@sigec/store';
import { startWorker } from '@sigec/worker';
import type { Host } from '../host.js';
import type { Seams } from '../seams.js';

/** The tenant that the migrations make. */
const FIRST_TENANT = 1;

export async function putWorker(host: Host, { bus, cache }: Seams, db: Database): Promise<void> {
  const { config, logger, metrics, health, shutdown } = host;
  const worker = await startWorker({
    bus,
    cache,
    db,
    logger,
    metrics,
    workerId: `worker-${randomUUID()}`,
    settings: {
      heartbeatInterval: config.heartbeatInterval,
      registerUnknownIn: config.unknownStations === 'accept' ? FIRST_TENANT : null,
      flap: { limit: config.flapLimit, blockMs: config.flapBlockSeconds * 1000 },
      batchMax: config.batchMax,
      // PGlite is one connection: a second batch at once would only wait for it.
      parallelBatches: db.kind === 'pglite' ? 1 : 2,
      messageLifetimeMs: config.callTimeout * 1000,
      messageLog: config.messageLog,
      messageLogDays: config.logRetentionDays,
      meterSampleDays: config.meterRetentionDays,
      tariff: DEFAULT_TARIFF,
      v2gCertificates: config.caUrl !== undefined,
    },
  });
  shutdown.onShutdown('worker', () => worker.close());
  health.register('database', async () => {
    await db.ping();
    return undefined;
  });
  health.register('bus', () => {
    if (bus.status !== 'connected') throw new Error('the bus is away');
    return undefined;
  });
  logger.info('worker takes messages');
}
