import { createLogger } from '@sigec/runtime';
import { describeReal, freePort, type RealServer, startRedis } from '@sigec/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheContract, until } from './cache.contract.js';
import { CacheUnavailableError } from './errors.js';
import { connectRedis } from './redis-cache.js';

describeReal('Redis', ['redis'], () => {
  let server: RealServer;
  const logger = createLogger({ role: 'test', level: 'silent' });
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  cacheContract(() => ({
    connect: () => connectRedis({ url: server.url, logger }),
    down: () => server.kill(),
    up: () => server.restart(),
  }));

  it('keeps apart what has another prefix', async () => {
    const [one, two] = await Promise.all(
      ['one:', 'two:'].map((prefix) => connectRedis({ url: server.url, logger, prefix })),
    );
    await one?.set('a', '1');
    expect(await two?.get('a')).toBeNull();
    await Promise.all([one?.close(), two?.close()]);
  });

  it('bounds the waiting for a server that is frozen, and finds it again', async () => {
    const cache = await connectRedis({ url: server.url, logger });
    server.pause();
    await expect(cache.get('a')).rejects.toThrow(CacheUnavailableError);
    await until(() => !cache.ready, 'not ready');
    server.resume();
    await until(() => cache.ready, 'ready');
    expect(await cache.get('a')).toBeNull();
    await cache.close();
  });

  it('starts without its server, says so without the password, and checks the URL', async () => {
    let log = '';
    const destination = {
      write: (line: string) => {
        log += line;
      },
    };
    const port = await freePort();
    const url = `redis://sigec:hunter2@127.0.0.1:${port}`;
    const cache = await connectRedis({ url, logger: createLogger({ role: 'test', destination }), waitMs: 20 });
    expect(cache.ready).toBe(false);
    await expect(cache.get('a')).rejects.toThrow(CacheUnavailableError);
    await until(() => log.includes('ECONNREFUSED'), 'a line of the log');
    await cache.close();
    expect(log).not.toContain('hunter2');
    await expect(connectRedis({ url: 'http://hunter2@x', logger })).rejects.toThrow('url: must begin');
  });
});
