import { createLogger, createMetrics } from '@sigec/runtime';
import { describeReal, freePort, type RealServer, startNats, startTcpProxy } from '@sigec/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { busContract, until } from './bus.contract.js';
import { connectNats } from './nats-connect.js';

describeReal('NATS', ['nats'], () => {
  let server: RealServer;
  const logger = createLogger({ role: 'test', level: 'silent' });
  beforeAll(async () => {
    server = await startNats({ jetstream: true });
  });
  afterAll(() => server.stop());

  busContract(() => ({
    connect: (name) => connectNats({ url: server.url, name, logger, eventMaxBytes: 1024 * 1024 }),
    down: () => server.kill(),
    up: () => server.restart(),
  }));

  it('waits for a server that is not there yet, says so without the password, and can be told to stop', async () => {
    let log = '';
    const heard = createLogger({
      role: 'test',
      destination: {
        write: (line) => {
          log += line;
        },
      },
    });
    const port = await freePort();
    const abort = new AbortController();
    const url = `nats://sigec:hunter2%40@127.0.0.1:${port}`;
    const connecting = connectNats({ url, name: 'late', logger: heard, signal: abort.signal });
    await until(() => log.includes('tries again'), 'a line of the log');
    abort.abort();
    await expect(connecting).rejects.toThrow('ended');
    expect(log).toContain(String(port));
    expect(log).not.toContain('hunter2');
    await expect(connectNats({ url: 'http://hunter2@x', name: 'x', logger })).rejects.toThrow('url: must begin');
  });

  it('notices a cut network, comes back, and counts', async () => {
    const proxy = await startTcpProxy(server.port);
    const metrics = createMetrics('test');
    const bus = await connectNats({ url: `nats://127.0.0.1:${proxy.port}`, name: 'proxied', logger, metrics });
    const got: string[] = [];
    bus.subscribe('cut.>', ({ subject }) => got.push(subject));
    expect(await metrics.render()).toContain('sigec_bus_connected{role="test"} 1');
    await proxy.cut();
    await until(() => bus.status === 'disconnected', 'disconnected');
    expect(await metrics.render()).toContain('sigec_bus_connected{role="test"} 0');
    await proxy.heal();
    await until(() => bus.status === 'connected', 'connected');
    bus.publish('cut.1', new Uint8Array(1));
    await until(() => got.length > 0, 'the message');
    await bus.close();
    await proxy.close();
  });

  it('refuses to fill the memory with what a frozen server does not read', async () => {
    const bus = await connectNats({ url: server.url, name: 'flood', logger });
    const data = new Uint8Array(bus.maxPayload);
    server.pause();
    expect(() => {
      for (let i = 0; i < 100; i++) bus.publish('flood', data);
    }).toThrow('takes less than is published');
    server.resume();
    await bus.flush();
    await until(() => {
      try {
        bus.publish('flood', data);
        return true;
      } catch {
        return false;
      }
    }, 'room again');
    await bus.close();
  });
});
