/** Webhooks from the stream to their receivers, over real sockets; nodes come and go. */
import { createHmac } from 'node:crypto';
import { createMetrics } from '@sigec/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ControlServer, startControl } from '../server.js';
import { type Harness, type Json, startHarness } from '../testing/harness.js';
import { type Receiver, startReceiver, tell, until } from '../testing/live-client.js';
import { MAX_ATTEMPTS, pauseAfter } from './dispatcher.js';

const API = '/api/v1/webhooks';
let h: Harness;
let node: ControlServer | undefined;
let receiver: Receiver;
let nodes = 0;
let mine = '';
const start = async (): Promise<void> => {
  node = await startControl({ ...h.deps, metrics: createMetrics(`hooks${++nodes}`), host: '127.0.0.1', port: 0 });
};
const stop = async (): Promise<void> => {
  await node?.close();
  node = undefined;
};
beforeAll(async () => {
  h = await startHarness({ webhooks: { private: true, pauseHours: 1 } });
  receiver = await startReceiver();
  await start();
});
afterAll(async () => {
  await stop();
  await receiver.close();
  await h.close();
});
afterEach(async () => {
  receiver.answer(204);
  await h.db.query('delete from webhook');
  receiver.got.length = 0;
});

const ask = (method: string, path: string, body?: unknown, as: 'operator' | 'stranger' = 'operator') =>
  h.call(method, `${API}${path}`, { as, body });
async function hook(
  more: Json = {},
  as: 'operator' | 'stranger' = 'operator',
): Promise<{ id: string; secret: string }> {
  const made = await ask('POST', '', { url: receiver.url, topics: ['stations'], ...more }, as);
  if (made.status !== 201) throw new Error(JSON.stringify(made.json));
  mine = String(made.json.id);
  return { id: mine, secret: String(made.json.secret) };
}
/** Ids of the events that came to the newest webhook: what was under way to one of an earlier test may come late. */
const ids = () =>
  receiver.got.flatMap(({ json }) => (json.webhook_id === mine ? json.events.map(({ event }) => event.id) : []));
