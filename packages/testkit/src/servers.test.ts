import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeReal } from './describe-real.js';
import { startNats } from './nats.js';
import { type RealPostgres, startPostgres } from './postgres.js';
import { startRedis } from './redis.js';
import type { RealServer } from './server.js';
import { accepts, freePort, tempDir } from './temp.js';

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function liveAndDie(server: RealServer): Promise<void> {
  const first = server.pid;
  expect(await accepts(server.port)).toBe(true);
  const { ended } = server;
  await server.kill();
  await ended;
  expect(alive(first)).toBe(false);
  expect(await accepts(server.port)).toBe(false);
  await server.restart();
  expect(server.pid).not.toBe(first);
  expect(await accepts(server.port)).toBe(true);
  const last = server.pid;
  await server.stop();
  await server.stop();
  expect(alive(last)).toBe(false);
}

describeReal('nats', ['nats'], () => {
  it('starts, dies, comes back', async () => liveAndDie(await startNats({ jetstream: true })));
});
describeReal('redis', ['redis'], () => {
  it('starts, dies, comes back', async () => liveAndDie(await startRedis()));
});
describeReal('postgres', ['postgres'], () => {
  it('starts, makes databases, dies, comes back', async () => {
    const server = await startPostgres();
    expect(await server.createDatabase('one')).toBe(`postgres://sigec@127.0.0.1:${server.port}/one`);
    await expect(server.createDatabase('one')).rejects.toThrow('already exists');
    await expect(server.createDatabase('x; drop')).rejects.toThrow('name:');
    await liveAndDie(server);
  });

  it('has content that a test run makes once, and each server has to itself', async () => {
    let made = 0;
    const make = async (server: RealPostgres) => {
      made += 1;
      await server.createDatabase('given');
    };
    // Nobody else in this run asks for it.
    const content = { name: `given-${process.pid}`, make };
    const first = await startPostgres({ content });
    await first.createDatabase('own');
    const second = await startPostgres({ content });
    expect(made).toBe(1);
    for (const server of [first, second])
      await expect(server.createDatabase('given')).rejects.toThrow('already exists');
    expect(await second.createDatabase('own')).toBe(second.databaseUrl('own'));
    await Promise.all([first.stop(), second.stop()]);
  });
});

it('gives folders and ports away once', async () => {
  const folder = tempDir();
  expect(existsSync(folder.path)).toBe(true);
  folder.remove();
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(new Set(ports).size).toBe(20);
});
