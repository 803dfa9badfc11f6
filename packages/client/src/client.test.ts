/** The generated client against the running server, on its port. */
import { createMemoryBus } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import { type ControlServer, ensureAdministrator, startControl } from '@sigec/control';
import { createLogger, createMetrics, HealthRegistry } from '@sigec/runtime';
import type { Database } from '@sigec/store';
import { borrowPglite } from '@sigec/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSigecClient, pages, SigecProblem } from './index.js';

const ADMIN = { email: 'admin@example.test', password: 'a password of tests' };

let db: Database;
let server: ControlServer;
let token: string | undefined;

const client = (more: { language?: 'en'; token?: () => string | undefined } = {}) =>
  createSigecClient({ baseUrl: `http://127.0.0.1:${server.port}`, token: () => token, ...more });

beforeAll(async () => {
  db = await borrowPglite();
  await ensureAdministrator(db, ADMIN);
  server = await startControl({
    config: { jwtSecret: 's'.repeat(40), pepper: 'p'.repeat(20), commandTimeoutMs: 500, offlineGraceMs: 50 },
    ...{ host: '127.0.0.1', port: 0, db, bus: createMemoryBus().connect('control'), cache: createMemoryCache() },
    logger: createLogger({ role: 'control', level: 'error' }),
    metrics: createMetrics('control'),
    health: new HealthRegistry(),
  });
  const { ask, POST } = client();
  const session = await ask(POST('/api/v1/auth/login', { body: ADMIN }));
  if ('challenge' in session) throw new Error('nobody has a second factor here');
  token = session.token;
});
afterAll(async () => {
  await server.close();
  await db.close();
});

describe('the client', () => {
  it('logs in, registers, reads, changes, and lists page by page', async () => {
    const { ask, GET, POST, PATCH } = client();
    const made = [];
    for (let n = 0; n < 5; n++)
      made.push(await ask(POST('/api/v1/devices', { body: { identity: `CLIENT-${n}`, location: { site: 'Pátio' } } })));
    const [first] = made;
    expect(first?.credentials?.username).toBe('CLIENT-0');
    const params = { path: { id: first?.id ?? '' } };
    await ask(PATCH('/api/v1/devices/{id}', { params, body: { name: 'Pátio' } }));
    const device = await ask(GET('/api/v1/devices/{id}', { params }));
    expect([device.identity, device.name, device.online]).toEqual(['CLIENT-0', 'Pátio', false]);
    const all: string[] = [];
    const read = (cursor: string | undefined) =>
      ask(GET('/api/v1/devices', { params: { query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) } } }));
    for await (const { identity } of pages(read)) all.push(identity);
    expect(all).toEqual(made.map(({ identity }) => identity));
  });

  it('throws what the API says, in the language that was asked for', async () => {
    const missing = { params: { path: { id: '999999' } } };
    const failed = async (one: ReturnType<typeof client>) =>
      (await one.ask(one.GET('/api/v1/devices/{id}', missing)).catch((error: unknown) => error)) as SigecProblem;
    const [pt, en] = [await failed(client()), await failed(client({ language: 'en' }))];
    expect(pt).toBeInstanceOf(SigecProblem);
    expect([pt.problem.status, pt.problem.code, pt.temporary]).toEqual([404, 'not-found', false]);
    expect([pt.problem.title, en.problem.title]).toEqual(['Recurso não encontrado', 'Resource not found']);
    const nobody = await failed(client({ token: () => undefined }));
    expect(nobody.problem.code).toBe('unauthorized');
  });

  it('names its requests, so that one that is sent again is done once', async () => {
    const { ask, POST } = client();
    const request = () =>
      POST('/api/v1/devices', { body: { identity: 'TWICE' }, headers: { 'idempotency-key': 'the-same' } });
    const [one, two] = [await ask(request()), await ask(request())];
    expect(two).toEqual(one);
    const other = await client()
      .ask(client().POST('/api/v1/devices', { body: { identity: 'TWICE' } }))
      .catch((error: unknown) => error);
    expect((other as SigecProblem).problem.code).toBe('identity-taken');
  });

  it('tells of an answer that is not the API’s', async () => {
    const html = createSigecClient({
      baseUrl: 'http://127.0.0.1:1',
      fetch: async ({ url }) =>
        Object.defineProperty(new Response('<h1>502</h1>', { status: 502 }), 'url', { value: url }) as Response,
    });
    const error = await html.ask(html.GET('/api/v1/devices')).catch((one: unknown) => one as SigecProblem);
    expect(error).toMatchObject({ temporary: true, problem: { status: 502, instance: '/api/v1/devices' } });
  });
});
