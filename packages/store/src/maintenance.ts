/** Care for the partitioned tables: partitions ahead of time, old ones dropped. */
import type { Database } from './database.js';

const DAY_MS = 86_400_000;
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

export interface Retention {
  readonly messageLogDays: number;
  readonly meterSampleDays: number;
}

/** Days for which partitions are made ahead, so that a worker's outage of a week finds them ready. */
const DAYS_AHEAD = 8;

/**
 * Makes the partitions from yesterday to a week ahead and drops those past their retention.
 * A transaction's totals do not depend on its samples, so nothing of money goes with them.
 */
export async function maintainPartitions(db: Database, now: number, retention: Retention): Promise<void> {
  for (const [table, days] of [
    ['message_exchange', retention.messageLogDays],
    ['meter_value', retention.meterSampleDays],
  ] as const) {
    // One process at a time; a second would fail on the name.
    await db.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock(7344323)');
      await tx.query('select sigec_ensure_partitions($1::text, $2::text::date, $3::int4)', [
        table,
        day(now - DAY_MS),
        DAYS_AHEAD + 1,
      ]);
      await tx.query('select sigec_drop_partitions($1::text, $2::text::date)', [table, day(now - days * DAY_MS)]);
    });
  }
}
