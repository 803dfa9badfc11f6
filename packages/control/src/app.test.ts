import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { OCPP_VERSIONS } from '@sigec/ocpp';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTE_RULES } from './auth/rules.js';
import { commandsOf } from './command/dispatch.js';
import { VERBS } from './command/verbs/index.js';
import type { AppEnv } from './context.js';
import { languageOf, PROBLEMS } from './problem.js';
import { startControl } from './server.js';
import { type Harness, type Json, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

describe('guard', () => {
  it('takes no token of another key, another audience, or another time', async () => {
    const { algorithm, id: kid, key } = await h.services.signingKeys.signer();
    const claims = { role: 'admin', tenant: 1, sid: 'x' };
    const token = (aud: string, exp: string, secret = key, alg: string = algorithm) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg, kid: kid ?? '' })
        .setIssuer('sigec')
        .setAudience(aud)
        .setSubject(h.userIds.admin)
        .setIssuedAt()
        .setExpirationTime(exp)
        .sign(secret);
    const status = async (jwt: string) =>
      (await h.call('GET', '/api/v1/devices', { headers: { authorization: `Bearer ${jwt}` } })).status;
    expect(await status(await token('sigec-api', '5m'))).toBe(200);
    expect(await status(await token('other', '5m'))).toBe(401);
    expect(await status(await token('sigec-api', '-5m'))).toBe(401);
    const { privateKey } = await generateKeyPair('ES256');
    expect(await status(await token('sigec-api', '5m', privateKey))).toBe(401);
    // The secret signs nothing while key pairs do, whatever a token says of itself.
    expect(await status(await token('sigec-api', '5m', new TextEncoder().encode('s'.repeat(40)), 'HS256'))).toBe(401);
    expect(await status('a.b.c')).toBe(401);
  });
});

