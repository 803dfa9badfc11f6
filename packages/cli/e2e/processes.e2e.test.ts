/** `sigec edge --processes 2`: one port, several processes, each started again where it dies. */
import { describeReal, freePort } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Charger } from './support/charger.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { tellOnFailure } from './support/failure.js';
import { ask, healthOf } from './support/http.js';
import { endpoint, register } from './support/system.js';
import { eventually } from './support/wait.js';

/** The kernel spreads connections over the listeners; that all of these land on one has a chance of 1 in 2^31. */
const CHARGERS = 32;

async function sessions(url: string): Promise<number> {
  const { text } = await ask(`${url}/metrics`);
  return Number(/^sigec_edge_sessions(?:\{[^}]*\})? (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Two free ports in a row: the processes count their metrics ports up from the first. */
async function twoPorts(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 65_000 && (await healthOf(`http://127.0.0.1:${port + 1}`)) === 0) return port;
  }
}

describeReal('edges that share a port', ['nats', 'redis', 'postgres'], () => {
  let system: Cluster;
  let urls: string[];
  beforeAll(async () => {
    const port = await twoPorts();
    urls = [0, 1].map((index) => `http://127.0.0.1:${port + index}`);
    system = await startCluster({
      edges: 1,
      workers: 1,
      edgeArguments: ['--processes', '2'],
      edgeMetricsPort: port,
    });
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    await Charger.closeAll();
    await system?.close();
  });

  it('take chargers both, serve them alike, and come back one by one', async () => {
    await eventually(async () => expect(await Promise.all(urls.map(healthOf))).toEqual([200, 200]));
    const chargers: Charger[] = [];
    const ids: string[] = [];
    for (let n = 0; n < CHARGERS; n++) {
      const device = await register(system);
      ids.push(device.id);
      const charger = await Charger.connect(endpoint(system), device.credentials, '1.6', { reconnect: true });
      charger.answer('ClearCache', { status: 'Accepted' });
      await charger.settle();
      chargers.push(charger);
    }
    const [a = 0, b = 0] = await Promise.all(urls.map(sessions));
    expect(a).toBeGreaterThan(0);
    expect(b).toBeGreaterThan(0);
    expect(a + b).toBe(CHARGERS);
    for (const id of [ids[0], ids.at(-1)] as string[])
      expect((await system.rest.command(id, 'ClearCache', {})).status).toBe(200);

    // The process that answers for the first half is killed; its chargers find the other, and it is started again.
    const started = await startTime(urls[0] as string);
    const { text } = await ask(`${urls[0]}/metrics`);
    expect(text).toContain('process_start_time_seconds');
    await killListener(urls[0] as string);
    await eventually(async () => expect(await startTime(urls[0] as string)).not.toBe(started));
    await eventually(async () => {
      const [first = 0, second = 0] = await Promise.all(urls.map(sessions));
      expect(first + second).toBe(CHARGERS);
    });
    await Promise.all(chargers.map((charger) => charger.heartbeat()));
    await Promise.all(chargers.map((charger) => charger.close()));
  });

  it('end in order when the process that watches over them is killed', async () => {
    await eventually(async () => expect(await Promise.all(urls.map(healthOf))).toEqual([200, 200]));
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '1.6');
    await charger.settle();
    // The watcher alone: its group would take the others with it.
    process.kill(system.edges[0]?.process.pid ?? 0, 'SIGKILL');
    await eventually(() => expect(charger.closes).toMatchObject([{ code: 1012 }]));
    await eventually(async () => expect(await Promise.all(urls.map(healthOf))).toEqual([0, 0]));
    await eventually(async () => expect((await system.rest.device(device.id)).online).toBe(false));
  });

  async function startTime(url: string): Promise<string> {
    try {
      return /^process_start_time_seconds(?:\{[^}]*\})? (\S+)$/m.exec((await ask(`${url}/metrics`)).text)?.[1] ?? '';
    } catch {
      return '';
    }
  }

  async function killListener(url: string): Promise<void> {
    const { text } = await ask(`${url}/metrics`);
    const pid = Number(/^sigec_process_id(?:\{[^}]*\})? (\d+)$/m.exec(text)?.[1]);
    expect(pid).toBeGreaterThan(1);
    process.kill(pid, 'SIGKILL');
  }
});
