/** The outbox: what changed, written in the commit that changed it, taken from here by the relay. */
import type { Database } from './database.js';

export interface OutboxRow {
  readonly id: number;
  readonly tenantId: number;
  readonly kind: string;
  readonly payload: Record<string, unknown>;
  /** ms since 1970. */
  readonly createdAt: number;
}

/** One advisory lock for the relay: one worker at a time keeps the stream in order. Bound to the transaction. */
const RELAY_LOCK = 7_344_322;

/**
 * The table is empty most of the time, and then plans are made that are kept: once a storm has filled it, it would be read
 * whole to take the oldest, and whole again to delete them. For this transaction a scan is what is taken last.
 */
const BEGIN = "select pg_try_advisory_xact_lock($1::int8) as mine, set_config('enable_seqscan', 'off', true)";

/**
 * Hands up to `limit` rows, oldest first, to `relay` and deletes them once it resolves; if it rejects they stay.
 * Returns how many were relayed; 0 also where another worker is relaying.
 */
export async function relayOutbox(
  db: Database,
  limit: number,
  relay: (rows: readonly OutboxRow[]) => Promise<void>,
): Promise<number> {
  return db.transaction(async (tx) => {
    const [lock] = await tx.query<{ mine: boolean }>(BEGIN, [RELAY_LOCK]);
    if (!lock?.mine) return 0;
    const rows = await tx.query<OutboxRow>(
      `select id, tenant_id as "tenantId", kind, payload, (extract(epoch from created_at) * 1000)::float8 as "createdAt"
       from outbox order by id limit $1::int4`,
      [limit],
    );
    if (rows.length === 0) return 0;
    await relay(rows);
    await tx.query('delete from outbox where id = any($1::int8[])', [rows.map((row) => row.id)]);
    return rows.length;
  });
}
