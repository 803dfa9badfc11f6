/** Deliveries: those that are due are taken on a lease, sent, and their end is noted with the health of their webhook. */
import { and, desc, eq, getTableColumns, gte, lt, sql } from 'drizzle-orm';
import { numbers } from '../../batch/columns.js';
import type { Database } from '../../database.js';
import { type DeliveryState, webhook, webhookDelivery } from '../../schema.js';
import { type Actor, inTenant, type Page, page } from '../scope.js';
import type { NewDelivery } from './feed.js';

export type DeliveryRow = Omit<typeof webhookDelivery.$inferSelect, 'body'>;

/** A delivery that this process sends now. */
export interface ClaimedDelivery {
  readonly id: number;
  readonly tenantId: number;
  readonly webhookId: number;
  readonly url: string;
  readonly body: string;
  /** Of this attempt, from 1. */
  readonly attempt: number;
  readonly secretBox: Uint8Array;
  /** Null where the time of the old secret is over. */
  readonly oldSecretBox: Uint8Array | null;
  /** ms. */
  readonly ageMs: number;
}

/** From so many failures in a row on one delivery at a time is tried, after a pause. */
export const BREAKER_FAILURES = 5;
const FIRST_PAUSE_S = 15;
const LONGEST_PAUSE_S = 600;

// By webhook, so that deliveries which wait for one that is paused or broken are never looked through. One endpoint gets so
// many at once of one look; one whose breaker was open gets one.
const CLAIM = `
  update webhook_delivery d set attempts = d.attempts + 1, due_at = now() + $3::text::float8 * interval '1 ms'
  from (
    select d.id, w.url, w.secret_box, w.old_secret_box, w.old_secret_until
    from webhook w cross join lateral (
      select id from webhook_delivery where webhook_id = w.id and due_at <= now() order by due_at
      limit case when w.failures >= ${BREAKER_FAILURES} then 1 else $2::int4 end) r
    join webhook_delivery d on d.id = r.id
    where w.state = 'active' and (w.closed_until is null or w.closed_until <= now())
      and w.id <> all($4::text::int8[]) and d.due_at <= now()
    limit $1::int4 for update of d skip locked) k
  where d.id = k.id
  returning d.id, d.tenant_id as "tenantId", d.webhook_id as "webhookId", k.url, d.body, d.attempts as attempt,
    k.secret_box as "secretBox", case when k.old_secret_until > now() then k.old_secret_box end as "oldSecretBox",
    (date_part('epoch', now() - d.created_at) * 1000)::float8 as "ageMs"`;

/**
 * Takes up to `limit` deliveries that are due, `perWebhook` of one webhook.
 * @param busy webhooks that have enough under way already
 */
export function claimDeliveries(
  db: Database,
  limit: number,
  perWebhook: number,
  leaseMs: number,
  busy: readonly number[],
): Promise<ClaimedDelivery[]> {
  return db.query<ClaimedDelivery>(CLAIM, [limit, perWebhook, String(leaseMs), numbers(busy, (id) => id)]);
}

/** How an attempt ended. */
export interface DeliveryEnd {
  readonly id: number;
  readonly webhookId: number;
  /** What an older attempt says late changes nothing. */
  readonly attempt: number;
  readonly state: DeliveryState;
  /** Where it is tried again, ms. */
  readonly delayMs: number;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly durationMs: number;
  /** A webhook that failed for so long is paused, s. */
  readonly pauseAfterS: number;
}

const END = `
  with ended as (
    update webhook_delivery set state = $3::text, status_code = $5::int4, error = $6::text, duration_ms = $7::int4,
      due_at = case when $3::text = 'pending' then now() + $4::text::float8 * interval '1 ms' end,
      ended_at = case when $3::text <> 'pending' then now() end,
      body = case when $3::text = 'delivered' then null else body end
    where id = $1::int8 and attempts = $2::int4 and due_at is not null
    returning webhook_id),
  moved as (
    update webhook w set
      failures = case when $3::text = 'delivered' then 0 else w.failures + 1 end,
      failing_since = case when $3::text = 'delivered' then null else coalesce(w.failing_since, now()) end,
      last_success_at = case when $3::text = 'delivered' then now() else w.last_success_at end,
      closed_until = case when $3::text = 'delivered' or w.failures + 1 < ${BREAKER_FAILURES} then null
        else now() + least(${LONGEST_PAUSE_S}, ${FIRST_PAUSE_S} * 2 ^ least(10, w.failures + 1 - ${BREAKER_FAILURES}))
          * interval '1 s' end,
      state = case when $3::text <> 'delivered' and w.failing_since < now() - $8::int4 * interval '1 s'
        then 'paused' else w.state end,
      reason = case when $3::text <> 'delivered' and w.failing_since < now() - $8::int4 * interval '1 s'
        then 'failing' else w.reason end
    from ended e where w.id = e.webhook_id
    returning w.id, w.tenant_id, w.state, w.reason, w.url),
  told as (
    insert into outbox (tenant_id, kind, payload)
    select tenant_id, 'webhook.paused', jsonb_build_object('webhook_id', id::text, 'reason', reason)
    from moved where state = 'paused' and reason = 'failing')
  select state from moved`;

