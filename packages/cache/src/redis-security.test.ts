/** Users and TLS of Redis, by the file that operators are given. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@sigec/runtime';
import {
  type Certificates,
  describeReal,
  freePort,
  makeCertificates,
  type RealServer,
  startRedis,
  tempDir,
} from '@sigec/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cache } from './cache.js';
import { connectRedis } from './redis-cache.js';

const USERS = new URL('../../../docs/security/redis-users.conf', import.meta.url);
const ROLES = ['edge', 'worker', 'control'] as const;
type Name = (typeof ROLES)[number];
const PASSWORDS: Readonly<Record<Name, string>> = { edge: 'p%e 1', worker: 'p@w/2', control: 'p:c#3' };
const LONG = 60_000;
const logger = createLogger({ role: 'test', level: 'silent' });

describeReal('users of Redis', ['redis'], () => {
  let server: RealServer;
  const folder = tempDir('redis-users');
  const caches = new Map<Name, Cache>();
  const url = (role: Name) => `redis://${role}:${encodeURIComponent(PASSWORDS[role])}@127.0.0.1:${server.port}`;
  beforeAll(async () => {
    let users = readFileSync(USERS, 'utf8');
    for (const role of ROLES) {
      const hash = createHash('sha256').update(PASSWORDS[role]).digest('hex');
      users = users.replace(`#${role.toUpperCase()}_PASSWORD_SHA256`, `#${hash}`);
    }
    const file = join(folder.path, 'users.conf');
    writeFileSync(file, users);
    server = await startRedis(['--include', file]);
    for (const role of ROLES) caches.set(role, await connectRedis({ url: url(role), logger }));
  });
  afterAll(async () => {
    await Promise.all([...caches.values()].map((cache) => cache.close()));
    await server?.stop();
    folder.remove();
  });
  const cache = (role: Name) => caches.get(role) as Cache;

  it('let each role do its work', async () => {
    for (const role of ROLES) expect(cache(role).ready, role).toBe(true);
    for (const role of ['edge', 'worker'] as const) {
      await cache(role).renewLease(role, 'one', '{}', LONG);
      await cache(role).renewLease(role, 'two', '{}', 1);
    }
    for (const role of ['worker', 'control'] as const)
      expect((await cache(role).leases('edge')).map(({ holder }) => holder)).toContain('one');
    expect(await cache('control').leases('worker')).toHaveLength(1);
    expect(await cache('worker').setIfAbsent('presence:turn', '1', LONG)).toBe(true);
    await cache('worker').increment('presence:missing:one', LONG);
    await cache('worker').delete('presence:missing:one');
    await cache('edge').releaseLease('edge', 'one');
    await cache('control').set('auth:family:x', 'a', LONG);
    expect(await cache('control').get('auth:family:x')).toBe('a');
    expect(await cache('control').compareAndSet('auth:family:x', 'a', 'b', LONG)).toBe(true);
    await cache('control').delete('auth:family:x');
    expect((await cache('control').take('limit:user:x', 1, 2, LONG)).taken).toBe(1);
    expect((await cache('control').take('limit:user:x', 1, 2, LONG)).taken).toBe(1);
  });

  it('keep each from the keys of the others', async () => {
    const refused: [string, () => Promise<unknown>][] = [
      ['edge reads a session', () => cache('edge').get('auth:family:x')],
      ['edge makes a session', () => cache('edge').compareAndSet('auth:family:x', '', 'y')],
      ['edge plays a worker', () => cache('edge').renewLease('worker', 'x', '', LONG)],
      ['edge lifts a limit', () => cache('edge').delete('limit:user:x')],
      ['worker reads a session', () => cache('worker').get('auth:family:x')],
      ['worker makes a session', () => cache('worker').compareAndSet('auth:family:x', '', 'y')],
      ['worker lifts a limit', () => cache('worker').delete('limit:user:x')],
      ['control plays an edge', () => cache('control').renewLease('edge', 'x', '', LONG)],
      ['control forgets a look', () => cache('control').delete('presence:missing:x')],
      ['control writes elsewhere', () => cache('control').set('other', '1')],
    ];
    for (const [what, call] of refused) await expect(call(), what).rejects.toThrow(/NOPERM|ERR/);
  });

  it('give nobody the commands of an administrator, and nobody else anything', async () => {
    const quiet = { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 } as const;
    for (const role of ROLES) {
      const redis = new Redis(url(role), quiet);
      await redis.connect();
      for (const [command, ...args] of [
        ['keys', '*'],
        ['scan', '0'],
        ['flushall'],
        ['config', 'get', '*'],
        ['acl', 'list'],
        ['monitor'],
        ['client', 'list'],
        ['subscribe', 'x'],
        ['script', 'flush'],
        ['shutdown', 'nosave'],
      ] as const)
        await expect(redis.call(command, ...args), `${role} ${command}`).rejects.toThrow(/NOPERM/);
      redis.disconnect();
    }
    for (const wrong of [`redis://127.0.0.1:${server.port}`, `redis://edge:wrong@127.0.0.1:${server.port}`]) {
      const made = await connectRedis({ url: wrong, logger, waitMs: 300 });
      await expect(made.get('a')).rejects.toThrow();
      await made.close();
    }
  });
});

describeReal('TLS of Redis', ['redis'], () => {
  let server: RealServer;
  let port: number;
  let own: Certificates;
  let others: Certificates;
  beforeAll(async () => {
    [own, others] = [makeCertificates(), makeCertificates()];
    port = await freePort();
    server = await startRedis([
      ...['--tls-cert-file', own.cert, '--tls-key-file', own.key, '--tls-ca-cert-file', own.ca],
      ...['--tls-auth-clients', 'no', '--tls-port', String(port)],
    ]);
  });
  afterAll(async () => {
    await server?.stop();
    own?.remove();
    others?.remove();
  });

  it('takes a server whose certificate holds, and no other', async () => {
    const tls = `rediss://127.0.0.1:${port}`;
    const good = await connectRedis({ url: tls, logger, tlsCaFile: own.ca });
    expect(good.ready).toBe(true);
    await good.set('a', '1');
    await good.close();
    for (const bad of [{ tlsCaFile: others.ca }, {}]) {
      const made = await connectRedis({ url: tls, logger, waitMs: 500, ...bad });
      expect(made.ready).toBe(false);
      await made.close();
    }
  });

  it('names a file that cannot be read, and a URL that does not go with it', async () => {
    const read = (tlsCaFile: string, url = 'rediss://h') => connectRedis({ url, logger, tlsCaFile });
    await expect(read('/nowhere.pem')).rejects.toThrow('tlsCaFile: cannot be read (ENOENT)');
    await expect(read(own.ca, 'redis://h')).rejects.toThrow('tlsCaFile: needs a url');
  });
});
