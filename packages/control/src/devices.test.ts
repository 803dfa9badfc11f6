import { downSubject, passwordProof, tokenOf, unpackDown, verifierMatches } from '@sigec/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Harness, type Json, startHarness } from './testing/harness.js';
import { DeviceDetail } from './wire/device.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

const DEVICES = '/api/v1/devices';
const operator = { as: 'operator' } as const;
const create = (body: unknown) => h.call('POST', DEVICES, { ...operator, body });
const items = ({ json }: Answer) => json.items as Json[];
const fields = ({ json }: Answer) => (json.errors as { field: string }[]).map(({ field }) => field);

describe('reading one', () => {
  it('takes the digits of an id and nothing else', async () => {
    for (const id of ['abc', '0', '-1', '1.5', '01', '9007199254740993', '99999999999999999', '%20', '1%00']) {
      const answer = await h.call('GET', `${DEVICES}/${id}`, operator);
      expect([answer.status, answer.json.code], id).toEqual([400, 'invalid-parameter']);
      expect(fields(answer)).toEqual(['id']);
    }
    expect((await h.call('GET', `${DEVICES}/9007199254740991`, operator)).json.code).toBe('not-found');
  });

  it('shows many at once their own, and a stranger none of them', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, i) => h.station(`R-${i}`)));
    const read = (as: 'operator' | 'stranger') =>
      Promise.all(ids.map((id) => h.call('GET', `${DEVICES}/${id}`, { as })));
    const [own, strange] = await Promise.all([read('operator'), read('stranger')]);
    expect(own.map(({ json }) => json.identity)).toEqual(ids.map((_, i) => `R-${i}`));
    expect(own[0]?.json).toMatchObject({ active_transaction_ids: [], connectors: [] });
    expect(strange.map(({ status }) => status)).toEqual(ids.map(() => 404));
  });

  it('is the same device that the list shows, and what runs there', async () => {
    const plain = await h.station('R-plain');
    const full = await create({
      identity: 'R-"full"\\ é€😀',
      name: 'a\nb',
      location: { lat: -0.0000001, lng: 179.123456789, address: null, site: 'S' },
      leniency: { overlong: true, additional: false },
      ping_seconds: 0,
      default_version: 'ocpp1.6',
      security_profile: 0,
    });
    const id = String(full.json.id);
    await h.db.query(
      `update station set vendor = 'V', model = 'M', serial_number = '1', firmware_version = '2', online = true,
         last_seen = timestamptz '2026-01-01T00:00:00.1239+03:00', booted_at = timestamptz '1969-12-31T23:59:59.9999Z',
         connected_at = timestamptz '1900-01-01T00:00:00Z' where id = $1`,
      [Number(id)],
    );
    for (const [evse, connector] of [
      [10, 1],
      [2, 2],
      [2, 1],
    ] as const)
      await h.db.query(
        `insert into connector (station_id, evse_id, connector_id, type, max_power_w, ocpp_status, status, error_code,
           status_at) values ($1, $2, $3, 'CCS2', 22000, 'SuspendedEV', 'Occupied', 'NoError', now())`,
        [Number(id), evse, connector],
      );
    for (const [name, over] of [
      ['one', 0],
      ['over', 1],
      ['two', 0],
    ] as const)
      await h.db.query(
        `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
           started_at, ended_at, currency, register, tariff)
         values (1, $1, 1, 1, 'ocpp2.0.1', $2, 'started', now(), case when $3::int4 = 1 then now() end, 'BRL', '{}', '{}')`,
        [Number(id), name, over],
      );
    const listed = items(await h.call('GET', `${DEVICES}?limit=200`, operator));
    for (const one of [plain, id]) {
      const { active_transaction_ids, ...device } = (await h.call('GET', `${DEVICES}/${one}`, operator)).json;
      expect(device).toEqual(listed.find((item) => item.id === one));
      expect((active_transaction_ids as string[]).length).toBe(one === id ? 2 : 0);
      for (const text of active_transaction_ids as string[]) expect(text).toMatch(/^[1-9]\d*$/);
      const read = DeviceDetail.safeParse({ ...device, active_transaction_ids });
      expect(read.error?.issues).toBeUndefined();
      const patched = await h.call('PATCH', `${DEVICES}/${one}`, { ...operator, body: { name: 'new' } });
      const { updated_at: _, ...kept } = device;
      expect(patched.json).toMatchObject({ ...kept, active_transaction_ids, name: 'new' });
    }
  });

  it('shows what was written just before', async () => {
    const id = await h.station('R-w');
    for (let i = 0; i < 5; i++) {
      await h.call('PATCH', `${DEVICES}/${id}`, { ...operator, body: { name: `n${i}` } });
      expect((await h.call('GET', `${DEVICES}/${id}`, operator)).json.name).toBe(`n${i}`);
    }
  });
});

