/**
 * From the stream to deliveries. Whoever reads on for a webhook has it on a lease; what was read becomes deliveries in the
 * statement that moves the cursor, which compares it: a reader that was slower than its lease changes nothing.
 */
import { numbers } from '../../batch/columns.js';
import type { Database } from '../../database.js';

/** A webhook whose events are to be read. Sequences are those of the stream that was asked for. */
export interface Feed {
  readonly id: number;
  readonly tenantId: number;
  readonly topics: readonly string[];
  readonly deviceIds: readonly string[] | null;
  readonly maxEvents: number;
  /** The stream that the cursor belongs to, ms. */
  readonly streamMade: number;
  readonly cursor: number;
  readonly replayCursor: number | null;
  readonly replayUntil: number | null;
  /** Deliveries that wait: where there are many, the rest stays in the stream. */
  readonly waiting: number;
}

/** What a process knows of the stream. */
export interface StreamKnown {
  readonly made: number;
  /** Up to here nothing is known of any tenant, so every webhook that is behind it is looked at. */
  readonly floor: number;
  /** The last event of each tenant that came since. */
  readonly tenants: readonly (readonly [tenantId: number, sequence: number])[];
}

/** More deliveries of one webhook do not wait in the database. */
export const MAX_WAITING = 100;

const CLAIM = `
  update webhook w set feed_until = now() + $6::text::float8 * interval '1 ms'
  from (
    select w.id, least(${MAX_WAITING}, (
      select count(*) from (
        select 1 from webhook_delivery d where d.webhook_id = w.id and d.due_at is not null limit ${MAX_WAITING}) x))::int4
      as waiting
    from webhook w left join unnest($3::text::int4[], $4::text::int8[]) as k(tenant_id, last) on k.tenant_id = w.tenant_id
    where w.state = 'active' and (w.feed_until is null or w.feed_until < now())
      and (w.stream_made <> $1::int8 or w.cursor < greatest($2::int8, k.last) or w.replay_until is not null)
      and (select count(*) from (
        select 1 from webhook_delivery d where d.webhook_id = w.id and d.due_at is not null limit ${MAX_WAITING}) x)
        < ${MAX_WAITING}
    order by w.id limit $5::int4 for update of w skip locked) c
  where w.id = c.id
  returning w.id, w.tenant_id as "tenantId", w.topics, w.device_ids as "deviceIds", w.max_events as "maxEvents",
    w.stream_made as "streamMade", w.cursor, w.replay_cursor as "replayCursor", w.replay_until as "replayUntil", c.waiting`;

/** Takes up to `limit` webhooks that are behind. */
export function claimFeeds(db: Database, known: StreamKnown, limit: number, leaseMs: number): Promise<Feed[]> {
  return db.query<Feed>(CLAIM, [
    known.made,
    known.floor,
    numbers(known.tenants, ([tenant]) => tenant),
    numbers(known.tenants, ([, last]) => last),
    limit,
    String(leaseMs),
  ]);
}

/** Whether anybody is to be told at all. */
export async function anyWebhook(db: Database): Promise<boolean> {
  return (await db.query("select 1 as one from webhook where state = 'active' limit 1")).length > 0;
}

/** A request that is to be made. */
export interface NewDelivery {
  readonly kind: 'events' | 'replay' | 'ping';
  readonly body: string;
  readonly events: number;
  readonly first: number | null;
  readonly last: number | null;
}

/** How far was read. */
export interface Fed {
  readonly streamMade: number;
  readonly cursor: number;
  readonly replayCursor: number | null;
  readonly replayUntil: number | null;
  readonly deliveries: readonly NewDelivery[];
}

// A replay may have been asked for meanwhile: it is left as it is where there was none before.
const KEEP = `
  with moved as (
    update webhook set stream_made = $4::int8, cursor = $5::int8,
      replay_cursor = case when $8::int8 is null then replay_cursor else $6::int8 end,
      replay_until = case when $8::int8 is null then replay_until else $7::int8 end, feed_until = null
    where id = $1::int8 and stream_made = $2::int8 and cursor = $3::int8
      and ($8::int8 is null or replay_cursor is not distinct from $8::int8)
    returning id, tenant_id)
  insert into webhook_delivery (tenant_id, webhook_id, kind, body, events, first_sequence, last_sequence, stream_made, due_at)
  select m.tenant_id, m.id, d.kind, d.body, d.events, d.first, d.last, $4::int8, now()
  from moved m cross join json_to_recordset($9::text::json)
    as d(kind text, body text, events int4, first int8, last int8)
  returning id`;

/** Moves the cursor on, with the deliveries that come of it. Nothing where another process did so before. */
export async function keepFeed(db: Database, feed: Feed, fed: Fed): Promise<number> {
  const rows = await db.query(KEEP, [
    feed.id,
    feed.streamMade,
    feed.cursor,
    fed.streamMade,
    fed.cursor,
    fed.replayCursor,
    fed.replayUntil,
    feed.replayCursor,
    JSON.stringify(fed.deliveries),
  ]);
  return rows.length;
}

/** Gives webhooks back that could not be read for now. */
export async function releaseFeeds(db: Database, ids: readonly number[]): Promise<void> {
  await db.query('update webhook set feed_until = null where id = any($1::text::int8[])', [numbers(ids, (id) => id)]);
}