const online = (device = '1', tenant = 1) => tell(h, tenant, 'station.online', { device_id: device });
/** What waits is due now: nobody waits for the pauses in a test. */
const hurry = () => h.db.query("update webhook_delivery set due_at = now() where due_at > now() and state = 'pending'");
/** The same again and again until something holds: an attempt that was under way meanwhile puts the next one off. */
async function hurryUntil(holds: () => boolean, what: string): Promise<void> {
  for (let n = 0; !holds(); n++) {
    if (n > 600) throw new Error(`never: ${what}`);
    await hurry();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const deliveries = async (id: string, query = '') =>
  (await ask('GET', `/${id}/deliveries${query}`)).json.items as Json[];

it('is made and changed by keys of machines for topics alone that they could read themselves', async () => {
  const keyOf = async (...scopes: string[]) => {
    const body = { name: 'hooks', scopes: ['webhooks:manage', ...scopes] };
    return `Bearer ${(await h.call('POST', '/api/v1/api-keys', { as: 'operator', body })).json.key}`;
  };
  const [stations, blind] = [await keyOf('devices:read'), await keyOf()];
  const send = (authorization: string, method: string, path: string, body: Json) =>
    h.call(method, `${API}${path}`, { headers: { authorization }, body });
  const wish = (...topics: string[]) => ({ url: receiver.url, topics });
  const made = await send(stations, 'POST', '', wish('stations', 'network'));
  expect(made.status).toBe(201);
  const refused = await send(stations, 'POST', '', wish('stations', 'transactions'));
  expect([refused.status, refused.json.topics]).toEqual([403, ['transactions']]);
  expect((await send(blind, 'POST', '', wish('stations'))).status).toBe(403);
  // Neither by leading elsewhere what another made.
  const others = await send(blind, 'PATCH', `/${made.json.id}`, { url: `${receiver.url}/other` });
  expect([others.status, others.json.topics]).toEqual([403, ['stations', 'network']]);
  expect((await send(stations, 'PATCH', `/${made.json.id}`, { topics: ['alarms'] })).status).toBe(403);
  expect((await send(stations, 'PATCH', `/${made.json.id}`, { topics: ['commands'] })).status).toBe(200);
});

describe('a webhook', () => {
  it('is told what is of its tenant, topics and devices, signed', async () => {
    const [one, two, three] = [await h.station('HOOK-1'), await h.station('HOOK-2'), await h.station('HOOK-3')];
    const { id, secret } = await hook({ topics: ['stations', 'transactions'], device_ids: [one, two] });
    const told = [await online(one), await tell(h, 1, 'transaction.ended', { device_id: two, transaction_id: '9' })];
    await online(three);
    await online(one, 2);
    await tell(h, 1, 'alarm.raised', { device_id: one });
    told.push(await online(two));
    await until(() => new Set(ids()).size >= 3, 'the deliveries');
    expect(new Set(ids())).toEqual(new Set(told));
    for (const { headers, body, json } of receiver.got) {
      const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['sigec-signature'])) ?? [];
      expect(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')).toBe(v1);
      expect(Math.abs(Number(t) - Date.now() / 1000)).toBeLessThan(60);
      expect(json.webhook_id).toBe(id);
      expect(headers).toMatchObject({ 'sigec-webhook-id': id, 'sigec-attempt': '1' });
    }
    expect(receiver.got[0]?.json.events[0]).toMatchObject({
      topic: 'stations',
      position: expect.stringMatching(/-\d+$/),
      event: { type: 'station.online', data: { device_id: one } },
    });
    const shown = (await ask('GET', `/${id}`)).json;
    expect(shown).toMatchObject({ state: 'active', failures: 0, replaying: false, device_ids: [one, two] });
    expect(JSON.stringify([shown, (await ask('GET', '')).json, await deliveries(id)])).not.toContain(secret);
    const [row] = await h.db.query<{ box: Uint8Array }>('select secret_box as box from webhook');
    expect(Buffer.from(row?.box ?? []).includes(secret)).toBe(false);
  });

  it('is told nothing that operators may not read', async () => {
    await hook({ topics: ['network'] });
    await tell(h, 1, 'account.changed', { user_id: 'x' });
    const told = await tell(h, 1, 'tariff.created', { tariff_id: '1' });
    await until(() => receiver.got.length >= 1, 'the second');
    expect(ids()).toEqual([told]);
  });

  it('is signed for by both secrets for a day, where a new one was asked for', async () => {
    const { id, secret } = await hook();
    const fresh = String((await ask('POST', `/${id}/rotate-secret`)).json.secret);
    await ask('POST', `/${id}/ping`);
    await until(() => receiver.got.length >= 1, 'the ping');
    const { headers, body } = receiver.got[0] as Receiver['got'][number];
    const [t = '', ...signed] = String(headers['sigec-signature']).split(',');
    const of = (key: string) =>
      `v1=${createHmac('sha256', key)
        .update(`${t.slice(2)}.${body}`)
        .digest('hex')}`;
    expect(signed).toEqual([of(fresh), of(secret)]);
    expect(JSON.parse(body)).toEqual({ webhook_id: id, events: [] });
  });

  it('is refused where it leads inside, or what it wants is none', async () => {
    for (const wrong of [
      { url: 'ftp://example.com' },
      { url: 'x' },
      { topics: [] },
      { topics: ['messages'] },
      { topics: ['stations'], max_events: 0 },
      { device_ids: ['x'] },
      { device_ids: ['999999'] },
      { secret: 'mine' },
    ]) {
      const answer = await ask('POST', '', { url: receiver.url, topics: ['stations'], ...wrong });
      expect([answer.status, answer.json.code], JSON.stringify(wrong)).toEqual([422, 'validation']);
      expect(JSON.stringify(answer.json.errors)).toContain(Object.keys(wrong).at(-1));
    }
  });
});

describe('what did not arrive', () => {
  it('is tried again until it does, beside what is new, and the breaker holds back the rest', async () => {
    receiver.answer(500);
    const { id } = await hook({ max_events: 1 });
    const told: string[] = [];
    for (let n = 0; n < 8; n++) told.push(await online());
    await until(() => receiver.got.length >= 5, 'failures');
    let shown: Json = {};
    for (let n = 0; n < 200 && shown.closed_until == null; n++) {
      await hurry();
      shown = (await ask('GET', `/${id}`)).json;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(Date.parse(String(shown.closed_until))).toBeGreaterThan(Date.now());
    expect(Number(shown.failures)).toBeGreaterThanOrEqual(5);
    // What was under way may still come; then nothing does.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await h.db.query("update webhook set closed_until = now() + interval '1 hour'");
    const before = receiver.got.length;
    await hurry();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(receiver.got.length).toBe(before);

    receiver.answer(204);
    receiver.got.length = 0;
    // Somebody says that it works again.
    expect((await ask('PATCH', `/${id}`, { state: 'active' })).json).toMatchObject({ failures: 0, closed_until: null });
    await hurryUntil(() => new Set(ids()).size === told.length, 'all');
    expect(new Set(ids())).toEqual(new Set(told));
    expect(receiver.got.some(({ headers }) => headers['sigec-attempt'] !== '1')).toBe(true);
    let log: Json[] = [];
    for (let n = 0; n < 300 && log.length < told.length; n++) {
      log = await deliveries(id, '?state=delivered');
      // Not at every look: what is made due while it is under way is taken anew, and the note of its end is then an old one's.
      if (n % 10 === 9) await hurry();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(log).toHaveLength(told.length);
    expect(log[0]).toMatchObject({ status_code: 204, error: null, events: 1, kind: 'events' });
  });

  it('is a dead letter in the end, and can be sent again', async () => {
    receiver.answer(503);
    const { id } = await hook();
    const told = await online();
    await until(() => receiver.got.length >= 1, 'a failure');
    await h.db.query('update webhook_delivery set attempts = $1::int4', [MAX_ATTEMPTS - 1]);
    let dead: Json[] = [];
    for (let n = 0; n < 300 && dead.length === 0; n++) {
      await hurry();
      dead = await deliveries(id, '?state=dead');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(dead[0]).toMatchObject({ status_code: 503, next_attempt_at: null });
    // Hurried, an attempt may begin while another is under way.
    expect(dead[0]?.attempts).toBeGreaterThanOrEqual(MAX_ATTEMPTS);
    receiver.answer(200);
    receiver.got.length = 0;
    expect((await ask('POST', `/${id}/deliveries/${dead[0]?.id}/replay`)).status).toBe(202);
    await until(() => ids().length >= 1, 'the replay');
    expect(new Set(ids())).toEqual(new Set([told]));

    await h.db.query("update webhook_delivery set state = 'dead', due_at = null, body = '{\"events\":[]}'");
    const revived = await ask('POST', `/${id}/retry-dead`, { since: '2020-01-01T00:00:00Z' });
    expect(revived).toMatchObject({ status: 202, json: { deliveries: 1 } });
    await until(() => receiver.got.length >= 2, 'what was revived');
  });

  it('for long pauses its webhook, which goes on where it was', async () => {
    receiver.answer(410);
    const { id } = await hook();
    const told = [await online()];
    await until(() => receiver.got.length >= 1, 'a failure');
    await h.db.query("update webhook set failing_since = now() - interval '2 hours'");
    let shown: Json = {};
    for (let n = 0; n < 300 && shown.state !== 'paused'; n++) {
      await hurry();
      shown = (await ask('GET', `/${id}`)).json;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(shown).toMatchObject({ state: 'paused', reason: 'failing' });
    expect(await h.db.query("select payload from outbox where kind = 'webhook.paused'")).toMatchObject([
      { payload: { webhook_id: id, reason: 'failing' } },
    ]);
    told.push(await online());
    receiver.answer(204);
    receiver.got.length = 0;
    await ask('PATCH', `/${id}`, { state: 'active' });
    await hurryUntil(() => new Set(ids()).size === 2, 'what waited');
    expect(new Set(ids())).toEqual(new Set(told));
  });
});

describe('a replay', () => {
  it('tells a span again, one at a time, of what is kept', async () => {
    const { id } = await hook({ max_events: 2 });
    const told: string[] = [];
    for (let n = 0; n < 6; n++) told.push(await online());
    // At least once: some may come twice.
    await until(() => new Set(ids()).size === 6, 'the deliveries');
    // In the order of the stream: what goes out at once may arrive in any.
    const places = receiver.got.flatMap(({ json }) => json.events.map(({ event, position }) => [event.id, position]));
    const positions = told.map((one) => String(new Map(places as [string, string][]).get(one)));
    receiver.got.length = 0;
    const span = await ask('POST', `/${id}/replay`, { after: positions[1], until: positions[4] });
    expect(span).toMatchObject({ status: 202, json: { after: positions[1], until: positions[4] } });
    await until(() => new Set(ids()).size >= 3, 'the span');
    expect(new Set(ids())).toEqual(new Set(told.slice(2, 5)));
    await until(() => receiver.got.length >= 2, 'all of it');
    let shown: Json = { replaying: true };
    for (let n = 0; n < 600 && shown.replaying === true; n++) {
      shown = (await ask('GET', `/${id}`)).json;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }

    const delivered = (await deliveries(id)).find(({ kind }) => kind === 'events');
    receiver.got.length = 0;
    expect((await ask('POST', `/${id}/deliveries/${delivered?.id}/replay`)).status).toBe(202);
    await until(() => ids().length >= Number(delivered?.events), 'one delivery');
    expect((await deliveries(id)).filter(({ kind }) => kind === 'replay').length).toBeGreaterThanOrEqual(2);

    const wrong = async (body: Json) => (await ask('POST', `/${id}/replay`, body)).json.code;
    expect(await wrong({ after: positions[4], until: positions[1] })).toBe('validation');
    expect(await wrong({ after: '1-0' })).toBe('events-gone');
    expect(await wrong({ after: 'x' })).toBe('validation');
  });
});

describe('nothing is skipped', () => {
  it('while no node runs', async () => {
    await hook();
    const told = [await online()];
    await until(() => ids().length >= 1, 'the first');
    await stop();
    for (let n = 0; n < 700; n++) told.push(await online());
    await start();
    await until(() => new Set(ids()).size === told.length, 'all');
    expect(new Set(ids())).toEqual(new Set(told));
  });

  it('of what was taken by a process that was killed', async () => {
    await stop();
    const { id } = await hook();
    const told = await online();
    await start();
    await until(() => ids().length >= 1, 'the delivery');
    await stop();
    // As if it had been killed between the request and the note of its end, and while it read on.
    await h.db.query("update webhook set feed_until = now() + interval '1 hour'");
    await h.db.query(
      `insert into webhook_delivery (tenant_id, webhook_id, kind, body, events, attempts, due_at)
       values (1, $1::int8, 'events', '{"events":[]}', 0, 1, now() + interval '1 hour')`,
      [Number(id)],
    );
    await start();
    await hurry();
    await h.db.query('update webhook set feed_until = now()');
    await until(() => receiver.got.length >= 2, 'what was left behind');
    expect(receiver.got.some(({ headers }) => headers['sigec-attempt'] === '2')).toBe(true);
    expect(new Set(ids())).toEqual(new Set([told]));
  });

  it('is said where the stream dropped it first', async () => {
    const { id } = await hook();
    await h.db.query('update webhook set stream_made = 1');
    await tell(h, 2, 'station.online', {});
    await until(() => receiver.got.length >= 1, 'the gap');
    expect(receiver.got[0]?.json).toMatchObject({ webhook_id: id, gap: { after: expect.stringMatching(/^1-\d+$/) } });
  });
});

it('pauses between attempts grow to an hour, and half of each is chance', () => {
  const each = Array.from({ length: MAX_ATTEMPTS }, (_, n) => [pauseAfter(n + 1, () => 1), pauseAfter(n + 1, () => 0)]);
  expect(each[0]).toEqual([2_500, 5_000]);
  expect(each[1]).toEqual([5_000, 10_000]);
  expect(each.at(-1)).toEqual([1_800_000, 3_600_000]);
});
