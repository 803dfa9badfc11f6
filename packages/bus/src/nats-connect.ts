/** Connecting to NATS: patient with a server that is still starting, and silent about credentials. */
import { backoff, sleep } from '@sigec/runtime';
import { type ConnectionOptions, connect, type NatsConnection } from 'nats';
import type { Bus } from './bus.js';
import { BusUnavailableError } from './errors.js';
import { NatsBus } from './nats-bus.js';
import { codeOf } from './nats-errors.js';
import type { NatsOptions } from './nats-options.js';

/** The client's own parsing takes digits of a password for the port, so addresses and credentials are taken apart here. */
function addressOf(url: string): ConnectionOptions {
  const servers: string[] = [];
  const options: ConnectionOptions = {};
  for (const part of url.split(',')) {
    let parsed: URL;
    try {
      parsed = new URL(part.trim());
    } catch {
      throw new TypeError('url: not the URL of a NATS server');
    }
    if (parsed.protocol !== 'nats:' && parsed.protocol !== 'tls:')
      throw new TypeError('url: must begin with nats:// or tls://');
    servers.push(`${parsed.hostname}:${parsed.port || '4222'}`);
    if (parsed.protocol === 'tls:') options.tls = {};
    if (parsed.password) {
      options.user = decodeURIComponent(parsed.username);
      options.pass = decodeURIComponent(parsed.password);
    } else if (parsed.username) {
      options.token = decodeURIComponent(parsed.username);
    }
  }
  return { ...options, servers };
}

/**
 * Connects, and tries until it succeeds: a process may start before its bus. Each failure is logged.
 * @throws {BusUnavailableError} when `signal` ends the waiting
 * @throws {TypeError} when the URL cannot be one
 */
export async function connectNats(options: NatsOptions): Promise<Bus> {
  const { logger, signal } = options;
  const settings: ConnectionOptions = {
    ...addressOf(options.url),
    name: options.name,
    // Each request would otherwise make a stack trace: half of its cost.
    noAsyncTraces: true,
    pingInterval: 15_000,
    maxPingOut: 2,
    timeout: 5000,
    maxReconnectAttempts: -1,
    // A rotated password comes back without a restart.
    ignoreAuthErrorAbort: true,
    // A whole fleet of processes loses the server at the same instant.
    reconnectDelayHandler: () => 250 + Math.random() * 1750,
  };
  const delays = backoff({ baseMs: 250, maxMs: 5000 });
  const isEnded = (): boolean => signal?.aborted === true;
  while (!isEnded()) {
    let connection: NatsConnection;
    try {
      connection = await connect(settings);
    } catch (error) {
      logger.warn({ servers: settings.servers, code: codeOf(error) }, 'bus: no connection yet, tries again');
      await sleep(delays.next().value, signal);
      continue;
    }
    if (isEnded()) await connection.close();
    else return new NatsBus(connection, options);
  }
  throw new BusUnavailableError('the waiting for the bus was ended');
}