describe('two who change the same', () => {
  it('do not undo each other where they say what they saw', async () => {
    const id = await h.station('R-two');
    const patch = (name: string, tag?: string) =>
      h.call('PATCH', `${DEVICES}/${id}`, {
        ...operator,
        body: { name },
        ...(tag === undefined ? {} : { headers: { 'if-match': tag } }),
      });
    const tagOf = async () => (await h.call('GET', `${DEVICES}/${id}`, operator)).headers.get('etag') ?? '';
    const seen = await tagOf();
    expect(seen).toBe('"1"');
    const [one, two] = await Promise.all([patch('one', seen), patch('two', seen)]);
    expect([one.status, two.status].sort()).toEqual([200, 412]);
    expect((one.status === 412 ? one : two).json).toMatchObject({ code: 'precondition-failed', temporary: false });
    expect((one.status === 200 ? one : two).headers.get('etag')).toBe('"2"');
    // What the charger does is nobody's change.
    await h.db.query('update station set last_seen = now(), online = true where id = $1::int8', [Number(id)]);
    expect(await tagOf()).toBe('"2"');
    // Nor is a change of nothing.
    const empty = await h.call('PATCH', `${DEVICES}/${id}`, { ...operator, body: {}, headers: { 'if-match': '"2"' } });
    expect([empty.status, empty.headers.get('etag')]).toEqual([200, '"2"']);
    for (const good of ['*', '"x", "3"']) expect((await patch('good', good)).status, good).toBe(200);
    for (const stale of ['"3"', 'W/"4"', '"x"', '""']) expect((await patch('bad', stale)).status, stale).toBe(412);
    const unread = await patch('bad', '4');
    expect([unread.status, unread.json.code]).toEqual([400, 'invalid-parameter']);
    expect((await patch('last')).json.name).toBe('last');
    const gone = { ...operator, body: { name: 'x' }, headers: { 'if-match': '"1"' } };
    expect((await h.call('PATCH', `${DEVICES}/999999999`, gone)).status).toBe(404);
  });
});

