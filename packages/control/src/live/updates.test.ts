/** Live updates over real sockets, of two control nodes on one stream. */
import { createMetrics } from '@sigec/runtime';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ApiKeys } from '../auth/api-keys.js';
import { Callers } from '../auth/callers.js';
import { type ControlServer, startControl } from '../server.js';
import { type Harness, type Json, startHarness } from '../testing/harness.js';
import { type LiveClient, liveClient, readEvents, type SseEvent, tell, until } from '../testing/live-client.js';
import { LIVE_CLOSE } from './codes.js';
import { LiveHub } from './hub.js';
import { admit } from './token.js';

let h: Harness;
const nodes: ControlServer[] = [];
let devices: string[];
beforeAll(async () => {
  h = await startHarness({ live: { user: 40 }, jwtAlgorithm: 'HS256' });
  devices = [await h.station('LIVE-1'), await h.station('LIVE-2')];
  for (let n = 0; n < 2; n++)
    nodes.push(await startControl({ ...h.deps, metrics: createMetrics(`node${n}`), host: '127.0.0.1', port: 0 }));
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await h.close();
});

const open: LiveClient[] = [];
afterEach(() => {
  for (const client of open.splice(0)) client.ws.terminate();
});
const origin = (node = 0) => `http://127.0.0.1:${nodes[node]?.port}`;
const url = (node = 0) => `${origin(node)}/ws/updates`;
async function client(
  as: keyof Harness['tokens'] | undefined,
  node = 0,
  protocols: string[] = [],
): Promise<LiveClient> {
  const made = await liveClient(url(node), as === undefined ? undefined : h.tokens[as], protocols);
  open.push(made);
  return made;
}
const status = (device = devices[0], more: Json = {}) =>
  tell(h, 1, 'connector.status', { device_id: device, evse_id: 1, connector_id: 1, status: 'Available', ...more });

