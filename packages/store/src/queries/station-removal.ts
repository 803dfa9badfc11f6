/** A station taken out of the fleet: gone where nothing was charged there, else kept in the archive. */
import type { Database } from '../database.js';
import type { Actor } from './scope.js';
import { tellEvent } from './tell.js';

export interface Removed {
  readonly identity: string;
  /** Whatever holds its session is older than this. */
  readonly epoch: number;
  readonly outcome: 'deleted' | 'archived';
}

// The lock comes first: a start that is being written has it, and is seen when it is given up.
const LOCK = `
  select identity, online, session_epoch + 1 as epoch from station where tenant_id = $1::int4 and id = $2::int8 for update`;
const CHARGED = `
  select exists (select 1 from transaction where station_id = $1::int8)
    or exists (select 1 from settlement where station_id = $1::int8) as charged`;
const RUNNING = 'select 1 from transaction where station_id = $1::int8 and ended_at is null limit 1';
const ARCHIVE = `
  update station set archived_at = coalesce(archived_at, now()), published = false, blocked = true, online = false,
    edge_id = null, disconnected_at = case when online then now() else disconnected_at end,
    session_epoch = session_epoch + 1, updated_at = now()
  where id = $1::int8`;

/**
 * Deletes a station with all that was known of it. One that money was taken at is archived instead: it keeps its identity,
 * its transactions and what they refer to, is blocked, hidden from drivers, and shown only to who asks for the archive.
 * @param options `running`: also where a transaction runs, whose end may then never be told
 * Tells `station.offline` where that ends its session, and then what became of it.
 * @returns `absent` where the tenant has no such station, `in-use` where a transaction runs
 */
export async function removeStation(
  db: Database,
  { tenantId }: Actor,
  id: number,
  { running }: { readonly running: boolean },
): Promise<Removed | 'absent' | 'in-use'> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ identity: string; online: boolean; epoch: number }>(LOCK, [tenantId, id]);
    if (row === undefined) return 'absent';
    const { identity, online, epoch } = row;
    if (!running && (await tx.query(RUNNING, [id])).length > 0) return 'in-use';
    const [found] = await tx.query<{ charged: boolean }>(CHARGED, [id]);
    const outcome = found?.charged === false ? 'deleted' : 'archived';
    await tx.query(outcome === 'deleted' ? 'delete from station where id = $1::int8' : ARCHIVE, [id]);
    const device_id = String(id);
    if (online) await tellEvent(tx, tenantId, 'station.offline', { device_id, identity, epoch: epoch - 1 });
    await tellEvent(tx, tenantId, `station.${outcome}`, { device_id, identity });
    return { identity, epoch, outcome };
  });
}