describe('registering', () => {
  it('shows the password once and keeps a verifier', async () => {
    const made = await create({ identity: 'A-1', name: 'One', location: { lat: -23.5, lng: -46.6, site: 'Pátio' } });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`${DEVICES}/${made.json.id}`);
    expect(made.json).toMatchObject({
      id: expect.stringMatching(/^\d+$/),
      identity: 'A-1',
      status: 'Unavailable',
      online: false,
      registration_status: 'none',
      location: { lat: -23.5, lng: -46.6, address: null, site: 'Pátio' },
      connectors: [],
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    const { username, password } = made.json.credentials as { username: string; password: string };
    expect(username).toBe('A-1');
    expect(password).toMatch(/^[0-9a-f]{40}$/);
    const [row] = await h.db.query<{ salt: Uint8Array; verifier: Uint8Array }>(
      "select secret_salt as salt, secret_verifier as verifier from station where identity = 'A-1'",
    );
    if (!row) throw new Error('no row');
    const proof = passwordProof(h.deps.config.pepper, Buffer.from(password));
    expect(verifierMatches(row.salt, proof, row.verifier)).toBe(true);
    const again = await h.call('GET', `${DEVICES}/${made.json.id}`, operator);
    expect(JSON.stringify(again.json)).not.toContain(password);
    expect(again.json).not.toHaveProperty('credentials');
    const rotated = await h.call('POST', `${DEVICES}/${made.json.id}/credentials`, operator);
    expect(rotated.status).toBe(200);
    const next = (rotated.json.credentials as { password: string }).password;
    expect(next).not.toBe(password);
    expect(h.log()).not.toContain(password);
    expect(h.log()).not.toContain(next);
  });

  it('takes a password of the operator within what chargers can hold', async () => {
    const own = await create({ identity: 'A-2', password: 'sixteen-chars-ok' });
    expect(own.json.credentials).toEqual({ username: 'A-2', password: 'sixteen-chars-ok' });
    expect(fields(await create({ identity: 'A-3', password: 'short' }))).toEqual(['password']);
    expect(fields(await create({ identity: 'A-3', password: 'x'.repeat(41) }))).toEqual(['password']);
    const open = await create({ identity: 'A-4', security_profile: 0 });
    expect([open.status, open.json.credentials]).toEqual([201, null]);
  });

  it('names what is wrong, and gives an identity once, also between tenants', async () => {
    for (const identity of ['', 'a/b', '.', '..', 'a\u0007b', ' a', 'x'.repeat(49), '\ud800', 7])
      expect(fields(await create({ identity })), JSON.stringify(identity)).toContain('identity');
    expect(fields(await create({ identity: 'B', location: { lat: 1 } }))).toEqual(['location.lat']);
    expect(fields(await create({ identity: 'B', location: { lat: 91, lng: 0 } }))).toEqual(['location.lat']);
    expect((await create({ identity: 'São Paulo.1+2' })).status).toBe(201);
    const taken = await h.call('POST', DEVICES, { as: 'stranger', body: { identity: 'A-1' } });
    expect([taken.status, taken.json.code]).toEqual([409, 'identity-taken']);
  });
});

describe('reading and changing', () => {
  it('shows connectors and what runs, and nothing to another tenant', async () => {
    const id = await h.station('C-1');
    await h.db.query(
      `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
       values ($1, 2, 1, 'Charging', 'Occupied', now()), ($1, 1, 1, 'Available', 'Available', now())`,
      [Number(id)],
    );
    const [t] = await h.db.query<{ id: number }>(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
         started_at, currency, register, tariff)
       values (1, $1, 2, 1, 'ocpp1.6', '1', 'charging', now(), 'BRL', '{}', '{}') returning id`,
      [Number(id)],
    );
    const got = await h.call('GET', `${DEVICES}/${id}`, operator);
    expect(got.json).toMatchObject({
      ocpp_version: 'ocpp1.6',
      location: null,
      active_transaction_ids: [String(t?.id)],
      connectors: [
        { evse_id: 1, connector_id: 1, status: 'Available', ocpp_status: 'Available', max_power_w: null },
        { evse_id: 2, connector_id: 1, status: 'Occupied', ocpp_status: 'Charging' },
      ],
    });
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['POST', '/credentials'],
      ['GET', '/messages'],
      ['POST', '/commands/ClearCache'],
    ] as const)
      expect(
        (await h.call(method, `${DEVICES}/${id}${path}`, { as: 'stranger', ...(method === 'GET' ? {} : { body: {} }) }))
          .status,
      ).toBe(404);
  });

  it('tells an unknown id from one that cannot be', async () => {
    expect((await h.call('GET', `${DEVICES}/999999`, operator)).status).toBe(404);
    for (const id of ['abc', '0', '-1', '1.5', '01', '9'.repeat(17), '1%20'])
      expect((await h.call('GET', `${DEVICES}/${id}`, operator)).status, id).toBe(400);
  });

  it('changes what is given and leaves the rest', async () => {
    const id = await h.station('C-2');
    const patch = (body: unknown) => h.call('PATCH', `${DEVICES}/${id}`, { ...operator, body });
    const all = await patch({
      name: 'Two',
      location: { lat: 1, lng: 2, address: 'Rua A' },
      default_version: 'ocpp1.6',
      ping_seconds: 0,
      leniency: { overlong: true },
    });
    expect(all.json).toMatchObject({ name: 'Two', default_version: 'ocpp1.6', leniency: { overlong: true } });
    const some = await patch({ location: { site: 'S' }, name: null });
    expect(some.json).toMatchObject({
      name: null,
      ping_seconds: 0,
      location: { lat: 1, lng: 2, address: 'Rua A', site: 'S' },
    });
    expect((await patch({ location: null })).json.location).toBeNull();
    await h.db.query('update station set online = true where id = $1', [Number(id)]);
    expect((await patch({ blocked: true })).json).toMatchObject({ blocked: true, online: false });
    expect(fields(await patch({ default_version: '1.7', ping_seconds: -1 }))).toEqual([
      'default_version',
      'ping_seconds',
    ]);
  });
});

describe('lists', () => {
  it('walk by cursor without losing or repeating, and filter', async () => {
    for (let i = 0; i < 7; i++) await create({ identity: `W-${i}`, location: { site: i % 2 ? 'odd' : 'even' } });
    await h.db.query("update station set online = true, status = 'Available' where identity in ('W-1', 'W-2')");
    const seen: unknown[] = [];
    let cursor: unknown = '';
    for (let pages = 0; cursor !== null && pages < 20; pages++) {
      const page = await h.call('GET', `${DEVICES}?q=w-&limit=3${cursor ? `&cursor=${cursor}` : ''}`, operator);
      expect(items(page).length).toBeLessThanOrEqual(3);
      seen.push(...items(page).map(({ identity }) => identity));
      cursor = page.json.next_cursor;
    }
    expect(seen).toEqual(['W-0', 'W-1', 'W-2', 'W-3', 'W-4', 'W-5', 'W-6']);
    const names = async (query: string) =>
      items(await h.call('GET', `${DEVICES}?q=W-&${query}`, operator)).map(({ identity }) => identity);
    expect(await names('site=odd')).toEqual(['W-1', 'W-3', 'W-5']);
    expect(await names('online=true')).toEqual(['W-1', 'W-2']);
    expect(await names('online=true&site=even&status=Available')).toEqual(['W-2']);
    expect(items(await h.call('GET', DEVICES, { as: 'stranger' }))).toEqual([]);
  });

  it('refuse limits and cursors that are not theirs', async () => {
    const bad = [
      'limit=0',
      'limit=201',
      'limit=x',
      'status=Broken',
      'online=1',
      'cursor=%00',
      'cursor=bm90anNvbg',
      `cursor=${Buffer.from('["history",1]').toString('base64url')}`,
      `cursor=${Buffer.from('["devices","1"]').toString('base64url')}`,
      `cursor=${'x'.repeat(600)}`,
    ];
    for (const query of bad) expect((await h.call('GET', `${DEVICES}?${query}`, operator)).status, query).toBe(400);
  });

  it('give the nearest first', async () => {
    await create({ identity: 'G-far', location: { lat: -8.1, lng: -34.88 } });
    await create({ identity: 'G-near', location: { lat: -8.06, lng: -34.88 } });
    const near = await h.call('GET', `${DEVICES}/nearby?lat=-8.05&lon=-34.88&radius=10000`, operator);
    expect(near.json.next_cursor).toBeNull();
    expect(items(near).map(({ identity }) => identity)).toEqual(['G-near', 'G-far']);
    expect(items(near)[0]?.distance_m).toBeCloseTo(1111.9, 0);
    expect(items(await h.call('GET', `${DEVICES}/nearby?lat=-8.05&lon=-34.88&radius=2000`, operator)).length).toBe(1);
    for (const query of ['lat=1', 'lat=91&lon=0', 'lat=0&lon=x', 'lat=0&lon=0&radius=100001'])
      expect((await h.call('GET', `${DEVICES}/nearby?${query}`, operator)).status, query).toBe(400);
  });

  it('show the OCPP log in order, parsed where it can be', async () => {
    const id = await h.station('M-1');
    const rows = [
      ['in', 'call', 'Heartbeat', '{}', 0],
      ['out', 'result', 'Heartbeat', '{"currentTime":"x"}', 1],
      ['in', 'malformed', '', '[2,"tru', 2],
    ] as const;
    for (const [direction, type, action, payload, seconds] of rows)
      await h.db.query(
        `insert into message_exchange (station_id, at, direction, type, message_id, action, payload)
         values ($1, timestamptz '2026-01-01T00:00:00Z' + $6::int4 * interval '1 s', $2, $3, 'm', $4, $5)`,
        [Number(id), direction, type, action, payload, seconds],
      );
    const path = `${DEVICES}/${id}/messages`;
    const all = await h.call('GET', path, operator);
    expect(items(all)).toEqual([
      {
        at: '2026-01-01T00:00:00.000Z',
        direction: 'in',
        type: 'call',
        message_id: 'm',
        action: 'Heartbeat',
        payload: {},
      },
      expect.objectContaining({ direction: 'out', payload: { currentTime: 'x' } }),
      expect.objectContaining({ type: 'malformed', raw: '[2,"tru' }),
    ]);
    expect(items(all)[2]).not.toHaveProperty('payload');
    const first = await h.call('GET', `${path}?order=desc&limit=1`, operator);
    expect(items(first)[0]?.type).toBe('malformed');
    const second = await h.call('GET', `${path}?order=desc&limit=2&cursor=${first.json.next_cursor}`, operator);
    expect(items(second).map(({ type }) => type)).toEqual(['result', 'call']);
    expect(second.json.next_cursor).toBeNull();
    expect((await h.call('GET', `${path}?order=asc&cursor=${first.json.next_cursor}`, operator)).status).toBe(400);
    expect(items(await h.call('GET', `${path}?action=Heartbeat`, operator)).length).toBe(2);
  });
});

describe('id tokens', () => {
  it('are registered once, listed and changed', async () => {
    const path = '/api/v1/id-tokens';
    const body = { value: 'CARD1', type: 'ISO14443', expires_at: '2030-01-01T00:00:00-03:00' };
    const made = await h.call('POST', path, { ...operator, body });
    expect(made.json).toMatchObject({ value: 'CARD1', status: 'active', expires_at: '2030-01-01T03:00:00.000Z' });
    expect((await h.call('POST', path, { ...operator, body: { value: 'card1' } })).json.code).toBe('id-token-taken');
    expect(fields(await h.call('POST', path, { ...operator, body: { value: 'x'.repeat(37) } }))).toEqual(['value']);
    const change = { status: 'blocked', expires_at: null };
    const changed = await h.call('PATCH', `${path}/${made.json.id}`, { ...operator, body: change });
    expect(changed.json).toMatchObject({ status: 'blocked', expires_at: null, type: 'ISO14443' });
    expect((await h.call('PATCH', `${path}/${made.json.id}`, { as: 'stranger', body: change })).status).toBe(404);
    await h.call('POST', path, { ...operator, body: { value: 'CARD2' } });
    const one = await h.call('GET', `${path}?limit=1`, operator);
    const two = await h.call('GET', `${path}?limit=1&cursor=${one.json.next_cursor}`, operator);
    expect([...items(one), ...items(two)].map(({ value }) => value)).toEqual(['CARD1', 'CARD2']);
    expect(two.json.next_cursor).toBeNull();
  });
});

describe('blocking a device', () => {
  it('ends its session at once: whoever holds it hears a newer claim', async () => {
    const id = await h.station('BLOCK 1');
    const claims: unknown[] = [];
    const subscription = h.bus.subscribe(downSubject(tokenOf('BLOCK 1')), (message) => {
      claims.push(unpackDown(message.data));
    });
    await h.call('PATCH', `/api/v1/devices/${id}`, { as: 'operator', body: { name: 'untouched' } });
    await h.call('PATCH', `/api/v1/devices/${id}`, { as: 'operator', body: { blocked: true } });
    await h.bus.flush();
    expect(claims).toEqual([{ type: 'claim', epoch: 1, edgeId: 'control' }]);
    subscription.unsubscribe();
  });
});
