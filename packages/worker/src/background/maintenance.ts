/** Keeps the time partitions ahead of time and within their retention. */
import type { Logger } from '@sigec/runtime';
import { type Repeating, repeat } from '@sigec/runtime';
import { type Database, maintainPartitions, type Retention } from '@sigec/store';

const EVERY_MS = 3_600_000;

export function startMaintenance(db: Database, retention: Retention, logger: Logger): Repeating {
  return repeat('partitions', EVERY_MS, logger, async () => {
    await maintainPartitions(db, Date.now(), retention);
    return false;
  });
}
