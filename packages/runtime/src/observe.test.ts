import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterEach, describe, expect, it } from 'vitest';
import { HealthRegistry } from './health.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics.js';
import { startOpsServer } from './ops-server.js';
import { startTracing, traced } from './tracing.js';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
const never = (): Promise<undefined> => new Promise(() => {});

describe('createLogger', () => {
  it('tells of a failed statement without what it was given', () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ role: 'worker', format: 'json', destination });
    const cause = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (email)=(maria@example.com) already exists.',
    });
    const error = new Error(
      'Failed query: insert into app_user values ($1, $2)\nparams: maria@example.com,$argon2id$v=19',
      {
        cause,
      },
    );
    logger.error({ err: Object.assign(error, { params: ['$argon2id$v=19'] }) }, 'not written');
    logger.fatal({ err: cause }, 'could not start');
    const text = lines.join('');
    expect(text).not.toContain('maria');
    expect(text).not.toContain('argon2id');
    expect(text).toContain('insert into app_user');
    expect(text).toContain('duplicate key');
    expect(text).toContain('23505');
    expect(text).toContain('observe.test');
  });

  for (const format of ['json', 'pretty'] as const) {
    it(`takes secrets out (${format})`, () => {
      let text = '';
      const destination = {
        write: (line: string) => {
          text += line;
        },
      };
      const logger = createLogger({ role: 'edge', format, destination, base: { edgeId: 'e1' } });
      logger.info({ password: 'hunter2', request: { headers: { authorization: 'hunter2' } }, station: 'CP1' }, 'hello');
      logger.error({ err: new Error('cannot reach nats://sigec:hunter2@host:4222') }, 'failed');
      logger.debug('quiet');
      expect(text).toContain('CP1');
      expect(text).toContain('nats://***@host:4222');
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain('quiet');
    });
  }
});

describe('createMetrics', () => {
  it('counts by label, and puts what is over the bound under "other"', async () => {
    const metrics = createMetrics('edge');
    closers.push(() => metrics.close());
    const counter = metrics.counter({ name: 'sigec_frames_total', help: 'Frames.', labels: ['action'], maxSeries: 3 });
    for (const action of ['a', 'b', 'c', 'd', 'a']) counter.with({ action }).inc();
    metrics.gauge({ name: 'sigec_sessions', help: 'Sessions.', collect: () => 7 });
    metrics.histogram({ name: 'sigec_seconds', help: 'Seconds.' }).observe(0.01);
    const text = await metrics.render();
    expect(text).toContain('sigec_frames_total{action="a",role="edge"} 2');
    expect(text).toContain('sigec_frames_total{action="other",role="edge"} 2');
    expect(text).not.toContain('action="d"');
    expect(text).toContain('sigec_sessions{role="edge"} 7');
    expect(text).toContain('sigec_seconds_count{role="edge"} 1');
    expect(text).toContain('process_cpu_seconds_total');
  });
});

describe('HealthRegistry', () => {
  it('is ready only while every check is well, and never waits for one that hangs', async () => {
    const health = new HealthRegistry();
    health.register('bus', () => 'connected');
    expect(await health.ready()).toEqual({ ok: true, checks: { bus: { ok: true, detail: 'connected' } } });
    const remove = health.register('database', never, { timeoutMs: 20 });
    health.register('cache', () => Promise.reject(new TypeError('redis://u:hunter2@h')));
    const report = await health.ready();
    expect(report.ok).toBe(false);
    expect(report.checks.database).toEqual({ ok: false, detail: 'no answer in 20 ms' });
    expect(report.checks.cache).toEqual({ ok: false, detail: 'TypeError' });
    expect(report.checks.bus?.ok).toBe(true);
    remove();
    expect((await health.ready()).checks).not.toHaveProperty('database');
    expect(health.live().ok).toBe(true);
  });
});

describe('startOpsServer', () => {
  it('serves health and metrics, and nothing else', async () => {
    const metrics = createMetrics('worker');
    const health = new HealthRegistry();
    const server = await startOpsServer({ host: '127.0.0.1', port: 0, health, metrics });
    closers.push(() => server.close());
    const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/ready')).status).toBe(200);
    health.drain();
    const ready = await get('/health/ready?x=1');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ ok: false, checks: { process: { ok: false } } });
    expect((await get('/health/live')).status).toBe(200);
    expect(await (await get('/metrics')).text()).toContain('nodejs_version_info');
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', 'POST')).status).toBe(405);
    await expect(startOpsServer({ host: '127.0.0.1', port: server.port, health, metrics })).rejects.toThrow(
      'EADDRINUSE',
    );
  });
});

describe('startTracing', () => {
  it('records what traced() runs, and its failure, only when on', async () => {
    const exporter = new InMemorySpanExporter();
    const off = await startTracing({ role: 'control', enabled: false });
    await traced('unseen', {}, async (span) => expect(span.isRecording()).toBe(false));
    await off.close();
    const processors = [new SimpleSpanProcessor(exporter)];
    const on = await startTracing({ role: 'control', enabled: true, ratio: 1, processors });
    expect(await traced('seen', { 'sigec.messages': 3 }, async () => 7)).toBe(7);
    await expect(traced('failed', {}, () => Promise.reject(new TypeError('secret')))).rejects.toThrow(TypeError);
    const spans = exporter.getFinishedSpans().map(({ name, attributes, status }) => ({ name, attributes, ...status }));
    expect(spans).toMatchObject([
      { name: 'seen', attributes: { 'sigec.messages': 3 } },
      { name: 'failed', message: 'TypeError' },
    ]);
    await on.close();
  });
});