/** A token of somebody that ends soon. */
const shortToken = (userId: string, seconds: number, role = 'operator') =>
  new SignJWT({ role, tenant: 1, sid: 'x' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('sigec')
    .setAudience('sigec-api')
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(h.deps.config.jwtSecret));

describe('the way in', () => {
  it('takes a token as the first message, or as a subprotocol that is not answered', async () => {
    const one = await client('operator');
    expect(one.of('ready')).toMatchObject([{ user_id: h.userIds.operator, role: 'operator' }]);
    expect(Date.parse(String(one.of('ready')[0]?.expires_at))).toBeGreaterThan(Date.now());
    const other = await client(undefined, 0, ['sigec.v1', `bearer.${h.tokens.user}`]);
    await until(() => other.of('ready').length > 0, 'ready');
    expect([other.ws.protocol, other.of('ready')[0]?.role]).toEqual(['sigec.v1', 'user']);
  });

  it('takes none from the address, and nothing but the one path', async () => {
    const refused = (path: string) =>
      new Promise<number>((resolve, reject) => {
        const ws = new WebSocket(`${origin().replace('http', 'ws')}${path}`);
        ws.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
        ws.once('open', () => reject(new Error('open')));
        ws.on('error', () => undefined);
      });
    expect(await refused(`/ws/updates?token=${h.tokens.operator}`)).toBe(400);
    expect(await refused('/ws/updates?x=1')).toBe(400);
    expect(await refused('/api/v1/devices')).toBe(404);
    expect((await fetch(url())).status).toBe(426);
    expect(h.log()).not.toContain(h.tokens.operator);
  });

  it('ends for whoever shows no good token', async () => {
    const bad = await client(undefined);
    bad.send({ type: 'auth', token: 'a.b.c' });
    expect((await bad.closed).code).toBe(LIVE_CLOSE.unauthorized);
    const none = await client(undefined);
    none.send({ type: 'subscribe', id: 'a', topics: ['stations'] });
    expect((await none.closed).code).toBe(LIVE_CLOSE.noToken);
    const noise = await client(undefined);
    noise.ws.send('{');
    expect((await noise.closed).code).toBe(LIVE_CLOSE.policy);
  });

  it('is bounded for one person', async () => {
    const token = await shortToken('0193f000-0000-7000-8000-00000000abcd', 600);
    const all = await Promise.all(Array.from({ length: 41 }, () => liveClient(url(1), token)));
    open.push(...all);
    const codes = await Promise.all(all.filter(({ of }) => of('ready').length === 0).map(({ closed }) => closed));
    expect(codes.map(({ code }) => code)).toEqual([LIVE_CLOSE.tooMany]);
  });
});

describe('a key of a machine', () => {
  const makeKey = async (scopes: string[], more: Json = {}) => {
    const answer = await h.call('POST', '/api/v1/api-keys', {
      as: 'operator',
      body: { name: 'wall', scopes, ...more },
    });
    return { id: String(answer.json.id), key: String(answer.json.key) };
  };
  const opened = async (...args: Parameters<typeof liveClient>) => {
    const made = await liveClient(...args);
    open.push(made);
    return made;
  };

  it('opens the socket either way, and is told of the topics of its scopes', async () => {
    const { id, key } = await makeKey(['devices:read']);
    const one = await opened(url(), key);
    expect(one.of('ready')).toMatchObject([{ user_id: h.userIds.operator, api_key_id: id, expires_at: null }]);
    const other = await opened(url(1), undefined, ['sigec.v1', `bearer.${key}`]);
    await until(() => other.of('ready').length > 0, 'ready');
    for (const each of [one, other]) await each.subscribe({ id: 'a', topics: ['stations', 'commands', 'network'] });
    for (const topic of ['transactions', 'progress', 'alarms', 'messages']) {
      one.send({ type: 'subscribe', id: topic, topics: ['stations', topic], device_ids: [devices[0]] });
      await until(() => one.of('error').some(({ id }) => id === topic), topic);
    }
    expect(one.of('error').map(({ problem }) => [(problem as Json).code, (problem as Json).topics])).toEqual(
      ['transactions', 'progress', 'alarms', 'messages'].map((topic) => ['forbidden', [topic]]),
    );
    await tell(h, 1, 'transaction.charging', { device_id: devices[0], user_id: h.userIds.operator });
    const told = await status();
    await until(() => one.ids().length > 0 && other.ids().length > 0, 'the event');
    expect([one.ids(), other.ids()]).toEqual([[told], [told]]);
    expect(h.log()).not.toContain(key);
  });

  it('is another than its maker, and renews nobody but itself', async () => {
    const [one, other] = [await makeKey(['devices:read']), await makeKey(['devices:read'])];
    const mine = await client('operator');
    mine.send({ type: 'auth', token: one.key });
    expect((await mine.closed).code).toBe(LIVE_CLOSE.unauthorized);
    const its = await opened(url(), one.key);
    its.send({ type: 'auth', token: one.key });
    await until(() => its.of('ready').length === 2, 'ready again');
    its.send({ type: 'auth', token: other.key });
    expect((await its.closed).code).toBe(LIVE_CLOSE.unauthorized);
  });

  it('has room of its own beside its maker, and no more than a person', async () => {
    const { key } = await makeKey(['devices:read']);
    const all = await Promise.all(Array.from({ length: 41 }, () => opened(url(1), key)));
    const codes = await Promise.all(all.filter(({ of }) => of('ready').length === 0).map(({ closed }) => closed));
    expect(codes.map(({ code }) => code)).toEqual([LIVE_CLOSE.tooMany]);
    expect((await client('operator', 1)).of('ready')).toHaveLength(1);
  });

  it('opens Server-Sent Events', async () => {
    const ask = async (scopes: string[], topics: string) => {
      const { key } = await makeKey(scopes);
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${origin()}/api/v1/events/stream?topics=${topics}&seconds=0`, { headers });
      return [answer.status, await answer.text()] as const;
    };
    expect(await ask(['alarms:read'], 'alarms')).toEqual([200, expect.stringContaining('event: subscribed')]);
    expect(await ask(['alarms:read'], 'stations')).toEqual([403, expect.stringContaining('"topics":["stations"]')]);
  });

  it('leaves no clock behind where it goes before the time that it asked for', async () => {
    const hub = new LiveHub({ ...h.services, metrics: createMetrics('times') });
    const admission = await admit(h.services.callers, `Bearer ${(await makeKey(['devices:read'])).key}`);
    if (admission === undefined) throw new Error('not admitted');
    const nothing = () => undefined;
    const outlet = { waiting: 0, event: nothing, told: nothing, say: nothing, beat: nothing, end: nothing };
    const session = hub.open(admission, { ...outlet, drained: () => Promise.resolve() });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      session.endAfter(86_400_000);
      const before = vi.getTimerCount();
      session.connection.gone(LIVE_CLOSE.goingAway);
      expect([before, vi.getTimerCount()]).toEqual([1, 0]);
    } finally {
      vi.useRealTimers();
    }
    await hub.close();
  });

  it('loses its connection at the look after it was revoked, is over, or may do something else', async () => {
    let ahead = 0;
    const clock = { now: () => Date.now() + ahead, monotonic: () => performance.now() };
    const callers = new Callers(h.services.tokens, new ApiKeys(h.db, clock));
    const hub = new LiveHub({ ...h.deps, metrics: createMetrics('looks'), clock, callers });
    const ends: Json[] = [];
    const listen = async ({ key }: { readonly key: string }) => {
      const admission = await admit(callers, `Bearer ${key}`);
      if (admission === undefined) throw new Error('not admitted');
      const end = (code: number) => ends.push({ actor: admission.actor.keyId, code });
      const nothing = () => undefined;
      const drained = () => Promise.resolve();
      const outlet = { waiting: 0, event: nothing, told: nothing, say: nothing, beat: nothing, drained, end };
      return hub.open(admission, outlet);
    };
    const far = new Date(Date.now() + 400 * 86_400_000).toISOString();
    const [kept, revoked, changed] = [
      await makeKey(['devices:read'], { expires_at: far }),
      await makeKey(['devices:read']),
      await makeKey(['devices:read', 'alarms:read']),
    ];
    const sessions = [await listen(kept), await listen(revoked), await listen(changed)];
    await h.call('DELETE', `/api/v1/api-keys/${revoked.id}`, { as: 'operator' });
    await h.db.query(`update api_key set scopes = '{devices:read}' where id = $1::int8`, [Number(changed.id)]);
    for (const session of sessions) await session.check();
    expect(ends).toEqual([]);
    ahead = 11_000;
    for (const session of sessions) await session.check();
    expect(ends).toEqual([
      { actor: Number(revoked.id), code: LIVE_CLOSE.unauthorized },
      { actor: Number(changed.id), code: LIVE_CLOSE.tokenExpired },
    ]);
    expect(sessions[0]?.connection.closed).toBe(false);
    await hub.close();
  });
});

describe('a subscription', () => {
  it('is told what is of its tenant, topics and devices, each event once, by every node', async () => {
    const [one, two, stranger] = await Promise.all([client('operator'), client('admin', 1), client('stranger', 1)]);
    await one.subscribe({ id: 'a', topics: ['stations'], device_ids: [devices[0]] });
    await one.subscribe({ id: 'b', topics: ['stations', 'alarms'] });
    await two.subscribe({ id: 'a', topics: ['stations'], device_ids: [devices[1]] });
    await stranger.subscribe({ id: 'a', topics: ['stations', 'transactions', 'alarms', 'commands', 'network'] });
    const first = await status();
    const second = await status(devices[1]);
    await tell(h, 1, 'transaction.ended', { device_id: devices[0], transaction_id: '1' });
    const alarm = await tell(h, 1, 'alarm.raised', { device_id: devices[1] });
    const other = await tell(h, 2, 'station.online', { device_id: '999999' });
    await until(() => one.ids().length >= 3 && two.ids().length >= 1 && stranger.ids().length >= 1, 'all');
    expect(one.ids()).toEqual([first, second, alarm]);
    expect(two.ids()).toEqual([second]);
    expect(stranger.ids()).toEqual([other]);
    expect(one.of('event')[0]).toMatchObject({
      topic: 'stations',
      position: expect.stringMatching(/^[0-9a-z]+-\d+$/),
      event: { type: 'connector.status', data: { device_id: devices[0], status: 'Available' } },
    });

    one.send({ type: 'unsubscribe', id: 'b' });
    await until(() => one.of('unsubscribed').length === 1, 'unsubscribed');
    await status(devices[1]);
    const last = await status();
    await until(() => one.ids().includes(last), 'the last');
    expect(one.ids()).toEqual([first, second, alarm, last]);
  });

  it('of a site is told of the stations that stand there', async () => {
    const moved = await h.call('PATCH', `/api/v1/devices/${devices[1]}`, {
      as: 'operator',
      body: { location: { site: 'Centro' } },
    });
    expect(moved.json).toMatchObject({ location: { site: 'Centro' } });
    const one = await client('operator');
    await one.subscribe({ id: 'a', topics: ['stations'], site_ids: [String(moved.json.site_id)] });
    await status(devices[0]);
    const there = await status(devices[1]);
    await until(() => one.ids().length > 0, 'the event');
    expect(one.ids()).toEqual([there]);
  });

  it('of a driver is told of what is theirs', async () => {
    const one = await client('user');
    await one.subscribe({ id: 'a', topics: ['stations', 'transactions'] });
    await status();
    await tell(h, 1, 'transaction.charging', { device_id: devices[0], user_id: h.userIds.operator });
    const theirs = await tell(h, 1, 'transaction.charging', { device_id: devices[0], user_id: h.userIds.user });
    await until(() => one.ids().length > 0, 'theirs');
    expect(one.ids()).toEqual([theirs]);
    for (const topic of ['alarms', 'commands', 'messages', 'network']) {
      one.send({ type: 'subscribe', id: topic, topics: [topic], device_ids: [devices[0]] });
      await until(() => one.of('error').some(({ id }) => id === topic), topic);
    }
    expect(new Set(one.of('error').map(({ problem }) => (problem as Json).code))).toEqual(new Set(['forbidden']));
  });

  it('that cannot be is answered with a problem, and the socket goes on', async () => {
    const one = await client('operator');
    const wrong: readonly (readonly [Json, string])[] = [
      [{ topics: ['weather'] }, 'validation'],
      [{ topics: [] }, 'validation'],
      [{ topics: ['messages'] }, 'validation'],
      [{ topics: ['progress'] }, 'validation'],
      [{ topics: ['stations'], after: 'yesterday' }, 'validation'],
      [{ topics: ['messages'], device_ids: ['123456'] }, 'not-found'],
      [{ topics: ['stations'], device_id: '1' }, 'validation'],
    ];
    for (const [n, [message]] of wrong.entries()) one.send({ type: 'subscribe', id: String(n), ...message });
    await until(() => one.of('error').length === wrong.length, 'the problems');
    expect(one.of('error').map(({ id, problem }) => [id, (problem as Json).code])).toEqual(
      wrong.map(([, code], n) => [String(n), code]),
    );
    expect(JSON.stringify(one.of('error')[4])).toContain('"after"');
    expect(JSON.stringify(one.of('error')[6])).toContain('"device_id"');
    one.send({ type: 'ping' });
    await until(() => one.of('pong').length === 1, 'pong');
  });
});

describe('a resumption', () => {
  it('has no gap and no event twice, whichever node it comes to, while events go on', async () => {
    const first = await client('operator');
    await first.subscribe({ id: 'a', topics: ['stations'] });
    const told: string[] = [await status()];
    await until(() => first.ids().length === 1, 'the first');
    const position = first.of('event')[0]?.position;
    first.ws.terminate();
    for (let n = 0; n < 500; n++) told.push(await status(devices[n % 2]));
    const back = await client('operator', 1);
    // Others that overlap live beside it.
    await back.subscribe({ id: 'live', topics: ['stations'], device_ids: [devices[1]] });
    const more = (async () => {
      for (let n = 0; n < 200; n++) told.push(await status(devices[n % 2]));
    })();
    await back.subscribe({ id: 'a', topics: ['stations'], after: position });
    await more;
    await until(() => back.ids().length >= 700, 'all');
    expect(new Set(back.ids()).size).toBe(back.ids().length);
    expect([...back.ids()].sort()).toEqual(told.slice(1).sort());
    expect(back.of('gap')).toEqual([]);
  });

  /** The twin keeps 10,000; who follows the present keeps up. */
  async function runOver(): Promise<void> {
    for (let n = 0; n < 100; n++) {
      await Promise.all(Array.from({ length: 101 }, () => tell(h, 2, 'station.online', {})));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('is told of what the stream does not keep any more', async () => {
    const one = await client('operator');
    const { first, made } = await h.bus.events.state();
    expect(first).toBe(1);
    const position = (at: number, of = made) => `${of.toString(36)}-${at}`;
    await runOver();
    await one.subscribe({ id: 'old', topics: ['alarms'], after: position(1) });
    await one.subscribe({ id: 'other', topics: ['alarms'], after: position(5, made - 1) });
    expect(one.of('gap').map(({ id, reason, after }) => [id, reason, after])).toEqual([
      ['old', 'too-old', position(1)],
      ['other', 'renewed', position(5, made - 1)],
    ]);
  });

  it('is told of what the stream drops while it catches up', async () => {
    const hub = new LiveHub({ ...h.services, metrics: createMetrics('behind') });
    const admission = await admit(h.services.callers, `Bearer ${h.tokens.operator}`);
    if (admission === undefined) throw new Error('not admitted');
    const { made, last } = await h.bus.events.state();
    for (let n = 0; n < 300; n++) await status();
    const said: Json[] = [];
    const seen: number[] = [];
    // A reader so slow that the stream has run over when it wants the second page.
    let first: Promise<void> | undefined;
    const drained = () => (first ??= runOver());
    const nothing = () => undefined;
    const outlet = { waiting: 0, told: nothing, beat: nothing, end: nothing, drained };
    const session = hub.open(admission, {
      ...outlet,
      event: ({ sequence }) => seen.push(sequence),
      say: (notice) => said.push({ ...notice }),
    });
    const subscription = await session.prepare('a', admission.actor, { topics: ['stations'] });
    if (subscription === undefined) throw new Error('not prepared');
    await session.connection.run(subscription, { made, sequence: last });
    expect(seen.length).toBeLessThan(300);
    const after = `${made.toString(36)}-${seen.at(-1)}`;
    expect(said).toMatchObject([{ type: 'gap', id: 'a', after, reason: 'too-old' }, { type: 'subscribed' }]);
    await hub.close();
  });
});

describe('a connection', () => {
  it('ends with its token, unless a fresh one of the same person comes', async () => {
    const [one, two, three] = [await client(undefined), await client(undefined), await client(undefined)];
    const all = [one, two, three];
    for (const each of all) each.send({ type: 'auth', token: await shortToken(h.userIds.operator, 2) });
    await until(() => all.every(({ of }) => of('ready').length === 1), 'ready');
    expect(one.of('token_expiring').length).toBeLessThanOrEqual(1);
    two.send({ type: 'auth', token: h.tokens.operator });
    three.send({ type: 'auth', token: h.tokens.admin });
    expect((await three.closed).code).toBe(LIVE_CLOSE.unauthorized);
    expect((await one.closed).code).toBe(LIVE_CLOSE.tokenExpired);
    expect(one.of('token_expiring')).toHaveLength(1);
    expect(two.ws.readyState).toBe(WebSocket.OPEN);
    expect(two.of('ready')).toHaveLength(2);
  });

  it('that does not read is dropped with a code that says so, and the others are told all', async () => {
    const [slow, quick] = [await client('operator'), await client('admin')];
    await slow.subscribe({ id: 'a', topics: ['stations'] });
    await quick.subscribe({ id: 'a', topics: ['stations'] });
    slow.ws.pause();
    const info = 'x'.repeat(20_000);
    let told = 0;
    // More than a socket's own buffers take: the system's, and what is allowed beside them.
    while (!/"code":"4101"|code="4101"/.test(await (await fetch(`${origin()}/metrics`)).text()) && told < 3_000) {
      for (let n = 0; n < 50; n++) await status(devices[0], { info });
      told += 50;
      await until(() => quick.ids().length === told, `${told} events`);
    }
    slow.ws.resume();
    expect((await slow.closed).code).toBe(LIVE_CLOSE.slowReader);
    expect(slow.ids().length).toBeLessThan(told);
    expect(new Set(quick.ids()).size).toBe(told);
  });
});

describe('what has no position', () => {
  it('is the log of stations that are watched, once each', async () => {
    const one = await client('operator');
    await one.subscribe({ id: 'a', topics: ['messages'], device_ids: [devices[0]] });
    const write = (device: string | undefined, id: string) =>
      h.db.query(
        `insert into message_exchange (station_id, at, direction, type, message_id, action, payload, answer_type,
           answered_at, answer)
         values ($1::int8, clock_timestamp(), 'in', 'call', $2, 'Heartbeat', '{}', 'result', clock_timestamp(), '{"a":1}')`,
        [Number(device), id],
      );
    await write(devices[1], 'other');
    await write(devices[0], 'm1');
    await until(() => one.of('message').length === 2, 'the first');
    await write(devices[0], 'm2');
    await until(() => one.of('message').length >= 4, 'the second');
    expect(one.of('message').map(({ device_id, message }) => [device_id, (message as Json).message_id])).toEqual([
      ...[
        [devices[0], 'm1'],
        [devices[0], 'm1'],
      ],
      ...[
        [devices[0], 'm2'],
        [devices[0], 'm2'],
      ],
    ]);
    expect(one.of('message')[1]).toMatchObject({ message: { direction: 'out', type: 'result', payload: { a: 1 } } });
  });

  it('is how running transactions stand: to the driver theirs, to staff those at a station', async () => {
    const [driver, staff] = [await client('user'), await client('operator')];
    const make = async (userId: string | undefined, ocpp: string) => {
      const [made] = await h.db.query<{ id: number }>(
        `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
           started_at, currency, register, tariff, user_id)
         values (1, $1::int8, 1, 1, 'ocpp1.6', $2, 'charging', now(), 'BRL', '{}',
           '{"currency":"BRL","perKwhMinor":75}', $3::uuid) returning id`,
        [Number(devices[0]), ocpp, userId ?? null],
      );
      return String(made?.id);
    };
    const theirs = await make(h.userIds.user, 'p1');
    const other = await make(undefined, 'p2');
    await driver.subscribe({ id: 'a', topics: ['progress'] });
    await staff.subscribe({ id: 'a', topics: ['progress'], device_ids: [devices[0]] });
    await until(() => driver.of('progress').length > 0 && staff.of('progress').length > 1, 'how they stand');
    await h.db.query(
      'update transaction set energy_mwh = 1500500, cost_minor = 113, updated_at = now() where id = $1::int8',
      [Number(theirs)],
    );
    await until(() => driver.of('progress').length === 2 && staff.of('progress').length === 3, 'what moved');
    expect(driver.of('progress')[1]).toMatchObject({
      transaction_id: theirs,
      energy_wh: 1500.5,
      cost: { amount_minor: 113, currency: 'BRL' },
    });
    expect(new Set(staff.of('progress').map((row) => row.transaction_id))).toEqual(new Set([theirs, other]));
    await h.db.query('update transaction set ended_at = now() where id in ($1::int8, $2::int8)', [
      Number(theirs),
      Number(other),
    ]);
  });
});

describe('Server-Sent Events', () => {
  const stream = (query: string, as: keyof Harness['tokens'], headers: Record<string, string> = {}, node = 0) =>
    fetch(`${origin(node)}/api/v1/events/stream?${query}`, {
      headers: { authorization: `Bearer ${h.tokens[as]}`, ...headers },
    });
  const idOf = ({ data }: SseEvent) => (data?.event as Json | undefined)?.id;
  /** Reads until enough events came. */
  async function some(response: Response, count: number): Promise<ReturnType<typeof readEvents>> {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    for (;;) {
      const events = readEvents(text.slice(0, text.lastIndexOf('\n\n') + 2)).filter(({ id, data }) => id && data);
      if (events.length >= count) {
        await reader.cancel();
        return events;
      }
      const { value, done } = await reader.read();
      if (done) throw new Error(`ended after ${text}`);
      text += new TextDecoder().decode(value, { stream: true });
    }
  }

  it('are the same events, and go on behind Last-Event-ID', async () => {
    const response = await stream('topics=stations', 'operator');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const told: string[] = [];
    for (let n = 0; n < 5; n++) told.push(await status());
    const events = await some(response, 5);
    expect(events.map(idOf)).toEqual(told);
    expect(events[0]?.event).toBe('connector.status');
    for (let n = 0; n < 5; n++) told.push(await status());
    const rest = await some(
      await stream('topics=stations', 'operator', { 'last-event-id': events[2]?.id ?? '' }, 1),
      7,
    );
    expect(rest.map(idOf)).toEqual(told.slice(3));
  });

  it('end at once where only what was missed is wanted, and tell a stranger nothing', async () => {
    const { made, last } = await h.bus.events.state();
    const id = await status();
    const after = `${made.toString(36)}-${last}`;
    const told = async (as: keyof Harness['tokens']) =>
      readEvents(await (await stream(`topics=stations&after=${after}&seconds=0`, as)).text());
    const own = await told('operator');
    expect(own.map(idOf).filter((told) => told !== undefined)).toEqual([id]);
    expect(own.at(-1)).toMatchObject({ event: 'close', data: { code: 1001 } });
    expect((await told('stranger')).map(({ event }) => event)).toEqual([undefined, 'subscribed', 'close']);
  });

  it('end for whoever does not read with a code that says so, or is asked for their headers alone', async () => {
    const listeners = async () =>
      Number(/^sigec_live_connections\S* (\d+)$/m.exec(await (await fetch(`${origin()}/metrics`)).text())?.[1]);
    const before = await listeners();
    const headers = { authorization: `Bearer ${h.tokens.operator}` };
    const head = await fetch(`${origin()}/api/v1/events/stream?topics=stations`, { method: 'HEAD', headers });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(await listeners()).toBe(before);
    const unread = await stream('topics=stations', 'operator');
    const slow = async () => /_live_ends_total{.*"4101".*} \d/.test(await (await fetch(`${origin()}/metrics`)).text());
    const wide = 'x'.repeat(20_000);
    for (let told = 0; (await listeners()) > before && told < 3_000; told += 100)
      await Promise.all(Array.from({ length: 100 }, () => status(devices[0], { info: wide })));
    expect([await listeners(), await slow()]).toEqual([before, true]);
    const text = await unread.text();
    expect(readEvents(text.slice(text.lastIndexOf('event: close')))).toMatchObject([{ data: { code: 4101 } }]);
  });

  it('refuse what cannot be before they begin', async () => {
    const code = async (query: string, as: keyof Harness['tokens'], headers = {}) => {
      const response = await stream(query, as, headers);
      return [response.status, ((await response.json()) as Json).code];
    };
    expect(await code('topics=weather', 'operator')).toEqual([400, 'invalid-parameter']);
    expect(await code('topics=messages', 'operator')).toEqual([400, 'invalid-parameter']);
    expect(await code('topics=alarms', 'user')).toEqual([403, 'forbidden']);
    expect(await code('topics=stations', 'operator', { 'last-event-id': '12' })).toEqual([400, 'invalid-parameter']);
  });
});

describe('a node that ends', () => {
  it('sends its listeners away, who go on at another', async () => {
    const node = await startControl({ ...h.deps, metrics: createMetrics('gone'), host: '127.0.0.1', port: 0 });
    const one = await liveClient(`http://127.0.0.1:${node.port}/ws/updates`, h.tokens.operator);
    await one.subscribe({ id: 'a', topics: ['stations'] });
    const before = await status();
    await until(() => one.ids().length === 1, 'the event');
    await node.close();
    expect((await one.closed).code).toBe(LIVE_CLOSE.goingAway);
    const meanwhile = await status();
    const back = await client('operator', 1);
    await back.subscribe({ id: 'a', topics: ['stations'], after: one.of('event')[0]?.position });
    await until(() => back.ids().length === 1, 'what was missed');
    expect([one.ids(), back.ids()]).toEqual([[before], [meanwhile]]);
  });
});
