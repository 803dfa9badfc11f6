/** Grants from the administrator's hand to what they open: given, used, changed, ended. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Harness, type Json, PASSWORD, result, startHarness } from './testing/harness.js';

const API = '/api/v1';
let h: Harness;
let [center, harbour, port]: string[] = [];
/** At the first site; at the second; at the second, and in the group. */
let [here, there, crane]: string[] = [];

type Who = 'admin' | 'operator' | 'user' | 'stranger';
const ask = (as: Who, method: string, path: string, body?: unknown) => h.call(method, `${API}${path}`, { as, body });
const made = async (path: string, body: object) => String((await ask('operator', 'POST', path, body)).json.id);

beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 1, commandTimeoutMs: 2000 });
  [center, harbour] = [await made('/sites', { name: 'Centro' }), await made('/sites', { name: 'Cais' })];
  port = await made('/groups', { name: 'Porto' });
  [here, there, crane] = [await h.station('HERE'), await h.station('THERE'), await h.station('CRANE')];
  for (const [id, site_id] of [
    [here, center],
    [there, harbour],
    [crane, harbour],
  ])
    await ask('operator', 'PATCH', `/devices/${id}`, { site_id });
  await ask('operator', 'POST', `/groups/${port}/devices`, { device_ids: [crane] });
});
afterAll(() => h.close());

let count = 0;
/** A driver, and how they ask with the token of a login. */
async function person() {
  const email = `granted-${++count}@example.test`;
  const body = { name: 'Lia', email, role: 'user', password: PASSWORD };
  const id = String((await ask('admin', 'POST', '/users', body)).json.id);
  const login = async () => {
    const { json } = await h.call('POST', `${API}/auth/login`, { body: { email, password: PASSWORD } });
    return `Bearer ${json.token}`;
  };
  let authorization = await login();
  return {
    id,
    /** Logs in anew, as whatever they are by now. */
    async renew() {
      authorization = await login();
    },
    call: (method: string, path: string, given?: unknown, headers: Record<string, string> = {}) =>
      h.call(method, `${API}${path}`, { body: given, headers: { ...headers, authorization } }),
  };
}

const give = (user_id: string, set: string, place: object) =>
  ask('admin', 'POST', '/grants', { user_id, set, ...place });
/** Somebody with grants. */
async function granted(set: string, ...places: object[]) {
  const one = await person();
  for (const place of places) expect((await give(one.id, set, place)).status).toBe(201);
  return one;
}
const identities = ({ json }: { json: Json }) => (json.items as Json[]).map(({ identity }) => identity);

async function charging(stationId: string | undefined, userId: string | null): Promise<string> {
  const [row] = await h.db.query<{ id: number }>(
    `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, user_id, status,
       started_at, currency, register, tariff)
     values (1, $1::int8, 1, 1, 'ocpp1.6', $2::text, $3::text::uuid, 'charging', now(), 'BRL', '{}',
       '{"currency":"BRL","perKwhMinor":75}') returning id`,
    [Number(stationId), String(++count), userId],
  );
  return String(row?.id);
}

