/** What keeps the queue of commands honest: whatever waited too long ends, batches are counted, old rows go. */
import type { Database } from '../database.js';
import { TOLD } from './command-sql.js';

const EXPIRE = `
  with moved as (
    update command c set state = 'expired', reason = coalesce(c.reason, 'expired'), ended_at = now(), updated_at = now()
    from (
      select id from command where state = 'queued' and expires_at <= now() order by expires_at limit $1::int4
      for update skip locked) k
    where c.id = k.id returning c.*),
  told as (${TOLD})
  select id, batch_id as "batchId" from moved`;

/** Ends commands that did not go out in time. */
export function expireCommands(db: Database, limit: number): Promise<{ id: number; batchId: number | null }[]> {
  return db.query(EXPIRE, [limit]);
}

// The counts of a batch are one look into an index that holds nothing else.
const COUNT = `
  with looked as (
    select id, tenant_id, state, total, progress from command_batch
    where ended_at is null and checked_at <= now() - $1::text::float8 * interval '1 ms'
    order by checked_at limit 20 for update skip locked),
  counted as (
    select k.batch_id, jsonb_object_agg(k.state, k.n) as progress,
      coalesce(sum(k.n) filter (where k.state in ('queued', 'sending', 'running')), 0) as open,
      coalesce(sum(k.n) filter (where k.state in ('failed', 'refused', 'expired')), 0) as failures
    from (
      select batch_id, state, count(*)::int4 as n from command where batch_id in (select id from looked)
      group by batch_id, state) k
    group by k.batch_id),
  moved as (
    update command_batch b set checked_at = now(), progress = coalesce(c.progress, '{}'),
      ended_at = case when coalesce(c.open, 0) = 0 then now() end,
      state = case
        when coalesce(c.open, 0) = 0 then case when b.state = 'cancelled' then 'cancelled' else 'ended' end
        when b.state = 'running' and c.failures >= b.stop_at then 'paused' else b.state end,
      reason = case
        when coalesce(c.open, 0) = 0 and b.state <> 'cancelled' then null
        when b.state = 'running' and c.failures >= b.stop_at then 'failures' else b.reason end,
      updated_at = case when b.state = 'running' and c.failures >= b.stop_at then now() else b.updated_at end
    from looked l left join counted c on c.batch_id = l.id where b.id = l.id
    returning b.id, b.tenant_id, b.state, b.reason, b.total, b.progress, b.ended_at, l.progress as before, l.state as was),
  told as (
    insert into outbox (tenant_id, kind, payload)
    select tenant_id, case when ended_at is null then 'batch.progress' else 'batch.ended' end, jsonb_build_object(
      'batch_id', id::text, 'state', state, 'reason', reason, 'total', total, 'counts', progress)
    from moved where ended_at is not null or progress <> before or state <> was)
  select id from moved where ended_at is not null`;

/**
 * Counts the batches that have not ended, tells what moved, and ends those that nothing of is open.
 * @param pauseMs a batch that was counted more recently is left alone, by whichever process
 */
export async function countBatches(db: Database, pauseMs: number): Promise<number> {
  return (await db.query(COUNT, [String(pauseMs)])).length;
}

const STOP = `
  update command_batch b set state = 'paused', reason = 'failures', updated_at = now()
  where b.id = $1::int8 and b.state = 'running' and b.stop_at <= (
    select count(*) from command c where c.batch_id = $1::int8 and c.state in ('failed', 'refused', 'expired'))
  returning id`;

/** Pauses a batch that has failed too often: at once, as each failure comes. */
export async function pauseFailing(db: Database, batchId: number): Promise<boolean> {
  return (await db.query(STOP, [batchId])).length > 0;
}

const PURGE = `
  delete from command where id in (
    select id from command where ended_at < now() - $1::int4 * interval '1 day' order by ended_at limit $2::int4)
  returning id`;

/** Drops commands that ended long ago; how many. */
export async function purgeCommands(db: Database, days: number, limit: number): Promise<number> {
  return (await db.query(PURGE, [days, limit])).length;
}
