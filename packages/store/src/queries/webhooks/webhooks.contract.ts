/** Webhooks: who is read for, what goes out, and that a process that was slower than its lease changes nothing. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../database.js';
import { OTHER_TENANT, events as takeEvents } from '../../harness.contract.js';
import type { Actor } from '../scope.js';
import {
  addDelivery,
  BREAKER_FAILURES,
  type ClaimedDelivery,
  claimDeliveries,
  type DeliveryEnd,
  deliveryLog,
  endDelivery,
  listDeliveries,
  purgeDeliveries,
  reviveDeliveries,
} from './deliveries.js';
import { claimFeeds, type Fed, type Feed, keepFeed, MAX_WAITING, type NewDelivery } from './feed.js';
import { beginReplay, createWebhook, getWebhook, updateWebhook } from './webhooks.js';

const OPERATOR: Actor = { userId: '0193f000-0000-7000-8000-0000000000bb', tenantId: 1, role: 'operator' };
const STRANGER: Actor = { ...OPERATOR, tenantId: OTHER_TENANT };
const MADE = 1_790_000_000_000;
const LEASE_MS = 60_000;

export function webhooksContract(get: () => Database): void {
  describe('webhooks', () => {
    beforeEach(() => get().query('delete from webhook'));

    const make = async (cursor: number, actor = OPERATOR): Promise<number> => {
      const wish = { url: 'https://example.test/', description: null, topics: ['stations'], deviceIds: null };
      const kept = { maxEvents: 10, secretBox: new Uint8Array([1, 2]), streamMade: MADE, cursor };
      return (await createWebhook(get(), actor, { ...wish, ...kept }, 100))?.id as number;
    };
    const claim = (floor: number, tenants: [number, number][] = [], made = MADE): Promise<Feed[]> =>
      claimFeeds(get(), { made, floor, tenants }, 10, LEASE_MS);
    const one = (sequence: number, kind: NewDelivery['kind'] = 'events'): NewDelivery => ({
      ...{ kind, body: `{"n":${sequence}}`, events: 1, first: sequence, last: sequence },
    });
    const fed = (feed: Feed, cursor: number, deliveries: NewDelivery[]): Fed => ({
      ...{ streamMade: MADE, cursor, deliveries, replayCursor: feed.replayCursor, replayUntil: feed.replayUntil },
    });
    const due = (limit = 100, each = 100, busy: [number, number][] = []): Promise<ClaimedDelivery[]> =>
      claimDeliveries(get(), limit, each, LEASE_MS, busy);
    const end = (claimed: ClaimedDelivery, more: Partial<DeliveryEnd>): Promise<boolean> =>
      endDelivery(get(), {
        ...{ id: claimed.id, webhookId: claimed.webhookId, attempt: claimed.attempt, probe: claimed.probe },
        ...{ state: 'pending', delayMs: 0, statusCode: 500, error: null, durationMs: 1, pauseAfterS: 3600, ...more },
      });

    it('are read for where they are behind, by one process at a time', async () => {
      const [near, far, other] = [await make(90), await make(10), await make(50, STRANGER)];
      expect((await claim(20)).map(({ id }) => id)).toEqual([far]);
      expect(await claim(20)).toEqual([]);
      expect((await claim(20, [[1, 100]])).map(({ id }) => id)).toEqual([near]);
      expect((await claim(20, [[OTHER_TENANT, 50]])).map(({ id }) => id)).toEqual([]);
      expect((await claim(0, [], MADE + 1)).map(({ id }) => id)).toEqual([other]);
      await get().query('update webhook set feed_until = null');
      await updateWebhook(get(), OPERATOR, far, { state: 'paused' });
      expect((await claim(1000)).map(({ id }) => id).sort()).toEqual([near, other].sort());
    });

    it('move on with their deliveries, and only from where they were read', async () => {
      const id = await make(10);
      const [feed] = await claim(20);
      expect(await keepFeed(get(), feed as Feed, fed(feed as Feed, 30, [one(12), one(13)]))).toBe(2);
      // Whoever was slower.
      expect(await keepFeed(get(), feed as Feed, fed(feed as Feed, 25, [one(12)]))).toBe(0);
      expect(await getWebhook(get(), OPERATOR, id)).toMatchObject({ cursor: 30, streamMade: MADE });
      expect((await due()).map(({ body }) => body).sort()).toEqual(['{"n":12}', '{"n":13}']);
      expect(await due()).toEqual([]);
    });

    it('leave the rest in the stream where many deliveries wait', async () => {
      await make(0);
      const [feed] = await claim(1);
      const many = Array.from({ length: MAX_WAITING }, (_, n) => one(n + 1));
      await keepFeed(get(), feed as Feed, fed(feed as Feed, MAX_WAITING, many));
      expect(await claim(10_000)).toEqual([]);
      const [first] = await due(1);
      await end(first as ClaimedDelivery, { state: 'delivered', statusCode: 200 });
      expect(await claim(10_000)).toMatchObject([{ waiting: MAX_WAITING - 1 }]);
    });

    it('keep a replay that was asked for while they were read', async () => {
      const id = await make(10);
      const [feed] = await claim(20);
      expect(await beginReplay(get(), OPERATOR, id, { after: 2, until: 8 })).toBe(true);
      expect(await beginReplay(get(), OPERATOR, id, { after: 1, until: 8 })).toBe(false);
      await keepFeed(get(), feed as Feed, fed(feed as Feed, 30, []));
      const [again] = await claim(0);
      expect(again).toMatchObject({ cursor: 30, replayCursor: 2, replayUntil: 8 });
      const done = { ...fed(again as Feed, 30, [one(5, 'replay')]), replayCursor: null, replayUntil: null };
      expect(await keepFeed(get(), again as Feed, done)).toBe(1);
      expect(await getWebhook(get(), OPERATOR, id)).toMatchObject({ replayCursor: null, replayUntil: null });
      expect(await claim(0)).toEqual([]);
    });

    it('get a few deliveries each, and nothing that waits for one is in the way of another', async () => {
      const [paused, broken, well] = [await make(0), await make(0), await make(0)];
      for (const id of [paused, broken, well])
        for (let n = 0; n < 5; n++) await addDelivery(get(), OPERATOR, id, one(n), null);
      await updateWebhook(get(), OPERATOR, paused, { state: 'paused' });
      await get().query('update webhook set failures = $1::int4, closed_until = now() where id = $2::int8', [
        BREAKER_FAILURES,
        broken,
      ]);
      const taken = await due(100, 3);
      const of = (id: number) => taken.filter(({ webhookId }) => webhookId === id).length;
      expect([of(paused), of(broken), of(well)]).toEqual([0, 1, 3]);
      // The one of the broken is still under way, and the other has room for one beside those two.
      expect((await due(100, 3, [[well, 2]])).map(({ webhookId }) => webhookId)).toEqual([well]);
      expect((await due(100, 3, [[well, 3]])).map(({ webhookId }) => webhookId)).toEqual([]);
      await get().query("update webhook set closed_until = now() + interval '1 hour'");
      expect(await due()).toEqual([]);
    });

    it('go out in the order in which they became due, whoever they are for', async () => {
      const [first, second] = [await make(0), await make(0)];
      for (const id of [first, second, first]) await addDelivery(get(), OPERATOR, id, one(id), null);
      await get().query(`update webhook_delivery set due_at = now() - id * interval '1 s'`);
      const [third] = await due(1);
      expect([third?.webhookId, ...(await due(2)).map(({ webhookId }) => webhookId).sort()]).toEqual([
        ...[first, first, second],
      ]);
    });

    it('double the pause of a broken endpoint with each probe, whatever was under way when it broke', async () => {
      const id = await make(0);
      const pause = async () => {
        const row = await getWebhook(get(), OPERATOR, id);
        return {
          failures: row?.failures,
          seconds: Math.round(((row?.closedUntil?.getTime() ?? 0) - Date.now()) / 1000),
        };
      };
      for (let n = 0; n < BREAKER_FAILURES + 3; n++) await addDelivery(get(), OPERATOR, id, one(n), null);
      for (const claimed of await due()) await end(claimed, { delayMs: 0 });
      const opened = await pause();
      expect(opened.failures).toBe(BREAKER_FAILURES);
      expect(opened.seconds).toBeLessThanOrEqual(15);
      const later = async () => {
        await get().query("update webhook set closed_until = now() - interval '1 s'");
        await get().query('update webhook_delivery set due_at = now() where due_at is not null');
      };
      await later();
      const [probe, ...others] = await due();
      expect([probe?.probe, others, await due()]).toEqual([true, [], []]);
      await end(probe as ClaimedDelivery, {});
      const doubled = await pause();
      expect(doubled.failures).toBe(BREAKER_FAILURES + 1);
      expect(doubled.seconds).toBeGreaterThan(15);
      expect(doubled.seconds).toBeLessThanOrEqual(30);
      await later();
      const [well] = await due();
      await end(well as ClaimedDelivery, { state: 'delivered', statusCode: 204 });
      expect(await getWebhook(get(), OPERATOR, id)).toMatchObject({ failures: 0, closedUntil: null });
    });

    it('find dead letters without reading what arrived', async () => {
      const id = await make(0);
      await get().query(
        `insert into webhook_delivery (tenant_id, webhook_id, kind, state, events, ended_at)
         select 1, $1::int8, 'events', case when n % 1000 = 0 then 'dead' else 'delivered' end, 1, now()
         from generate_series(1, 4000) n`,
        [id],
      );
      await get().query('analyze webhook_delivery');
      expect((await listDeliveries(get(), OPERATOR, id, { state: 'dead', limit: 10 })).items).toHaveLength(4);
      expect((await listDeliveries(get(), OPERATOR, id, { state: 'pending', limit: 10 })).items).toEqual([]);
      const plan = async (state: 'dead' | 'pending') => {
        const { sql, params } = deliveryLog(get(), OPERATOR, id, { state, limit: 10 }).toSQL();
        const rows = await get().query<Record<string, string>>(`explain ${sql}`, params as never);
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      };
      expect(await plan('dead')).toContain('webhook_delivery_dead');
      expect(await plan('pending')).toMatch(/webhook_delivery_(waiting|due)/);
    });

    it('note ends once; breaker, pause and event follow from failures in a row', async () => {
      const id = await make(0);
      await addDelivery(get(), OPERATOR, id, one(1), MADE);
      const [first] = await due();
      expect(first).toMatchObject({ attempt: 1, url: 'https://example.test/', oldSecretBox: null });
      await get().query('update webhook_delivery set due_at = now()');
      const [second] = await due();
      expect(second?.attempt).toBe(2);
      // The first process comes late.
      expect(await end(first as ClaimedDelivery, { state: 'delivered' })).toBe(false);
      for (let n = 1; n <= BREAKER_FAILURES; n++) {
        await get().query('update webhook set closed_until = null');
        const [next] = n === 1 ? [second] : await due();
        expect(await end(next as ClaimedDelivery, {})).toBe(false);
      }
      const row = await getWebhook(get(), OPERATOR, id);
      expect(row?.failures).toBe(BREAKER_FAILURES);
      expect(row?.closedUntil?.getTime()).toBeGreaterThan(Date.now() - 60_000);
      await takeEvents(get());
      await get().query("update webhook set closed_until = null, failing_since = now() - interval '2 hours'");
      const [last] = await due();
      expect(await end(last as ClaimedDelivery, { state: 'dead', error: 'timeout' })).toBe(true);
      expect(await takeEvents(get())).toMatchObject([{ kind: 'webhook.paused', payload: { webhook_id: String(id) } }]);
      expect(await getWebhook(get(), OPERATOR, id)).toMatchObject({ state: 'paused', reason: 'failing' });
      const log = await listDeliveries(get(), OPERATOR, id, { state: 'dead', limit: 10 });
      expect(log.items).toMatchObject([{ error: 'timeout', attempts: last?.attempt, dueAt: null }]);
      expect((await listDeliveries(get(), STRANGER, id, { limit: 10 })).items).toEqual([]);
      expect(await reviveDeliveries(get(), STRANGER, id, { since: new Date(0) })).toBe(0);
      expect(await reviveDeliveries(get(), OPERATOR, id, { since: new Date(0) })).toBe(1);
      const fresh = await updateWebhook(get(), OPERATOR, id, { state: 'active' });
      expect(fresh).toMatchObject({ failures: 0, failingSince: null, reason: null });
      expect(await due()).toMatchObject([{ attempt: 1, body: '{"n":1}' }]);
    });

    it('forget what ended long ago, and the body of what arrived at once', async () => {
      const id = await make(0);
      for (let n = 0; n < 3; n++) await addDelivery(get(), OPERATOR, id, one(n), null);
      const [a, b] = await due();
      await end(a as ClaimedDelivery, { state: 'delivered' });
      await end(b as ClaimedDelivery, { state: 'dead' });
      const kept = await get().query<{ body: string | null }>(
        'select body from webhook_delivery where ended_at is not null order by state',
      );
      expect(kept.map(({ body }) => body === null)).toEqual([false, true]);
      await get().query("update webhook_delivery set ended_at = now() - interval '8 days' where id = $1::int8", [
        (a as ClaimedDelivery).id,
      ]);
      expect(await purgeDeliveries(get(), 7, 100)).toBe(1);
      expect((await listDeliveries(get(), OPERATOR, id, { limit: 10 })).items).toHaveLength(2);
    });
  });
}