it('are given at a place, shown, and written down', async () => {
  const lia = await person();
  const first = await give(lia.id, 'viewer', { site_id: center });
  expect(first.json).toEqual({
    ...{ id: expect.any(String), user_id: lia.id, set: 'viewer', site: { id: center, name: 'Centro' }, group: null },
    ...{ created_at: expect.any(String), updated_at: expect.any(String) },
  });
  const second = await give(lia.id, 'attendant', { group_id: port });
  expect(second.json).toMatchObject({ site: null, group: { id: port, name: 'Porto' } });
  const again = await give(lia.id, 'manager', { site_id: center });
  expect([again.status, again.json.code]).toEqual([409, 'grant-taken']);
  const mine = (await lia.call('GET', '/me')).json.grants;
  expect(mine).toEqual([first.json, second.json]);
  const list = async (query: string) =>
    ((await ask('admin', 'GET', `/grants?${query}`)).json.items as Json[]).map(({ id }) => id);
  expect(await list(`user_id=${lia.id}`)).toEqual([first.json.id, second.json.id]);
  expect(await list(`user_id=${lia.id}&site_id=${center}`)).toEqual([first.json.id]);
  expect(await list(`user_id=${lia.id}&group_id=${port}`)).toEqual([second.json.id]);
  const page = await ask('admin', 'GET', `/grants?user_id=${lia.id}&limit=1`);
  expect(await list(`user_id=${lia.id}&cursor=${page.json.next_cursor}`)).toEqual([second.json.id]);

  const changed = await ask('admin', 'PATCH', `/grants/${first.json.id}`, { set: 'manager' });
  expect(changed.json).toMatchObject({ id: first.json.id, set: 'manager' });
  expect((await ask('admin', 'DELETE', `/grants/${first.json.id}`)).status).toBe(204);
  expect((await ask('admin', 'DELETE', `/grants/${first.json.id}`)).status).toBe(404);
  expect((await ask('admin', 'PATCH', `/grants/${first.json.id}`, { set: 'viewer' })).status).toBe(404);
  const trail = (await ask('admin', 'GET', `/audit-entries?user_id=${lia.id}`)).json.items as Json[];
  const of = { grant_id: first.json.id, site_id: center };
  expect(trail.map(({ action, detail }) => [action, detail]).slice(0, 4)).toEqual([
    ['grant.ended', { ...of, set: 'manager' }],
    ['grant.changed', { ...of, set: ['viewer', 'manager'] }],
    ['grant.created', { grant_id: second.json.id, group_id: port, set: 'attendant' }],
    ['grant.created', { ...of, set: 'viewer' }],
  ]);
  expect(trail[0]?.actor_id).toBe(h.userIds.admin);
});

it('name what they are about: another tenant’s, and what is not there, is refused by its field', async () => {
  const { id } = await person();
  const field = async (user: string, place: object, set = 'viewer') => {
    const answer = await give(user, set, place);
    return [answer.status, (answer.json.errors as Json[])[0]?.field];
  };
  const [row] = await h.db.query<{ id: number }>("insert into site (tenant_id, name) values (2, 'x') returning id");
  expect(await field(h.userIds.stranger, { site_id: center })).toEqual([422, 'user_id']);
  expect(await field(id, { site_id: String(row?.id) })).toEqual([422, 'site_id']);
  expect(await field(id, { group_id: '999999' })).toEqual([422, 'group_id']);
  expect(await field(id, {})).toEqual([422, 'site_id']);
  expect(await field(id, { site_id: center, group_id: port })).toEqual([422, 'site_id']);
  expect(await field(id, { site_id: center }, 'toString')).toEqual([422, 'set']);
});

it('are no more than two hundred of a person', async () => {
  const { id } = await person();
  await h.db.query(
    `with made as (insert into station_group (tenant_id, name) select 1, 'many ' || n from generate_series(1, 200) n returning id)
     insert into station_grant (tenant_id, user_id, group_id, permission_set) select 1, $1::uuid, id, 'viewer' from made`,
    [id],
  );
  const answer = await give(id, 'viewer', { site_id: center });
  expect([answer.status, answer.json.code]).toEqual([409, 'too-many-grants']);
  await h.db.query("delete from station_group where name like 'many %'");
});

it('hold from the next request on, the first too', async () => {
  const lia = await person();
  const look = async () => [
    (await lia.call('GET', '/devices')).status,
    (await lia.call('GET', `/devices/${here}/effective-tariff`)).status,
  ];
  expect(await look()).toEqual([403, 404]);
  const { json } = await give(lia.id, 'viewer', { site_id: center });
  expect(await look()).toEqual([200, 200]);
  expect(identities(await lia.call('GET', '/devices'))).toEqual(['HERE']);
  await ask('admin', 'DELETE', `/grants/${json.id}`);
  expect(await look()).toEqual([403, 404]);
});

it('are looked up for drivers alone: staff have all that is in them, and keys nothing of them', async () => {
  const seen = vi.spyOn(h.db, 'query');
  const lookUps = () => seen.mock.calls.filter(([text]) => text.includes('from station_grant')).length;
  for (const as of ['admin', 'operator'] as const)
    for (const path of ['/devices', '/transactions/history', `/devices/${here}/effective-tariff`])
      expect((await ask(as, 'GET', path)).status).toBe(200);
  expect(lookUps()).toBe(0);
  expect((await ask('user', 'GET', '/transactions/history')).status).toBe(200);
  expect(lookUps()).toBe(1);
  seen.mockRestore();
});