describe('problems', () => {
  it('are RFC 9457, in the language that is preferred', async () => {
    const pt = await h.call('GET', '/api/v1/nothing');
    expect(pt.status).toBe(404);
    expect(pt.headers.get('content-type')).toBe('application/problem+json');
    expect(pt.json).toMatchObject({
      type: 'urn:sigec:problem:unknown-route',
      title: 'Rota inexistente',
      status: 404,
      instance: '/api/v1/nothing',
    });
    expect(pt.json.request_id).toBe(pt.headers.get('x-request-id'));
    const en = await h.call('GET', '/api/v1/nothing', { headers: { 'accept-language': 'en-GB, pt;q=0.5' } });
    expect(en.json.title).toBe('No such route');
    expect(languageOf('pt-BR,en;q=0.9')).toBe('pt');
    expect(languageOf('de')).toBe('pt');
    expect(languageOf('en;q=oops')).toBe('pt');
  });

  it('have a title in both languages each', () => {
    for (const { pt, en } of Object.values(PROBLEMS)) expect(pt.length * en.length).toBeGreaterThan(0);
  });

  it('tell a wrong method, a body that is too large or not JSON', async () => {
    const wrong = await h.call('DELETE', '/api/v1/devices', { as: 'operator' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    const large = await h.call('POST', '/api/v1/devices', { as: 'operator', body: `{"a":"${'x'.repeat(1_100_000)}"}` });
    expect([large.status, large.json.code]).toEqual([413, 'payload-too-large']);
    const text = await h.call('POST', '/api/v1/devices', {
      as: 'operator',
      body: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(text.status).toBe(415);
  });
});

describe('operations', () => {
  it('serve health, metrics by route pattern, and security headers', async () => {
    expect((await h.call('GET', '/health/live')).json).toEqual({ ok: true, checks: {} });
    const remove = h.deps.health.register('thing', () => {
      throw new Error('away');
    });
    expect((await h.call('GET', '/health/ready')).status).toBe(503);
    remove();
    expect((await h.call('GET', '/health/ready')).status).toBe(200);
    await h.call('GET', '/api/v1/devices/77', { as: 'operator' });
    const text = await (await h.app.request('/metrics')).text();
    expect(text).toMatch(/sigec_http_request_seconds_count\{.*route="\/api\/v1\/devices\/:id",status="404"/);
    const answer = await h.call('GET', '/health/live');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('serve the page from here, under a policy that allows it', async () => {
    const page = await h.app.request('/docs');
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(html).not.toMatch(/https?:\/\//);
    expect(html).not.toMatch(/<script>|<style>/);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(files.length).toBe(4);
    for (const file of files) expect((await h.app.request(file)).status, file).toBe(200);
    for (const name of ['package.json', '..%2fpackage.json', 'toString'])
      expect((await h.app.request(`/docs/${name}`)).status).toBe(404);
  });
});

describe('answers', () => {
  it('all carry the headers that keep them safe, whoever made them', async () => {
    const made = [
      await h.call('GET', '/api/v1/devices', { as: 'operator' }),
      await h.call('HEAD', '/api/v1/devices', { as: 'operator' }),
      await h.call('GET', '/api/v1/devices'),
      await h.call('DELETE', '/api/v1/devices', { as: 'operator' }),
      await h.call('GET', '/nowhere'),
      await h.call('POST', '/api/v1/auth/login', { body: '{' }),
      await h.call('GET', '/health/live'),
      await h.call('GET', '/docs'),
    ];
    const names = ['content-security-policy', 'x-frame-options', 'referrer-policy'];
    for (const [i, { headers }] of made.entries()) {
      for (const name of names) expect(headers.get(name), `${i} ${name}`).toBeTruthy();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(new Set(made.map(({ headers }) => headers.get('x-request-id'))).size).toBe(made.length);
    expect(made[1]?.status).toBe(200);
  });

  it('are dressed also where a route forgets to', async () => {
    const { Hono } = await import('hono');
    const { observe } = await import('./http/observe.js');
    const { createMetrics, systemClock } = await import('@sigec/runtime');
    const app = new Hono<AppEnv>();
    app.use('*', observe(h.deps.logger, createMetrics('dress'), systemClock));
    app.get('/bare', (c) => c.json({}, 200, { 'x-frame-options': 'DENY' }));
    const { headers } = await app.request('/bare');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-request-id')).toBeTruthy();
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

/** All that is looked for in the document, in every place. */
function* nodes(value: unknown): Generator<Json> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Json;
  for (const child of Object.values(value)) yield* nodes(child);
}

describe('openapi.json', () => {
  it('holds every OCPP message and every verb, with schemas of its own', async () => {
    const { paths, components, tags } = (await h.call('GET', '/openapi.json')).json as unknown as {
      paths: Record<string, Record<string, Json>>;
      components: { schemas: Record<string, Json> };
      tags: { name: string }[];
    };
    for (const version of OCPP_VERSIONS)
      for (const action of commandsOf(version)) {
        const operation = paths[`/api/v1/devices/{id}/commands/${action}`]?.post;
        const name = `${version}.${action}Request`;
        expect(JSON.stringify(operation?.requestBody), name).toContain(`"#/components/schemas/${name}"`);
        expect(components.schemas[name]?.type, name).toBe('object');
        expect(components.schemas[`${version}.${action}Response`]?.type, name).toBe('object');
      }
    for (const { name } of VERBS) {
      expect(paths[`/api/v1/devices/{id}/actions/${name}`]?.post, name).toBeDefined();
      expect(components.schemas[`Verb.${name}`]?.type, name).toBe('object');
    }
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    const ids = new Set(operations.map(({ operationId }) => operationId));
    expect(ids.size).toBe(operations.length);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z][\w-]+$/);
    const known = new Set(tags.map((tag) => tag.name));
    for (const operation of operations) expect(operation.responses).toBeDefined();
    expect(known.has('verbs') && known.has('OCPP messages')).toBe(true);
    for (const name of Object.keys(components.schemas)) expect(name).toMatch(/^[\w.-]+$/);
    // Nothing points out of the document, and nothing in it names itself.
    for (const node of nodes({ paths, components })) {
      if (typeof node.$ref === 'string') expect(node.$ref).toMatch(/^#\/components\//);
      expect(typeof node.$id).not.toBe('string');
    }
    const schema = paths['/api/v1/devices/{id}/commands/Reset']?.post?.requestBody;
    expect(JSON.stringify(schema)).toMatch(/ocpp1\.6\.ResetRequest.*|ocpp2\.1\.ResetRequest/);
  });

  it('is a 3.1 document whose references all lead somewhere, with each route in it', async () => {
    const document = (await h.call('GET', '/openapi.json')).json as Json & { paths: Record<string, Json> };
    expect(document.openapi).toBe('3.1.0');
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(refs.length).toBeGreaterThan(30);
    for (const ref of refs) {
      const target = ref.split('/').reduce<unknown>((node, part) => (node as Json | undefined)?.[part], document);
      expect(target, ref).toBeDefined();
    }
    for (const key of Object.keys(ROUTE_RULES)) {
      const [method = '', path = ''] = key.split(' ');
      if (path.startsWith('/docs') || path === '/openapi.json') continue;
      const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()] as Json | undefined;
      expect(operation, key).toBeDefined();
      const secured = operation?.security !== undefined;
      if (path !== '/api/v1/auth/logout') expect(secured, key).toBe(ROUTE_RULES[key] !== 'public');
      const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
      const declared = (operation?.parameters as Json[] | undefined) ?? [];
      for (const name of names)
        expect(
          declared.some((p) => p.name === name && p.in === 'path' && p.required === true),
          key,
        ).toBe(true);
    }
    const command = document.paths['/api/v1/devices/{id}/commands/{action}']?.post as Json;
    expect(JSON.stringify(command.parameters)).toContain('RequestStartTransaction');
    expect(JSON.stringify(command.parameters)).not.toContain('BootNotification');
  });
});

describe('server', () => {
  it('listens, says whether it is ready, and closes', async () => {
    const { createMetrics } = await import('@sigec/runtime');
    const deps = { ...h.deps, metrics: createMetrics('server') };
    const server = await startControl({ ...deps, host: '127.0.0.1', port: 0 });
    const base = `http://127.0.0.1:${server.port}`;
    const ready = await fetch(`${base}/health/ready`);
    expect(await ready.json()).toMatchObject({ ok: true, checks: { database: { ok: true }, bus: { ok: true } } });
    const login = await fetch(`${base}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'a@b', password: 'x' }),
    });
    expect(login.status).toBe(401);
    // Through a socket: what a client library sends where there is nothing to send.
    const empty = (path: string, headers: Record<string, string>) =>
      fetch(`${base}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
    expect((await empty('/api/v1/auth/login', {})).status).toBe(422);
    // And what `curl -X POST` sends: neither a length nor a coding.
    const bare = connect(server.port, '127.0.0.1');
    bare.end(
      'POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n',
    );
    expect(await text(bare)).toMatch(/^HTTP\/1\.1 422 /);
    const bearer = { authorization: `Bearer ${h.tokens.operator}` };
    // The length is told: nothing is read of it; or it is not, and what is read is counted.
    const large = '"'.padEnd(1_100_000, 'x');
    const post = (body: string | ReadableStream) =>
      fetch(`${base}/api/v1/devices`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer },
        body,
        duplex: 'half',
      });
    expect((await post(large)).status).toBe(413);
    expect((await post(new Blob([large]).stream())).status).toBe(413);
    expect((await post(JSON.stringify({ identity: 'SOCKET 1' }))).status).toBe(201);
    expect((await post(new Blob([JSON.stringify({ identity: 'SOCKET 2' })]).stream())).status).toBe(201);
    expect((await empty('/api/v1/auth/logout', bearer)).status).toBe(204);
    await expect(
      startControl({ ...deps, metrics: createMetrics('x'), host: '127.0.0.1', port: server.port }),
    ).rejects.toThrow();
    // A request that waits for its charger does not hold the close up: it answers with what there is.
    const stationId = await h.station('CLOSING');
    const edge = h.edge('CLOSING', () => ({ status: 'result', payload: '{"status":"Accepted"}' }));
    const waiting = fetch(`${base}/api/v1/transactions/start?timeout=120`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer },
      body: JSON.stringify({ device_id: stationId, evse_id: 1 }),
    });
    while (edge.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([server.close(), server.close()]);
    expect((await waiting).status).toBe(202);
    edge.stop();
    await expect(fetch(base)).rejects.toThrow();
    expect((await h.deps.health.ready()).checks).toEqual({});
  });
});
