/**
 * Two servers of NATS that lose each other while every edge keeps its own: no connection ends, so nobody is told, neither
 * of the loss nor of its end. The workers are on one side.
 */
import { type Bus, connectNats } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import { createMetrics } from '@sigec/runtime';
import { describeReal, freePort, type RealServer, startNats, startTcpProxy, type TcpProxy } from '@sigec/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Edge, startEdge } from './edge.js';
import { charger } from './testing/charger.js';
import { memoryLogger, pause, SETTINGS } from './testing/fixtures.js';
import { command } from './testing/sessions.js';
import { FakeWorker } from './testing/worker.js';

describeReal('servers of NATS that lose each other', ['nats'], () => {
  const servers: RealServer[] = [];
  const buses: Bus[] = [];
  const edges: Edge[] = [];
  let route: TcpProxy;
  let worker: FakeWorker;
  let control: Bus;

  const { logger } = memoryLogger();
  async function connect(server: RealServer | undefined, name: string): Promise<Bus> {
    const bus = await connectNats({ url: server?.url ?? '', name, logger });
    buses.push(bus);
    return bus;
  }
  async function edge(server: RealServer | undefined, edgeId: string): Promise<Edge> {
    const bus = await connect(server, edgeId);
    const settings = { ...SETTINGS, edgeId, claimMs: 500, callTimeoutMs: 60_000 };
    const made = await startEdge({ bus, cache: createMemoryCache(), settings, logger, metrics: createMetrics('edge') });
    edges.push(made);
    return made;
  }

  beforeAll(async () => {
    const port = await freePort();
    // Clients are told of no other server, or they would go there.
    const args = (own: number) => ['--cluster', `nats://127.0.0.1:${own}`, '--cluster_name', 'c', '--no_advertise'];
    servers.push(await startNats({ args: args(port) }));
    route = await startTcpProxy(port);
    const there = ['--routes', `nats://127.0.0.1:${route.port}`];
    servers.push(await startNats({ args: [...args(await freePort()), ...there] }));
    const [a, b] = servers;
    worker = new FakeWorker(await connect(a, 'worker'));
    control = await connect(a, 'control');
    await edge(a, 'near');
    await edge(b, 'far');
  });
  afterAll(async () => {
    await route?.heal();
    await Promise.all(edges.map((one) => one.close()));
    await Promise.all(buses.map((bus) => bus.close()));
    await route?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('one session of a charger is left when they are one again, and what was asked meanwhile is answered', async () => {
    const [near, far] = edges.map(({ port }) => port) as [number, number];
    // Waits for the servers to find each other, if they have not yet.
    const old = await charger(far, 'CP1');
    const stays = await charger(far, 'CP2');
    expect(await old.call('h1', 'Heartbeat')).toEqual([3, 'h1', {}]);

    await route.cut();
    const asked = worker.calls.length;
    stays.send(2, 'kept', 'StopTransaction', { transactionId: 1 });
    const fresh = await charger(near, 'CP1');
    expect(await fresh.call('h2', 'Heartbeat')).toEqual([3, 'h2', {}]);
    await pause(1_000);
    expect(edges.map((one) => one.unready())).toEqual([undefined, undefined]);
    expect([old.closed, fresh.closed, stays.got]).toEqual([undefined, undefined, []]);
    expect(worker.calls.slice(asked).map(({ id }) => id)).not.toContain('kept');

    await route.heal();
    expect((await stays.frame(([, id]) => id === 'kept'))[0]).toBe(3);
    // It said nothing since: its edge hears the claim of the newer one.
    expect((await old.end())[0]).toBe(4500);
    const { id, reply } = command(control, 'ClearCache');
    expect(await fresh.frame(([type]) => type === 2)).toEqual([2, id, 'ClearCache', {}]);
    fresh.send(3, id, { status: 'Accepted' });
    expect(await reply).toMatchObject({ status: 'result' });
    expect([fresh.closed, stays.closed]).toEqual([undefined, undefined]);
    expect(old.got.filter(([type]) => type === 2)).toEqual([]);
  });
});