/** True where its webhook has been paused by this. */
export async function endDelivery(db: Database, end: DeliveryEnd): Promise<boolean> {
  const [row] = await db.query<{ state: string }>(END, [
    end.id,
    end.attempt,
    end.state,
    String(end.delayMs),
    end.statusCode,
    end.error,
    end.durationMs,
    end.pauseAfterS,
  ]);
  return row?.state === 'paused';
}

const { body: _body, ...ROW } = getTableColumns(webhookDelivery);

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly before?: number;
  readonly limit: number;
}

/** The newest first. */
export async function listDeliveries(
  db: Database,
  actor: Actor,
  webhookId: number,
  { state, before, limit }: DeliveryFilter,
): Promise<Page<DeliveryRow>> {
  const rows = await db.orm
    .select(ROW)
    .from(webhookDelivery)
    .where(
      and(
        inTenant(actor, webhookDelivery),
        eq(webhookDelivery.webhookId, webhookId),
        state === undefined ? undefined : eq(webhookDelivery.state, state),
        before === undefined ? undefined : lt(webhookDelivery.id, before),
      ),
    )
    .orderBy(desc(webhookDelivery.id))
    .limit(limit + 1);
  return page(rows, limit);
}

export async function getDelivery(
  db: Database,
  actor: Actor,
  webhookId: number,
  id: number,
): Promise<DeliveryRow | undefined> {
  const [row] = await db.orm
    .select(ROW)
    .from(webhookDelivery)
    .where(and(inTenant(actor, webhookDelivery), eq(webhookDelivery.webhookId, webhookId), eq(webhookDelivery.id, id)));
  return row;
}

/** Puts a delivery of its own beside those that come of events; undefined where there is no such webhook. */
export async function addDelivery(
  db: Database,
  actor: Actor,
  webhookId: number,
  { kind, body, events, first, last }: NewDelivery,
  streamMade: number | null,
): Promise<DeliveryRow | undefined> {
  const [found] = await db.orm
    .select({ id: webhook.id })
    .from(webhook)
    .where(and(inTenant(actor, webhook), eq(webhook.id, webhookId)));
  if (found === undefined) return undefined;
  const [made] = await db.orm
    .insert(webhookDelivery)
    .values({
      ...{ tenantId: actor.tenantId, webhookId, kind, body, events, streamMade },
      ...{ firstSequence: first, lastSequence: last, dueAt: sql`now()` },
    })
    .returning(ROW);
  return made;
}

/** Sends dead deliveries again: one, or those that were made since; how many. */
export async function reviveDeliveries(
  db: Database,
  actor: Actor,
  webhookId: number,
  which: { readonly id: number } | { readonly since: Date },
): Promise<number> {
  const rows = await db.orm
    .update(webhookDelivery)
    .set({
      ...{ state: 'pending', attempts: 0, endedAt: null, error: null, statusCode: null },
      ...{ createdAt: sql`now()`, dueAt: sql`now()` },
    })
    .where(
      and(
        inTenant(actor, webhookDelivery),
        eq(webhookDelivery.webhookId, webhookId),
        eq(webhookDelivery.state, 'dead'),
        'id' in which ? eq(webhookDelivery.id, which.id) : gte(webhookDelivery.createdAt, which.since),
      ),
    )
    .returning({ id: webhookDelivery.id });
  return rows.length;
}

const PURGE = `
  delete from webhook_delivery where id in (
    select id from webhook_delivery where ended_at < now() - $1::int4 * interval '1 day' order by ended_at limit $2::int4)
  returning id`;

/** Drops the log of what ended long ago; how many. */
export async function purgeDeliveries(db: Database, days: number, limit: number): Promise<number> {
  return (await db.query(PURGE, [days, limit])).length;
}
