/** Redis as a cache: answers or refuses within a bound, and reconnects for as long as it takes. */
import { readFileSync } from 'node:fs';
import type { Logger } from '@sigec/runtime';
import { Redis } from 'ioredis';
import type { Allowance, Cache, Lease } from './cache.js';
import { checkCount, checkKey, checkTtl, checkValue } from './check.js';
import { CacheUnavailableError } from './errors.js';
import { COMPARE_AND_SET, INCREMENT, LEASES, RELEASE_LEASE, RENEW_LEASE, TAKE } from './scripts.js';

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://`. */
  readonly url: string;
  /** Who signs the server's certificate, PEM; for `rediss://`, where it is not one of the usual authorities. */
  readonly tlsCaFile?: string | undefined;
  readonly logger: Logger;
  /** Before each key (`sigec:`). */
  readonly prefix?: string;
  /** How long the first connection is waited for, in milliseconds (5000). */
  readonly waitMs?: number;
}

const COMMAND_MS = 2000;
const CLOSE_MS = 1000;

/** The first word of an error of the server (OOM, READONLY, NOAUTH), or the code of the socket; never what was sent. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code) return code;
  if (message === 'Command timed out') return 'no answer in time';
  return /^[A-Z]{3,20}(?= )/.exec(message ?? '')?.[0] ?? 'disconnected';
}

class RedisCache implements Cache {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  get ready(): boolean {
    return this.#redis.status === 'ready';
  }

  async get(key: string): Promise<string | null> {
    checkKey('key', key);
    return this.#run(() => this.#redis.get(this.#prefix + key));
  }

  async set(key: string, value: string, ttlMs?: number): Promise<void> {
    checkKey('key', key);
    checkValue('value', value);
    checkTtl(ttlMs);
    const name = this.#prefix + key;
    await this.#run(() =>
      ttlMs === undefined ? this.#redis.set(name, value) : this.#redis.set(name, value, 'PX', ttlMs),
    );
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    checkKey('key', key);
    checkValue('value', value);
    checkTtl(ttlMs);
    return (await this.#run(() => this.#redis.set(this.#prefix + key, value, 'PX', ttlMs, 'NX'))) === 'OK';
  }

  async compareAndSet(key: string, expected: string, next: string | null, ttlMs?: number): Promise<boolean> {
    checkKey('key', key);
    checkValue('next', next ?? '');
    checkTtl(ttlMs);
    const args = [expected, next === null ? '0' : '1', next ?? '', String(ttlMs ?? 0)];
    return (await this.#run(() => this.#redis.eval(COMPARE_AND_SET, 1, this.#prefix + key, ...args))) === 1;
  }

  async delete(key: string): Promise<void> {
    checkKey('key', key);
    await this.#run(() => this.#redis.del(this.#prefix + key));
  }

  async increment(key: string, ttlMs: number): Promise<number> {
    checkKey('key', key);
    checkTtl(ttlMs);
    return Number(await this.#run(() => this.#redis.eval(INCREMENT, 1, this.#prefix + key, ttlMs)));
  }

  async take(key: string, wanted: number, most: number, windowMs: number): Promise<Allowance> {
    checkKey('key', key);
    checkCount('wanted', wanted);
    checkCount('most', most);
    checkTtl(windowMs);
    const said = await this.#run(() => this.#redis.eval(TAKE, 1, this.#prefix + key, wanted, most, windowMs));
    const [taken = 0, left = 0, resetMs = windowMs] = Array.isArray(said) ? said.map(Number) : [];
    return { taken, left, resetMs };
  }

  async renewLease(group: string, holder: string, info: string, ttlMs: number): Promise<void> {
    checkKey('group', group);
    checkKey('holder', holder);
    checkValue('info', info);
    checkTtl(ttlMs);
    const keys = this.#leaseKeys(group);
    await this.#run(() => this.#redis.eval(RENEW_LEASE, 2, ...keys, holder, info, ttlMs));
  }

  async releaseLease(group: string, holder: string): Promise<void> {
    checkKey('group', group);
    checkKey('holder', holder);
    const keys = this.#leaseKeys(group);
    await this.#run(() => this.#redis.eval(RELEASE_LEASE, 2, ...keys, holder));
  }

  async leases(group: string): Promise<readonly Lease[]> {
    checkKey('group', group);
    const flat = await this.#run(() => this.#redis.eval(LEASES, 2, ...this.#leaseKeys(group)));
    if (!Array.isArray(flat)) return [];
    return flat.flatMap((holder, i) => (i % 2 === 0 ? [{ holder: String(holder), info: String(flat[i + 1]) }] : []));
  }

  async close(): Promise<void> {
    if (this.#redis.status === 'end') return;
    if (this.ready) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS);
      });
      // What was sent before is still answered.
      const quit = this.#redis.quit().then(
        () => {},
        () => {},
      );
      await Promise.race([quit, late]);
      clearTimeout(timer);
    }
    this.#redis.disconnect();
  }

  /** Braces keep both keys in one slot of a Redis cluster. */
  #leaseKeys(group: string): [string, string] {
    const name = `${this.#prefix}{lease:${group}}`;
    return [`${name}:ends`, `${name}:infos`];
  }

  async #run<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      const reason = reasonOf(error);
      // A server that is silent while its socket stays open: only a new connection tells when it is back.
      if (reason === 'no answer in time' && this.ready) this.#redis.disconnect(true);
      throw new CacheUnavailableError(reason);
    }
  }
}

function assertUrl(url: string): void {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    throw new TypeError('url: must begin with redis:// or rediss://');
  }
}

/** What TLS is told, where there is anything to tell. @throws {TypeError} naming the field, never what the file holds */
function tlsOf({ url, tlsCaFile }: RedisOptions): { readonly tls?: { readonly ca: Buffer } } {
  if (tlsCaFile === undefined) return {};
  if (!url.startsWith('rediss:')) throw new TypeError('tlsCaFile: needs a url that begins with rediss://');
  try {
    return { tls: { ca: readFileSync(tlsCaFile) } };
  } catch (error) {
    throw new TypeError(`tlsCaFile: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}

/**
 * Connects. Resolves once connected, or after `waitMs` with a cache that is not ready yet and goes on trying: a process may
 * start before its cache.
 * @throws {TypeError} when the URL cannot be one, or the file of the authority cannot be read
 */
export async function connectRedis(options: RedisOptions): Promise<Cache> {
  assertUrl(options.url);
  const { logger } = options;
  const redis = new Redis(options.url, {
    ...tlsOf(options),
    connectTimeout: 5000,
    commandTimeout: COMMAND_MS,
    // While it is away commands fail at once, and none is sent twice: a repeated increment would count twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(3000, 50 * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2),
    // After a failover the old master answers READONLY.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    disableClientInfo: true,
  });
  let last = '';
  redis.on('error', (error: Error) => {
    const reason = reasonOf(error);
    // Once per loss and reason: it tries again every few seconds.
    if (reason !== last) logger.warn({ reason }, 'cache: no connection, tries again');
    last = reason;
  });
  redis.on('close', () => {
    if (last === '') logger.warn('cache: disconnected');
    last ||= 'disconnected';
  });
  redis.on('ready', () => {
    last = '';
    logger.info('cache: connected');
  });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, options.waitMs ?? 5000);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return new RedisCache(redis, options.prefix ?? 'sigec:');
}
