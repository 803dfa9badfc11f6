/** The worker role: consume, route, handle, commit, reply; and the tasks that run beside it. */
import type { Bus } from '@sigec/bus';
import { type Cache, keepLease } from '@sigec/cache';
import { LEASE_MS, LEASE_RENEW_MS, WORKER_LEASES } from '@sigec/contract';
import type { Logger, Metrics } from '@sigec/runtime';
import type { Database } from '@sigec/store';
import { startAlarms } from './background/alarms.js';
import { LastSeen } from './background/last-seen.js';
import { LogWriter } from './background/log-writer.js';
import { startMaintenance } from './background/maintenance.js';
import { startPresence } from './background/presence.js';
import { startRelay } from './background/relay.js';
import { Consumer } from './consume.js';
import { loadCodecs } from './parse.js';
import type { WorkerSettings } from './settings.js';

export interface WorkerDeps {
  readonly bus: Bus;
  readonly cache: Cache;
  readonly db: Database;
  /** Name of this worker among all. */
  readonly workerId: string;
  readonly settings: WorkerSettings;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface Worker {
  /** Finishes the batches it has, answers them, and stops. */
  close(): Promise<void>;
}

/** Starts a worker; resolves when it takes messages. */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const { bus, cache, db, settings, logger, metrics } = deps;
  const codecs = await loadCodecs();
  const log = new LogWriter(db, logger, metrics, settings.messageLog);
  const lastSeen = new LastSeen(db, logger);
  const retention = { messageLogDays: settings.messageLogDays, meterSampleDays: settings.meterSampleDays };
  const consumer: Consumer = new Consumer({ ...deps, codecs, log, lastSeen, committed: () => relay.poke() });
  const relay = startRelay(db, bus, logger, () => consumer.pressed);
  const tasks = [
    startPresence(db, cache, logger),
    startMaintenance(db, retention, logger),
    startAlarms(db, logger),
    relay,
  ];
  await bus.flush();
  const lease = { group: WORKER_LEASES, holder: deps.workerId, leaseMs: LEASE_MS, renewMs: LEASE_RENEW_MS };
  const renewal = keepLease(cache, lease, logger);
  return {
    async close() {
      await renewal.close();
      await consumer.close();
      await Promise.all([log.drained(), lastSeen.close(), ...tasks.map((task) => task.close())]);
      if (bus.status === 'connected') await bus.flush();
    },
  };
}