it('lead to the stations of a site, of a group, and of both', async () => {
  expect(identities(await (await granted('viewer', { group_id: port })).call('GET', '/devices'))).toEqual(['CRANE']);
  const both = await granted('viewer', { group_id: port }, { site_id: center });
  expect(identities(await both.call('GET', '/devices'))).toEqual(['HERE', 'CRANE']);
  expect((await both.call('GET', `/devices/${there}`)).status).toBe(404);
  expect((await both.call('GET', `/devices/${crane}`)).json).toMatchObject({ identity: 'CRANE' });
  // A group shows where its stations stand, and nothing else that stands there.
  const { items } = (await both.call('GET', '/sites')).json as { items: Json[] };
  expect(items.map(({ name, devices }) => [name, devices])).toEqual([
    ['Centro', 1],
    ['Cais', 1],
  ]);
});

it('hold each at its own place', async () => {
  const lia = await granted('viewer', { site_id: center });
  await give(lia.id, 'manager', { site_id: harbour });
  expect((await lia.call('PATCH', `/devices/${here}`, { name: 'x' })).status).toBe(404);
  expect((await lia.call('PATCH', `/devices/${there}`, { name: 'Cais 1' })).status).toBe(200);
  expect((await lia.call('GET', `/devices/${here}/messages`)).status).toBe(404);
  expect(identities(await lia.call('GET', '/devices'))).toEqual(['HERE', 'THERE', 'CRANE']);
});

it('take no station out of their reach, and make no places', async () => {
  const lia = await granted('manager', { site_id: center });
  const patch = (body: object) => lia.call('PATCH', `/devices/${here}`, body);
  for (const body of [{ site_id: null }, { location: { site: 'Novo' } }, { location: { site: 'Cais' } }]) {
    const answer = await patch(body);
    expect([answer.status, answer.json.code], JSON.stringify(body)).toEqual([403, 'forbidden']);
  }
  const elsewhere = await patch({ site_id: harbour });
  expect([elsewhere.status, (elsewhere.json.errors as Json[])[0]?.field]).toEqual([422, 'site_id']);
  expect((await patch({ location: { site: 'Centro' }, name: 'Centro 1' })).status).toBe(200);
  expect((await ask('operator', 'GET', `/devices/${here}`)).json).toMatchObject({ site_id: center, name: 'Centro 1' });
  const fresh = await lia.call('POST', '/devices', { identity: 'FRESH', site_id: center });
  expect(fresh.status).toBe(201);
  expect((await lia.call('POST', '/devices', { identity: 'NOWHERE' })).status).toBe(403);
  expect((await lia.call('DELETE', `/devices/${fresh.json.id}`)).status).toBe(200);
  expect((await lia.call('DELETE', `/devices/${there}`)).status).toBe(404);
});

it('let commands through, and what comes of them, once', async () => {
  const lia = await granted('attendant', { site_id: center });
  const edge = h.edge('HERE', () => result({ status: 'Accepted' }));
  const path = `/devices/${here}/commands/Reset`;
  const key = { 'idempotency-key': `grant-${++count}` };
  const sent = [
    await lia.call('POST', path, { type: 'Soft' }, key),
    await lia.call('POST', path, { type: 'Soft' }, key),
  ];
  expect(sent.map(({ status }) => status)).toEqual([200, 200]);
  expect(edge.sent).toHaveLength(1);
  expect((await lia.call('POST', `/devices/${there}/commands/Reset`, { type: 'Soft' })).status).toBe(404);
  const reserved = await lia.call('POST', `/devices/${here}/reservations`, {
    ...{ id_token: 'CARD', expires_at: new Date(Date.now() + 3_600_000).toISOString() },
  });
  expect(reserved.status).toBe(201);
  edge.stop();
  const batch = await lia.call('POST', '/command-batches', { action: 'ClearCache', filter: {} });
  expect([batch.status, batch.json.total]).toEqual([202, 1]);
  expect((await ask('operator', 'GET', `/command-batches/${batch.json.id}`)).json.total).toBe(1);
  const none = await lia.call('POST', '/command-batches', { action: 'ClearCache', filter: { device_ids: [there] } });
  expect(none.status).toBe(422);
});

