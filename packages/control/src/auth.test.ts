import { createMetrics } from '@sigec/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControl } from './app.js';
import { ensureAdministrator, openTenant } from './auth/administrator.js';
import { type Harness, type Json, PASSWORD, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

const login = (email: string, password = PASSWORD) =>
  h.call('POST', '/api/v1/auth/login', { body: { email, password } });
const refresh = (refresh_token: unknown) => h.call('POST', '/api/v1/auth/refresh', { body: { refresh_token } });

describe('login', () => {
  it('gives a pair that opens routes, whatever the case of the e-mail', async () => {
    const answer = await login('OPERATOR@example.test');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      token: expect.stringMatching(/^ey/),
      refresh_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const headers = { authorization: `Bearer ${answer.json.token}` };
    expect((await h.call('GET', '/api/v1/devices', { headers })).status).toBe(200);
  });

  it('answers the same to an unknown person, a wrong password and a blocked person', async () => {
    await h.db.query("update app_user set status = 'blocked' where email = 'stranger@example.test'");
    const answers = [
      await login('nobody@example.test'),
      await login('user@example.test', 'wrong'),
      await login('stranger@example.test'),
    ];
    await h.db.query("update app_user set status = 'active' where email = 'stranger@example.test'");
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.json.code).toBe('invalid-credentials');
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
    const [first, ...others] = answers.map(({ json: { request_id: _, ...rest } }) => rest);
    for (const other of others) expect(other).toEqual(first);
  });

  it('stops counting attempts at ten, for this e-mail only', async () => {
    for (let i = 0; i < 10; i++) expect((await login('guess@example.test', `g${i}`)).status).toBe(401);
    const eleventh = await login('guess@example.test', PASSWORD);
    expect(eleventh.status).toBe(429);
    const wait = Number(eleventh.headers.get('retry-after'));
    expect(wait > 600 && wait <= 900).toBe(true);
    expect((await login('admin@example.test')).status).toBe(200);
  });

  it('names the fields that are missing', async () => {
    const answer = await h.call('POST', '/api/v1/auth/login', { body: { email: 'a@b.c' } });
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toEqual([{ field: 'password', message: expect.any(String) }]);
    expect((await h.call('POST', '/api/v1/auth/login', { body: '{"email":' })).json).toMatchObject({
      status: 400,
      code: 'malformed-json',
    });
  });
});

describe('refresh', () => {
  it('rotates, and ends the family when a token comes again', async () => {
    const first = (await login('user@example.test')).json.refresh_token;
    const second = await refresh(first);
    expect(second.status).toBe(200);
    const third = await refresh(second.json.refresh_token);
    expect(third.status).toBe(200);
    expect((await refresh(second.json.refresh_token)).json.code).toBe('invalid-refresh-token');
    expect((await refresh(third.json.refresh_token)).status).toBe(401);
  });

  it('lets one of two at once through at most, and trusts neither afterwards', async () => {
    const token = (await login('user@example.test')).json.refresh_token;
    const both = await Promise.all([refresh(token), refresh(token)]);
    const good = both.filter(({ status }) => status === 200);
    expect(good.length).toBeLessThanOrEqual(1);
    for (const { json } of good) expect((await refresh(json.refresh_token)).status).toBe(401);
  });

  it('uses nothing up where the database is away', async () => {
    const token = (await login('user@example.test')).json.refresh_token;
    const away = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    const db = new Proxy(h.db, {
      get(of, name) {
        if (name === 'orm') throw away;
        const value: unknown = Reflect.get(of, name, of);
        return typeof value === 'function' ? value.bind(of) : value;
      },
    });
    const cut = createControl({ ...h.deps, db, metrics: createMetrics('cut') });
    const body = JSON.stringify({ refresh_token: token });
    const headers = { 'content-type': 'application/json' };
    const failed = await cut.app.request('/api/v1/auth/refresh', { method: 'POST', body, headers });
    expect([failed.status, ((await failed.json()) as Json).temporary]).toEqual([503, true]);
    await cut.stop();
    expect((await refresh(token)).status).toBe(200);
  });

  it('refuses what is no token, and whoever was blocked since', async () => {
    expect((await refresh('nonsense')).status).toBe(401);
    const token = (await login('user@example.test')).json.refresh_token;
    await h.db.query("update app_user set status = 'inactive' where email = 'user@example.test'");
    expect((await refresh(token)).status).toBe(401);
    await h.db.query("update app_user set status = 'active' where email = 'user@example.test'");
    expect((await refresh(token)).status).toBe(401);
  });
});

describe('logout', () => {
  it('ends the session by either token', async () => {
    const one = (await login('user@example.test')).json;
    const headers = { authorization: `Bearer ${one.token}` };
    expect((await h.call('POST', '/api/v1/auth/logout', { headers })).status).toBe(204);
    expect((await refresh(one.refresh_token)).status).toBe(401);
    const two = (await login('user@example.test')).json;
    const body = { refresh_token: two.refresh_token };
    expect((await h.call('POST', '/api/v1/auth/logout', { body })).status).toBe(204);
    expect((await refresh(two.refresh_token)).status).toBe(401);
    expect((await h.call('POST', '/api/v1/auth/logout')).status).toBe(401);
  });
});

describe('another tenant', () => {
  it('is opened with somebody who administers it, and sees nothing of the others', async () => {
    const email = 'rede-sul@example.test';
    // The one of the harness was put there by its number.
    await h.db.query("select setval(pg_get_serial_sequence('tenant', 'id'), 2)");
    const { tenantId, password } = await openTenant(h.db, { name: ' Rede Sul ', email });
    expect(await h.db.query('select name from tenant where id = $1::int4', [tenantId])).toEqual([{ name: 'Rede Sul' }]);
    const { json } = await login(email, password);
    const people = await h.call('GET', '/api/v1/users', { headers: { authorization: `Bearer ${json.token}` } });
    expect((people.json.items as Json[]).map((one) => [one.email, one.role])).toEqual([[email, 'admin']]);
    const before = await h.db.query('select id from tenant');
    await expect(openTenant(h.db, { name: 'Outra', email: 'REDE-SUL@example.test' })).rejects.toThrow(
      /^email: belongs/,
    );
    await expect(openTenant(h.db, { name: ' ', email })).rejects.toThrow(/^name: /);
    await expect(openTenant(h.db, { name: 'Outra', email: 'nobody' })).rejects.toThrow(/^email: must/);
    expect(await h.db.query('select id from tenant')).toEqual(before);
  });
});

describe('first administrator', () => {
  it('is made once, with a password that is told once', async () => {
    expect(await ensureAdministrator(h.db, { email: 'admin@example.test', password: 'another one' })).toEqual({
      created: false,
    });
    expect((await login('admin@example.test')).status).toBe(200);
    await h.db.query("update app_user set role = 'operator' where role = 'admin'");
    await expect(ensureAdministrator(h.db, { email: 'user@example.test' })).rejects.toThrow(/^email: /);
    const made = await ensureAdministrator(h.db, { email: 'First@example.test' });
    expect(made.created).toBe(true);
    expect(made.password?.length).toBeGreaterThanOrEqual(20);
    expect((await login('first@example.test', made.password)).status).toBe(200);
    expect(await ensureAdministrator(h.db, { email: 'first@example.test' })).toEqual({ created: false });
  });

  it('leaves no password and no token in the log', () => {
    expect(h.log()).toContain('/api/v1/auth/login');
    expect(h.log()).not.toContain(PASSWORD);
    expect(h.log()).not.toContain(h.tokens.admin);
  });
});
