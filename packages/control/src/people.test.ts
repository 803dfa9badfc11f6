/** Administration of people, keys of machines, and the trail of who changed what. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, type Json, PASSWORD, result, startHarness } from './testing/harness.js';
import { mailOf } from './testing/mailbox.js';

const API = '/api/v1';
let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 1 });
});
afterAll(() => h.close());

const admin = (method: string, path: string, body?: unknown) => h.call(method, `${API}${path}`, { as: 'admin', body });
const login = (email: string, password: string) => h.call('POST', `${API}/auth/login`, { body: { email, password } });
const CHOSEN = 'três pratos de trigo';

describe('people', () => {
  it('are made with a password, or invited to choose one', async () => {
    const olga = { name: 'Olga', email: 'olga@example.test', role: 'operator', password: CHOSEN };
    const made = await admin('POST', '/users', olga);
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      name: 'Olga',
      role: 'operator',
      status: 'active',
      password: true,
      last_login_at: null,
    });
    expect((await login('olga@example.test', CHOSEN)).status).toBe(200);
    expect((await admin('GET', `/users/${made.json.id}`)).json.last_login_at).not.toBeNull();
    const guest = await admin('POST', '/users', { name: 'Guto', email: 'guto@example.test', role: 'user' });
    expect(guest.json.password).toBe(false);
    const [mail] = await mailOf(h, 'guto@example.test');
    expect(mail?.kind).toBe('invitation');
    const reset = { token: mail?.token, password: CHOSEN };
    expect((await h.call('POST', `${API}/auth/password/reset`, { body: reset })).status).toBe(204);
    expect((await login('guto@example.test', CHOSEN)).status).toBe(200);
    const again = await admin('POST', '/users', { ...olga, email: 'OLGA@example.test' });
    expect([again.status, again.json.code, again.json.errors]).toEqual([
      409,
      'email-taken',
      [{ field: 'email', message: 'is taken' }],
    ]);
  });

  it('are listed page by page, and found', async () => {
    const seen: string[] = [];
    let cursor: unknown = null;
    do {
      const page = await admin('GET', `/users?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...(page.json.items as Json[]).map(({ email }) => String(email)));
      cursor = page.json.next_cursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(['admin@example.test', 'olga@example.test', 'guto@example.test']));
    expect(seen).not.toContain('stranger@example.test');
    const found = async (query: string) =>
      ((await admin('GET', `/users?${query}`)).json.items as Json[]).map(({ name }) => name);
    expect(await found('q=GUTO%40')).toEqual(['Guto']);
    expect(await found('q=%25')).toEqual([]);
    expect(await found('role=admin')).toEqual(['admin']);
    expect((await admin('GET', '/users?cursor=AAAA')).status).toBe(400);
    expect((await admin('GET', '/users/nobody')).status).toBe(400);
  });

  it('are blocked, with their sessions, and let in again', async () => {
    const session = (await login('olga@example.test', CHOSEN)).json;
    const [olga] = (await admin('GET', '/users?q=olga')).json.items as Json[];
    expect((await admin('PATCH', `/users/${olga?.id}`, { status: 'blocked' })).json.status).toBe('blocked');
    expect((await login('olga@example.test', CHOSEN)).status).toBe(401);
    const refresh = () => h.call('POST', `${API}/auth/refresh`, { body: { refresh_token: session.refresh_token } });
    expect((await admin('PATCH', `/users/${olga?.id}`, { status: 'active', role: 'user' })).json).toMatchObject({
      status: 'active',
      role: 'user',
    });
    expect((await refresh()).status).toBe(401);
    expect((await login('olga@example.test', CHOSEN)).status).toBe(200);
  });

  it('are never left without an administrator, and nobody takes the right from themselves', async () => {
    const own = await admin('PATCH', `/users/${h.userIds.admin}`, { role: 'user' });
    expect([own.status, own.json.code]).toEqual([409, 'own-account']);
    expect((await admin('PATCH', `/users/${h.userIds.admin}`, { name: 'Chefe' })).json.name).toBe('Chefe');
    const second = { name: 'Beto', email: 'beto@example.test', role: 'admin', password: CHOSEN };
    const { json: beto } = await admin('POST', '/users', second);
    const as = { authorization: `Bearer ${(await login('beto@example.test', CHOSEN)).json.token}` };
    // Each takes it from the other at once: one is too late.
    const both = await Promise.all([
      admin('PATCH', `/users/${beto.id}`, { role: 'operator' }),
      h.call('PATCH', `${API}/users/${h.userIds.admin}`, { headers: as, body: { status: 'inactive' } }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const left = await h.db.query(
      "select id from app_user where tenant_id = 1 and role = 'admin' and status = 'active'",
    );
    expect(left).toHaveLength(1);
    await h.db.query("update app_user set role = 'admin', status = 'active' where id = $1::uuid", [h.userIds.admin]);
  });

  it('who lost their second factor are helped, though not by themselves', async () => {
    await h.db.query(
      `insert into second_factor (user_id, tenant_id, secret_box, confirmed_at)
       select id, tenant_id, 'x'::bytea, now() from app_user where id in ($1::uuid, $2::uuid)`,
      [h.userIds.operator, h.userIds.admin],
    );
    expect((await login('operator@example.test', PASSWORD)).status).toBe(202);
    expect((await admin('DELETE', `/users/${h.userIds.admin}/second-factor`)).json.code).toBe('own-account');
    expect((await admin('DELETE', `/users/${h.userIds.operator}/second-factor`)).status).toBe(204);
    expect((await login('operator@example.test', PASSWORD)).status).toBe(200);
    await h.db.query('delete from second_factor');
  });

  it('leave a trail: who, what, of whom, in the commit that changed it', async () => {
    const { json: made } = await admin('POST', '/users', { name: 'T', email: 't@example.test', role: 'user' });
    await admin('PATCH', `/users/${made.id}`, { role: 'operator', status: 'blocked' });
    // What says nothing new is no line of it.
    for (const same of [{}, { role: 'operator', status: 'blocked' }])
      expect((await admin('PATCH', `/users/${made.id}`, same)).status).toBe(200);
    const { json } = await admin('GET', `/audit-entries?user_id=${made.id}`);
    expect((json.items as Json[]).map(({ action, actor_id, detail }) => [action, actor_id, detail])).toEqual([
      ['user.changed', h.userIds.admin, { role: ['user', 'operator'], status: ['active', 'blocked'] }],
      ['user.created', h.userIds.admin, { role: 'user' }],
    ]);
    const told = await h.db.query<{ payload: Json }>(
      `select payload from outbox where kind = 'account.changed' and payload ->> 'user_id' = $1::text order by id`,
      [String(made.id)],
    );
    expect(told.map(({ payload }) => payload.action)).toEqual(['user.created', 'user.changed']);
    expect((await admin('GET', '/audit-entries?limit=1')).json.next_cursor).not.toBeNull();
  });
});

describe('API keys', () => {
  const make = async (as: 'admin' | 'operator', body: Json) =>
    (await h.call('POST', `${API}/api-keys`, { as, body: { name: 'of tests', ...body } })).json;
  const bearing = (key: unknown) => (method: string, path: string, body?: unknown) =>
    h.call(method, `${API}${path}`, {
      headers: { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body }),
    });

  it('do what their scopes say, and nothing else', async () => {
    const made = await make('operator', { scopes: ['devices:read'] });
    expect(made.key).toMatch(/^sk_[A-Za-z0-9_-]{43}$/);
    expect(String(made.key).startsWith(String(made.hint))).toBe(true);
    const ask = bearing(made.key);
    expect((await ask('GET', '/devices')).status).toBe(200);
    expect((await ask('POST', '/devices', { identity: 'BY-KEY' })).json.code).toBe('forbidden');
    for (const path of ['/me', '/users', '/api-keys', '/transactions/history', '/audit-entries'])
      expect((await ask('GET', path)).status, path).toBe(403);
    // Shown once, and kept as a hash.
    const listed = await h.call('GET', `${API}/api-keys`, { as: 'operator' });
    expect(JSON.stringify(listed.json)).not.toContain(String(made.key));
    expect((listed.json.items as Json[]).find(({ id }) => id === made.id)?.last_used_at).not.toBeNull();
    const rows = await h.db.query<{ hash: Uint8Array }>('select key_hash as hash from api_key');
    for (const { hash } of rows) expect(hash).toHaveLength(32);
    expect(h.log()).not.toContain(String(made.key));
  });

  it('cannot be made to do what people do in person, or more than is known', async () => {
    for (const scope of ['users:manage', 'api-keys:manage', 'account:own', 'everything']) {
      const answer = await h.call('POST', `${API}/api-keys`, { as: 'admin', body: { name: 'x', scopes: [scope] } });
      expect([answer.status, (answer.json.errors as Json[])[0]?.field], scope).toEqual([422, 'scopes.0']);
    }
    expect(
      (await h.call('POST', `${API}/api-keys`, { as: 'user', body: { name: 'x', scopes: ['transactions:own'] } }))
        .status,
    ).toBe(403);
    const past = { name: 'x', scopes: ['devices:read'], expires_at: '2020-01-01T00:00:00Z' };
    expect((await h.call('POST', `${API}/api-keys`, { as: 'admin', body: past })).status).toBe(422);
  });

  it('see what is their own of charging where they may not see the rest', async () => {
    const station = await h.station('KEYS');
    await h.db.query(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, user_id, status,
         started_at, currency, register, tariff)
       values (1, $1::int8, 1, 1, 'ocpp1.6', 'a', $2::uuid, 'completed', now(), 'BRL', '{}', '{}'),
         (1, $1::int8, 1, 1, 'ocpp1.6', 'b', $3::uuid, 'completed', now(), 'BRL', '{}', '{}')`,
      [Number(station), h.userIds.operator, h.userIds.user],
    );
    const names = async (scopes: string[]) => {
      const ask = bearing((await make('operator', { scopes })).key);
      const { json } = await ask('GET', '/transactions/history');
      return (json.items as Json[] | undefined)?.map(({ ocpp_transaction_id: id }) => id).sort();
    };
    expect(await names(['transactions:own'])).toEqual(['a']);
    expect(await names(['transactions:read'])).toEqual(['a', 'b']);
    expect(await names(['devices:read'])).toBeUndefined();
    // Who only reads starts nothing.
    const reader = bearing((await make('operator', { scopes: ['transactions:read', 'devices:read'] })).key);
    expect((await reader('POST', '/transactions/start', { device_id: station, evse_id: 1 })).status).toBe(403);
  });

  it('act as their maker', async () => {
    const id = await h.station('KEYS-CMD');
    const edge = h.edge('KEYS-CMD', () => result({ status: 'Accepted' }));
    const ask = bearing((await make('operator', { scopes: ['devices:command'] })).key);
    expect((await ask('POST', `/devices/${id}/commands/ClearCache`, {})).status).toBe(200);
    edge.stop();
  });

  it('end with their time, with their maker, and when they are revoked', async () => {
    const inAWhile = new Date(Date.now() + 3_600_000).toISOString();
    const made = await make('operator', { scopes: ['devices:read'], expires_at: inAWhile });
    const other = await make('operator', { scopes: ['devices:read'] });
    const admins = await make('admin', { scopes: ['devices:read'] });
    // Asked at another process each time: one that has seen a key believes it for some seconds.
    const fresh = async (key: unknown) => {
      const { ApiKeys } = await import('./auth/api-keys.js');
      return (await new ApiKeys(h.db, h.services.clock).authenticate(`Bearer ${key}`)) !== undefined;
    };
    expect(await fresh(made.key)).toBe(true);
    await h.db.query("update api_key set expires_at = now() - interval '1 s' where id = $1::int8", [Number(made.id)]);
    expect(await fresh(made.key)).toBe(false);
    await h.db.query("update app_user set status = 'blocked' where id = $1::uuid", [h.userIds.operator]);
    expect(await fresh(other.key)).toBe(false);
    await h.db.query("update app_user set status = 'active' where id = $1::uuid", [h.userIds.operator]);
    expect(await fresh(other.key)).toBe(true);
    // An operator has to do with their own keys alone, an administrator with all.
    expect((await h.call('DELETE', `${API}/api-keys/${admins.id}`, { as: 'operator' })).status).toBe(404);
    expect((await h.call('DELETE', `${API}/api-keys/${other.id}`, { as: 'admin' })).status).toBe(204);
    expect((await h.call('DELETE', `${API}/api-keys/${other.id}`, { as: 'operator' })).status).toBe(204);
    expect(await fresh(other.key)).toBe(false);
    for (const wrong of ['sk_', `sk_${'x'.repeat(43)}`, 'sk_ short'])
      expect((await bearing(wrong)('GET', '/devices')).status, wrong).toBe(401);
    const trail = await h.db.query("select id from audit_entry where action = 'api-key.revoked'");
    expect(trail).toHaveLength(1);
  });

  it('lose what their maker loses', async () => {
    const made = await make('operator', { scopes: ['devices:read', 'transactions:own'] });
    await h.db.query("update app_user set role = 'user' where id = $1::uuid", [h.userIds.operator]);
    const ask = bearing(made.key);
    expect((await ask('GET', '/devices')).status).toBe(403);
    expect((await ask('GET', '/transactions/history')).status).toBe(200);
    await h.db.query("update app_user set role = 'operator' where id = $1::uuid", [h.userIds.operator]);
  });
});