it('let alarms be dealt with there', async () => {
  const [viewer, attendant] = [
    await granted('viewer', { site_id: center }),
    await granted('attendant', { site_id: center }),
  ];
  const alarm = async (stationId: string | undefined) => {
    const [row] = await h.db.query<{ id: number }>(
      `insert into alarm (tenant_id, station_id, kind, subject, severity, state, first_seen, last_seen, raised_at)
       values (1, $1::int8, 'offline', 'station', 'warning', 'open', now(), now(), now()) returning id`,
      [Number(stationId)],
    );
    return String(row?.id);
  };
  const [near, far] = [await alarm(here), await alarm(there)];
  expect(((await viewer.call('GET', '/alarms')).json.items as Json[]).map(({ id }) => id)).toEqual([near]);
  const acknowledge = (one: typeof viewer, id: string) =>
    one.call('POST', `/alarms/${id}/acknowledge`, { comment: 'vi' });
  expect((await acknowledge(viewer, near)).status).toBe(403);
  expect((await acknowledge(attendant, far)).status).toBe(404);
  expect((await acknowledge(attendant, near)).status).toBe(200);
  const { json } = await ask('operator', 'GET', `/alarms/${near}`);
  expect(json).toMatchObject({ state: 'acknowledged' });
  expect(JSON.stringify(json)).toContain(attendant.id);
});

it('start charging for others there, with a token that is known', async () => {
  const lia = await granted('attendant', { site_id: center });
  await ask('operator', 'POST', '/id-tokens', { value: 'KNOWN' });
  const start = (device_id: string | undefined, id_token: string) =>
    lia.call('POST', '/transactions/start?timeout=1', { device_id, evse_id: 1, id_token });
  const edges = ['HERE', 'THERE'].map((identity) => h.edge(identity, () => result({ status: 'Accepted' })));
  expect((await start(here, 'KNOWN')).status).toBe(202);
  expect((await start(here, 'UNKNOWN')).status).toBe(403);
  // Elsewhere they are a driver like others, with cards of their own, where drivers are shown anything.
  expect((await start(there, 'KNOWN')).status).toBe(404);
  await ask('operator', 'PATCH', `/devices/${there}`, { published: true });
  expect((await start(there, 'KNOWN')).status).toBe(403);
  await lia.call('POST', '/me/id-tokens', { value: 'LIAS' });
  expect((await start(there, 'LIAS')).status).toBe(202);
  await ask('operator', 'PATCH', `/devices/${there}`, { published: false });
  const verb = (id_token: string, query = '') =>
    lia.call('POST', `/devices/${here}/actions/start${query}`, { evse_id: 1, id_token });
  expect((await verb('KNOWN')).status).toBe(200);
  expect((await verb('UNKNOWN')).status).toBe(403);
  for (const edge of edges) edge.stop();
  // What waits would go out in the name of the network.
  await h.db.query('update station set ocpp_version = null where id = $1::int8', [Number(here)]);
  expect((await verb('UNKNOWN', '?queue=60')).status).toBe(422);
  const many = { verb: 'start', payload: { evse_id: 1, id_token: 'UNKNOWN' }, filter: {} };
  expect((await lia.call('POST', '/command-batches', many)).status).toBe(422);
  await h.db.query("update station set ocpp_version = 'ocpp1.6' where id = $1::int8", [Number(here)]);
  expect(await h.db.query("select 1 from id_token where value = 'UNKNOWN'")).toEqual([]);
});

it('show and end the charging of others there, beside one’s own anywhere', async () => {
  const [viewer, attendant] = [
    await granted('viewer', { site_id: center }),
    await granted('attendant', { site_id: center }),
  ];
  const theirs = await charging(here, h.userIds.user);
  const far = await charging(there, h.userIds.user);
  const own = await charging(there, attendant.id);
  const active = async (one: typeof viewer) =>
    ((await one.call('GET', '/transactions/active')).json.items as Json[]).map(({ id }) => id);
  expect(await active(viewer)).toEqual([theirs]);
  expect(await active(attendant)).toEqual([own, theirs]);
  expect((await attendant.call('GET', `/transactions/${far}`)).status).toBe(404);
  const edges = ['HERE', 'THERE'].map((identity) => h.edge(identity, () => result({ status: 'Accepted' })));
  const stop = async (one: typeof viewer, id: string) =>
    (await one.call('POST', `/transactions/${id}/stop?timeout=1`)).status;
  // To see is not to end.
  expect([await stop(viewer, theirs), await stop(attendant, theirs)]).toEqual([404, 202]);
  expect([await stop(attendant, own), await stop(attendant, far)]).toEqual([202, 404]);
  for (const edge of edges) edge.stop();
  await h.db.query('update transaction set ended_at = now() where ended_at is null');
  expect((await viewer.call('GET', `/transactions/${theirs}/receipt`)).status).toBe(200);
  expect((await viewer.call('GET', `/transactions/${far}/receipt`)).status).toBe(404);
});

