/** The limits, the headers and the origins as a client sees them. */
import { createMetrics } from '@sigec/runtime';
import type { UserRole } from '@sigec/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControl } from '../app.js';
import type { ControlConfig } from '../context.js';
import { startControl } from '../server.js';
import { type Harness, type Json, PASSWORD, startHarness } from '../testing/harness.js';
import { VISITS } from './visitor-limit.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

const configured = (config: Partial<ControlConfig>) => ({
  ...h.deps,
  metrics: createMetrics('guard'),
  config: { ...h.deps.config, ...config },
});

/** An application of another configuration over the same database. */
function application(config: Partial<ControlConfig> = {}) {
  const { app } = createControl(configured(config));
  return (method: string, path: string, as?: UserRole, headers: Record<string, string> = {}, body?: object) =>
    app.request(path, {
      method,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${h.tokens[as]}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

const DEVICES = '/api/v1/devices';
const PAGE = 'https://app.example.com';

describe('limits', () => {
  it('a person is refused with 429, told when to come again, and another person is not', async () => {
    const ask = application({ rateLimit: 3 });
    const first = await ask('GET', DEVICES, 'operator');
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-limit')).toBe('3');
    expect(first.headers.get('ratelimit-remaining')).toBe('2');
    await ask('GET', DEVICES, 'operator');
    await ask('GET', DEVICES, 'operator');
    const fourth = await ask('GET', DEVICES, 'operator');
    expect([fourth.status, fourth.headers.get('content-type')]).toEqual([429, 'application/problem+json']);
    expect(Number(fourth.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fourth.json()) as Json).toMatchObject({ code: 'too-many-requests', temporary: true });
    expect((await ask('GET', DEVICES, 'admin')).status).toBe(200);
    // What is public is not counted.
    expect((await ask('GET', '/health/live', 'operator')).headers.get('ratelimit-limit')).toBeNull();
    expect((await ask('GET', DEVICES)).status).toBe(401);
  });

  it('guesses from one address keep nobody out at another', async () => {
    const deps = configured({ trustedProxies: ['127.0.0.1'] });
    const server = await startControl({ ...deps, host: '127.0.0.1', port: 0 });
    const login = (from: string, password: string) =>
      fetch(`http://127.0.0.1:${server.port}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
        body: JSON.stringify({ email: 'operator@example.test', password }),
      });
    for (let i = 0; i < 10; i++) expect((await login('203.0.113.5', `guess ${i}`)).status).toBe(401);
    const refused = await login('203.0.113.5', PASSWORD);
    expect([refused.status, refused.headers.get('ratelimit-remaining')]).toEqual([429, '0']);
    expect((await login('9.9.9.9, 203.0.113.5', PASSWORD)).status).toBe(429);
    const good = await login('198.51.100.7', PASSWORD);
    expect([good.status, good.headers.get('ratelimit-limit')]).toEqual([200, '10']);
    await server.close();
  });

  it('codes of stations are looked up so often from one network, those that are none too', async () => {
    const server = await startControl({ ...configured({ trustedProxies: ['127.0.0.1'] }), host: '127.0.0.1', port: 0 });
    const look = (from: string) =>
      fetch(`http://127.0.0.1:${server.port}/api/v1/connect/ABCDEFGHJK`, { headers: { 'x-forwarded-for': from } });
    for (let i = 1; i <= VISITS; i++) {
      const answer = await look(`2001:db8:0:7::${i}`);
      expect([answer.status, answer.headers.get('ratelimit-remaining')]).toEqual([404, String(VISITS - i)]);
    }
    const refused = await look('2001:db8:0:7::1');
    expect([refused.status, ((await refused.json()) as Json).code]).toEqual([429, 'too-many-requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await look('2001:db8:0:8::1')).status).toBe(404);
    await server.close();
  });

  it('without the cache nobody logs in, and no password is looked at; who is in goes on', async () => {
    const ask = application({ rateLimit: 3 });
    const cache = h.deps.cache as unknown as { disconnect(): void; reconnect(): void };
    cache.disconnect();
    for (const password of [PASSWORD, 'wrong']) {
      const body = { email: 'operator@example.test', password };
      const answer = await ask('POST', '/api/v1/auth/login', undefined, {}, body);
      expect([answer.status, ((await answer.json()) as Json).code]).toEqual([503, 'cache-unavailable']);
    }
    for (let i = 0; i < 10; i++) expect((await ask('GET', DEVICES, 'operator')).status).toBe(200);
    expect((await ask('GET', '/api/v1/connect/ABCDEFGHJK')).status).toBe(404);
    cache.reconnect();
  });
});

describe('headers', () => {
  it('tell browsers to come by https only where that is how they come', async () => {
    const hsts = async (config: Partial<ControlConfig>) =>
      (await application(config)('GET', '/health/live')).headers.get('strict-transport-security');
    expect(await hsts({ publicUrl: 'https://sigec.example.com' })).toContain('max-age=');
    expect(await hsts({ publicUrl: 'http://sigec.example.com' })).toBeNull();
    expect(await hsts({})).toBeNull();
  });

  it('let pages of named origins read, and no others', async () => {
    const ask = application({ corsOrigins: [PAGE] });
    const good = await ask('GET', DEVICES, 'operator', { origin: PAGE });
    expect(good.status).toBe(200);
    expect(good.headers.get('access-control-allow-origin')).toBe(PAGE);
    const shown = good.headers.get('access-control-expose-headers')?.split(',');
    expect(shown).toEqual(expect.arrayContaining(['x-request-id', 'etag', 'content-disposition']));
    expect(good.headers.get('access-control-allow-credentials')).toBeNull();
    expect(good.headers.get('x-content-type-options')).toBe('nosniff');
    expect(good.headers.get('content-type')).toBe('application/json');
    const evil = await ask('GET', DEVICES, 'operator', { origin: 'https://evil.example.com' });
    expect(evil.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await ask('OPTIONS', DEVICES, undefined, {
      origin: PAGE,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization',
    });
    expect(preflight.status).toBe(204);
    // All that routes take, also that a stream goes on where it was.
    const taken = ['accept-language', 'authorization', 'content-type', 'idempotency-key', 'if-match', 'last-event-id'];
    expect(preflight.headers.get('access-control-allow-headers')?.split(',').sort()).toEqual(taken);
    expect(preflight.headers.get('x-content-type-options')).toBe('nosniff');
    // A refusal can be read by the page as well.
    const refused = await ask('GET', DEVICES, undefined, { origin: PAGE });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, PAGE]);
  });

  it('let no other origin read where none is named, and do not say what serves', async () => {
    const ask = application();
    const answer = await ask('GET', '/health/live', undefined, { origin: PAGE });
    for (const name of ['access-control-allow-origin', 'server', 'x-powered-by'])
      expect(answer.headers.get(name), name).toBeNull();
    expect((await ask('OPTIONS', DEVICES, undefined, { origin: PAGE })).status).toBe(405);
  });
});
