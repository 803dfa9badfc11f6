/** Health that tells the truth, metrics of every role, and processes that end as they are asked to. */
import { describe, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import type { Cluster } from '../support/cluster.js';
import { ask, healthOf } from '../support/http.js';
import { endpoint, register, type System } from '../support/system.js';
import { eventually } from '../support/wait.js';

export function metricsSuite(get: () => System): void {
  it('every process answers with metrics in the text that Prometheus reads', async () => {
    for (const url of Object.values(get().operations)) {
      const { status, type, text } = await ask(`${url}/metrics`);
      expect(status).toBe(200);
      expect(type).toContain('text/plain');
      expect(text).toMatch(/^# TYPE process_cpu_seconds_total counter$/m);
      expect(text).toMatch(/^sigec_\w+(\{[^}]*\})? \d/m);
      expect((await ask(`${url}/health/live`)).status).toBe(200);
    }
  });
}

/** Takes the cluster apart and puts it together again, so it comes last. */
export function readinessSuite(get: () => Cluster): void {
  describe('the control API is ready only while a charger could be served', () => {
    const missing = async (url: string) => {
      const { status, text } = await ask(`${url}/health/ready`);
      const { checks } = JSON.parse(text) as { checks: Record<string, { ok: boolean }> };
      return { status, failed: Object.keys(checks).filter((name) => checks[name]?.ok === false) };
    };

    it('not without workers', async () => {
      const system = get();
      await Promise.all(system.workers.map((worker) => worker.stop()));
      await eventually(async () => {
        expect(await missing(system.control.url)).toEqual({ status: 503, failed: ['workers'] });
      });
      await system.mend();
      expect(await healthOf(system.control.url)).toBe(200);
    });

    it('not without edges, also where they were killed', async () => {
      const system = get();
      await Promise.all(system.edges.map((edge) => edge.kill9()));
      await eventually(async () => {
        expect(await missing(system.control.url)).toEqual({ status: 503, failed: ['edges'] });
      });
      await system.mend();
      expect(await healthOf(system.control.url)).toBe(200);
    });

    it('not without the bus; sockets stay, and all is well when it is back', async () => {
      const system = get();
      const device = await register(system);
      const charger = await Charger.connect(endpoint(system), device.credentials, '2.0.1');
      await charger.settle();
      await system.nats.kill();
      await eventually(async () => expect((await missing(system.control.url)).failed).toContain('bus'));
      await eventually(async () => expect(await healthOf(system.edges[0]?.url ?? '')).toBe(503));
      expect(charger.closes).toEqual([]);
      await system.nats.restart();
      await system.mend();
      expect(await charger.heartbeat()).toMatchObject({ currentTime: expect.any(String) });
      charger.answer('ClearCache', { status: 'Accepted' });
      expect((await system.rest.command(device.id, 'ClearCache', {})).status).toBe(200);
      expect(charger.closes).toEqual([]);
      await charger.close();
    });
  });
}

/** Ends what it is given; nothing runs after it. */
export function gracefulSuite(get: () => Cluster): void {
  it('SIGTERM: an edge sends its chargers away with "come back", and every role ends well', async () => {
    const system = get();
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '1.6');
    await charger.settle();
    expect(await system.edges[0]?.stop()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(charger.closes).toMatchObject([{ code: 1012 }]));
    await eventually(async () => expect((await system.rest.device(device.id)).online).toBe(false));
    await charger.close();
    for (const member of [...system.edges.slice(1), ...system.workers, system.control])
      expect(await member.stop()).toEqual({ code: 0, signal: null });
  });
}
