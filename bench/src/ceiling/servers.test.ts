/** Every compared server answers every message of the comparison as the client wants it: none is fast by being wrong. */
import { expect, it } from 'vitest';
import { Child, type ServerName, startServer } from './child.js';
import { load, measurementOf } from './load.js';
import { parseOptions } from './options.js';
import type { Hit, Shot } from './servers/cannon.js';
import { TARGETS } from './targets.js';

const OPTIONS = parseOptions(['--stations', '10', '--duration', '300ms', '--warmup', '100ms'])!;
const { signal } = new AbortController();

async function withServer(name: ServerName, work: (port: number, pid: number) => Promise<void>): Promise<void> {
  const server = await startServer(name);
  try {
    await work(server.port, server.pid);
    expect(await server.cpuSeconds()).toBeGreaterThan(0);
  } finally {
    await server.stop();
  }
  expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
}

it.each(['echo', 'ocpp-rpc', 'ocpp-ws-io'] as const)('%s', async (name) => {
  await withServer(name, async (port, pid) => {
    for (const target of TARGETS.filter(({ unit }) => unit === name)) {
      const answering = { url: `ws://127.0.0.1:${port}/ocpp`, watch: [{ name, pid }] };
      const result = await load(target, answering, { options: OPTIONS, signal });
      expect(result.faults.examples).toEqual([]);
      const measurement = measurementOf(target.id, 0, result);
      expect(measurement.rate).toBeGreaterThan(0);
      expect(Object.keys(measurement.cpu).sort()).toEqual(['client', name].sort());
    }
  });
});

it('hello, and the client of REST', async () => {
  await withServer('hello', async (port) => {
    const cannon = new Child('cannon');
    try {
      const paths = ['/devices/1', '/devices/2'];
      const shot: Shot = { url: `http://127.0.0.1:${port}`, paths, headers: {}, connections: 2, seconds: 1 };
      const hit = await cannon.ask<Hit>(shot);
      expect(hit).toMatchObject({ failed: 0 });
      expect(hit.requests).toBeGreaterThan(0);
      expect(await cannon.ask<Hit>({ ...shot, paths: ['/nowhere'] })).toMatchObject({ requests: 0 });
    } finally {
      await cannon.stop();
    }
  });
});