it('reach nothing that holds for the whole network', async () => {
  const lia = await granted('manager', { site_id: center }, { group_id: port });
  const calls: [string, string, unknown?][] = [
    ['PUT', '/settings', { items: [] }],
    ['PUT', '/alarm-rules', { items: [] }],
    ['PATCH', `/sites/${center}`, { name: 'x' }],
    ['POST', `/groups/${port}/devices`, { device_ids: [there] }],
    ['GET', '/users'],
    ['GET', '/grants'],
    ['GET', '/id-tokens'],
    ['GET', '/webhooks'],
    ['POST', '/api-keys', { name: 'x', scopes: ['devices:read'] }],
  ];
  for (const [method, path, body] of calls)
    expect((await lia.call(method, path, body)).status, `${method} ${path}`).toBe(403);
});

it('give nothing to keys of machines', async () => {
  const lia = await granted('manager', { site_id: center });
  const role = (name: string) => h.db.query('update app_user set role = $2 where id = $1::uuid', [lia.id, name]);
  await role('operator');
  await lia.renew();
  const { json } = await lia.call('POST', '/api-keys', { name: 'k', scopes: ['devices:read', 'transactions:own'] });
  await role('user');
  await lia.renew();
  const theirs = await charging(here, null);
  const headers = { authorization: `Bearer ${json.key}` };
  expect((await h.call('GET', `${API}/devices`, { headers })).status).toBe(403);
  expect((await h.call('GET', `${API}/transactions/active`, { headers })).json.items).toEqual([]);
  expect((await lia.call('GET', '/transactions/active')).json.items).toMatchObject([{ id: theirs }]);
  await h.db.query('update transaction set ended_at = now() where ended_at is null');
});

it('end with their place, and with the person', async () => {
  const site = await made('/sites', { name: 'Breve' });
  const group = await made('/groups', { name: 'Breve' });
  const lia = await granted('viewer', { site_id: site }, { group_id: group }, { site_id: center });
  const ended = async () => {
    const { items } = (await ask('admin', 'GET', `/audit-entries?user_id=${lia.id}`)).json as { items: Json[] };
    return items.filter(({ action }) => action === 'grant.ended').length;
  };
  const held = async () => ((await lia.call('GET', '/me')).json.grants as Json[]).length;
  expect((await ask('operator', 'DELETE', `/sites/${site}`)).status).toBe(204);
  expect([await held(), await ended()]).toEqual([2, 1]);
  expect((await ask('operator', 'DELETE', `/groups/${group}`)).status).toBe(204);
  expect([await held(), await ended()]).toEqual([1, 2]);
  // A site that stays keeps them.
  expect((await ask('operator', 'DELETE', `/sites/${center}`)).status).toBe(409);
  expect(await held()).toBe(1);
  expect((await ask('operator', 'POST', `/users/${lia.id}/erasure`)).status).toBe(204);
  expect(await h.db.query('select 1 from station_grant where user_id = $1::uuid', [lia.id])).toEqual([]);
  expect((await lia.call('GET', '/devices')).status).toBe(403);
  expect((await give(lia.id, 'viewer', { site_id: center })).status).toBe(422);
});

it('shows what charging costs at stations that are not published, where it leads', async () => {
  const price = (id: string | undefined) => `/devices/${id}/effective-tariff`;
  const [one, nobody] = [await granted('viewer', { site_id: center }), await person()];
  expect((await one.call('GET', price(here))).status).toBe(200);
  expect((await one.call('GET', price(there))).status).toBe(404);
  expect((await nobody.call('GET', price(here))).status).toBe(404);
});
