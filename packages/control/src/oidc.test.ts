/** Login by a provider, against a real one: who is let in as whom, and that nobody comes in by what was meant for another. */
import { createMetrics } from '@sigec/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControl } from './app.js';
import type { OidcSettings } from './auth/oidc/provider.js';
import { type Harness, type Json, PASSWORD, startHarness } from './testing/harness.js';
import { type LoginProvider, startLoginProvider } from './testing/login-provider.js';

const API = '/api/v1/auth';
let h: Harness;
let provider: LoginProvider;
beforeAll(async () => {
  provider = await startLoginProvider();
  h = await startHarness({ oidc: provider.settings });
});
afterAll(async () => {
  await h.close();
  await provider.close();
});

interface Begun {
  readonly login: string;
  readonly authorization_url: string;
}
const begin = async () => (await h.call('POST', `${API}/oidc/begin`)).json as unknown as Begun;
const finish = (body: object) => h.call('POST', `${API}/oidc/finish`, { body });
/** The whole way, as somebody whom the provider knows. */
async function enter(who: string) {
  const { login, authorization_url } = await begin();
  return finish({ login, ...(await provider.visit(authorization_url, who)) });
}
const me = async (token: unknown) =>
  (await h.call('GET', '/api/v1/me', { headers: { authorization: `Bearer ${token}` } })).json;

describe('login by a provider', () => {
  it('makes a driver of somebody new, and finds them again by what the provider calls them', async () => {
    provider.people.set('ana', { email: 'ana@example.test', email_verified: true, name: 'Ana Souza' });
    const first = await enter('ana');
    expect(first.status).toBe(200);
    const ana = await me(first.json.token);
    expect(ana).toMatchObject({ name: 'Ana Souza', email: 'ana@example.test', role: 'user', password: false });
    expect(ana.email_verified_at).not.toBeNull();
    // Another address, or none: the same person.
    provider.people.set('ana', { email: 'admin@example.test', email_verified: true });
    expect((await me((await enter('ana')).json.token)).id).toBe(ana.id);
    provider.people.set('ana', {});
    expect((await me((await enter('ana')).json.token)).id).toBe(ana.id);
    // There is no password, so none is right.
    const login = { email: 'ana@example.test', password: PASSWORD };
    expect((await h.call('POST', `${API}/login`, { body: login })).status).toBe(401);
  });

  it('takes the account of an address only where the provider says that it is theirs', async () => {
    for (const email_verified of [false, undefined]) {
      provider.people.set('mallory', {
        email: 'operator@example.test',
        ...(email_verified === undefined ? {} : { email_verified }),
      });
      const answer = await enter('mallory');
      expect([answer.status, answer.json.code]).toEqual([403, 'no-account']);
    }
    provider.people.set('olga', { email: 'Operator@Example.test', email_verified: true });
    expect((await me((await enter('olga')).json.token)).id).toBe(h.userIds.operator);
  });

  it('does not let somebody in who is blocked, and asks for the second factor all the same', async () => {
    provider.people.set('otto', { email: 'stranger@example.test', email_verified: true });
    await h.db.query("update app_user set status = 'blocked' where id = $1::uuid", [h.userIds.stranger]);
    expect((await enter('otto')).json.code).toBe('invalid-credentials');
    await h.db.query("update app_user set status = 'active' where id = $1::uuid", [h.userIds.stranger]);
    await h.db.query(
      `insert into second_factor (user_id, tenant_id, secret_box, confirmed_at) values ($1::uuid, 2, $2::bytea, now())`,
      [h.userIds.stranger, new Uint8Array(60)],
    );
    const asked = await enter('otto');
    expect([asked.status, asked.json.token]).toEqual([202, undefined]);
    expect(asked.json.challenge).toBeTruthy();
  });

  it('empties an account that a stranger made in the name of the address', async () => {
    const body = { email: 'bea@example.test', password: 'a password of strangers' };
    expect((await h.call('POST', `${API}/register`, { body: { name: 'Not Bea', ...body } })).status).toBe(201);
    provider.people.set('bea', { email: 'bea@example.test', email_verified: true, name: 'Bea' });
    const { json } = await enter('bea');
    expect(await me(json.token)).toMatchObject({ email: 'bea@example.test', password: false });
    expect((await h.call('POST', `${API}/login`, { body })).status).toBe(401);
  });

  it('gives nothing for a code of another login, a wrong state, or what was shown before', async () => {
    provider.people.set('cid', { email: 'cid@example.test', email_verified: true });
    const [mine, theirs] = [await begin(), await begin()];
    const back = await provider.visit(theirs.authorization_url, 'cid');
    const refused = async (body: Json) => {
      const answer = await finish(body);
      expect([answer.status, answer.json.code, answer.json.token]).toEqual([401, 'provider-refused', undefined]);
    };
    // Slipped to somebody who began a login of their own: by the state, and where that is made to fit, by PKCE.
    await refused({ login: mine.login, ...back });
    const again = await begin();
    const state = new URL(again.authorization_url).searchParams.get('state');
    await refused({ login: again.login, ...back, state });
    const third = await begin();
    const good = await provider.visit(third.authorization_url, 'cid');
    await refused({ login: third.login, ...good, state: 'x'.repeat(43) });
    // Once, whatever came of it.
    await refused({ login: third.login, ...good });
    await refused({ login: 'unknown', ...good });
    const fourth = await begin();
    const body = { login: fourth.login, ...(await provider.visit(fourth.authorization_url, 'cid')) };
    expect((await finish(body)).status).toBe(200);
    await refused(body);
    const fifth = await begin();
    const other = await provider.visit(fifth.authorization_url, 'cid');
    await refused({ login: fifth.login, ...other, iss: 'https://elsewhere.example' });
  });

  it('asks for what it should', async () => {
    const url = new URL((await begin()).authorization_url);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: provider.settings.redirectUrl,
      scope: 'openid email profile',
    });
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(url.searchParams.get(name)?.length).toBeGreaterThan(40);
    expect(url.toString()).not.toContain('secret');
  });
});

it('says so where the provider does not answer, and where there is none', async () => {
  const asked = async (oidc: OidcSettings | undefined) => {
    const { app } = createControl({ ...h.deps, metrics: createMetrics('oidc'), config: { ...h.deps.config, oidc } });
    return (await (await app.request(`${API}/oidc/begin`, { method: 'POST' })).json()) as Json;
  };
  const silent = { ...provider.settings, issuer: 'http://127.0.0.1:1' };
  expect(await asked(silent)).toMatchObject({ status: 502, code: 'provider-unavailable', temporary: true });
  expect(await asked(undefined)).toMatchObject({ status: 409, code: 'provider-missing' });
});
