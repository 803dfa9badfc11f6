/** Deliveries: those that are due are taken on a lease, sent, and their end is noted with the health of their webhook. */
import { and, desc, eq, getTableColumns, gte, isNotNull, lt, sql } from 'drizzle-orm';
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
  /** The one that is sent to see whether a broken endpoint is well again. */
  readonly probe: boolean;
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
// many at once of one process; one whose breaker was open gets one, and no other before that has ended or its lease is over.
const CLAIM = `
  with k as materialized (
    select d.id, w.id as webhook_id, w.url, w.secret_box, w.old_secret_box, w.old_secret_until,
      w.failures >= ${BREAKER_FAILURES} as probe
    from webhook w left join unnest($4::text::int8[], $5::text::int4[]) as b(id, sending) on b.id = w.id
    cross join lateral (
      select id from webhook_delivery where webhook_id = w.id and due_at <= now() order by due_at
      limit case when w.failures >= ${BREAKER_FAILURES} then 1 else greatest(0, $2::int4 - coalesce(b.sending, 0)) end) r
    join webhook_delivery d on d.id = r.id
    where w.state = 'active' and (w.closed_until is null or w.closed_until <= now()) and d.due_at <= now()
    order by d.due_at limit $1::int4 for update of d skip locked),
  probing as (
    update webhook w set closed_until = now() + $3::text::float8 * interval '1 ms' from k
    where w.id = k.webhook_id and k.probe)
  update webhook_delivery d set attempts = d.attempts + 1, due_at = now() + $3::text::float8 * interval '1 ms'
  from k where d.id = k.id
  returning d.id, d.tenant_id as "tenantId", d.webhook_id as "webhookId", k.url, d.body, d.attempts as attempt, k.probe,
    k.secret_box as "secretBox", case when k.old_secret_until > now() then k.old_secret_box end as "oldSecretBox",
    (date_part('epoch', now() - d.created_at) * 1000)::float8 as "ageMs"`;

/**
 * Takes up to `limit` deliveries that are due, what has waited longest first, and no more than `perWebhook` of one webhook at once.
 * @param busy how many of a webhook this process sends already
 */
export function claimDeliveries(
  db: Database,
  limit: number,
  perWebhook: number,
  leaseMs: number,
  busy: readonly (readonly [webhookId: number, sending: number])[],
): Promise<ClaimedDelivery[]> {
  const sending = [numbers(busy, ([id]) => id), numbers(busy, ([, count]) => count)];
  return db.query<ClaimedDelivery>(CLAIM, [limit, perWebhook, String(leaseMs), ...sending]);
}

/** How an attempt ended. */
export interface DeliveryEnd {
  readonly id: number;
  readonly webhookId: number;
  /** What an older attempt says late changes nothing. */
  readonly attempt: number;
  /** As it was claimed. */
  readonly probe: boolean;
  readonly state: DeliveryState;
  /** Where it is tried again, ms. */
  readonly delayMs: number;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly durationMs: number;
  /** A webhook that failed for so long is paused, s. */
  readonly pauseAfterS: number;
}

// What was under way when the breaker opened fails for the same cause: it is not counted, so that each pause is twice the last.
const END = `
  with ended as (
    update webhook_delivery set state = $3::text, status_code = $5::int4, error = $6::text, duration_ms = $7::int4,
      due_at = case when $3::text = 'pending' then now() + $4::text::float8 * interval '1 ms' end,
      ended_at = case when $3::text <> 'pending' then now() end,
      body = case when $3::text = 'delivered' then null else body end
    where id = $1::int8 and attempts = $2::int4 and due_at is not null
    returning webhook_id),
  health as (
    select w.id, case when $3::text = 'delivered' then 0
        when not $9::text::bool and w.closed_until > now() then w.failures else w.failures + 1 end as failures,
      not $9::text::bool and w.closed_until > now() as late
    from webhook w join ended e on w.id = e.webhook_id for update of w),
  moved as (
    update webhook w set
      failures = h.failures,
      failing_since = case when $3::text = 'delivered' then null else coalesce(w.failing_since, now()) end,
      last_success_at = case when $3::text = 'delivered' then now() else w.last_success_at end,
      closed_until = case when h.failures < ${BREAKER_FAILURES} then null when h.late then w.closed_until
        else now() + least(${LONGEST_PAUSE_S}, ${FIRST_PAUSE_S} * 2 ^ least(10, h.failures - ${BREAKER_FAILURES}))
          * interval '1 s' end,
      state = case when $3::text <> 'delivered' and w.failing_since < now() - $8::int4 * interval '1 s'
        then 'paused' else w.state end,
      reason = case when $3::text <> 'delivered' and w.failing_since < now() - $8::int4 * interval '1 s'
        then 'failing' else w.reason end
    from health h where w.id = h.id
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
    String(end.probe),
  ]);
  return row?.state === 'paused';
}

const { body: _body, ...ROW } = getTableColumns(webhookDelivery);

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly before?: number;
  readonly limit: number;
}

/** Written out, as plans are made without parameters: those that are dead, or wait, are few in a log of many, and have an index. */
const inState = (state: DeliveryState) =>
  state === 'pending'
    ? and(sql`${webhookDelivery.state} = 'pending'`, isNotNull(webhookDelivery.dueAt))
    : sql`${webhookDelivery.state} = ${sql.raw(`'${state}'`)}`;

/** The statement of {@link listDeliveries}; a test looks at its plan. */
export const deliveryLog = (db: Database, actor: Actor, webhookId: number, { state, before, limit }: DeliveryFilter) =>
  db.orm
    .select(ROW)
    .from(webhookDelivery)
    .where(
      and(
        inTenant(actor, webhookDelivery),
        eq(webhookDelivery.webhookId, webhookId),
        state === undefined ? undefined : inState(state),
        before === undefined ? undefined : lt(webhookDelivery.id, before),
      ),
    )
    .orderBy(desc(webhookDelivery.id))
    .limit(limit + 1);

/** The newest first. */
export async function listDeliveries(
  db: Database,
  actor: Actor,
  webhookId: number,
  filter: DeliveryFilter,
): Promise<Page<DeliveryRow>> {
  return page(await deliveryLog(db, actor, webhookId, filter), filter.limit);
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
        inState('dead'),
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
