/** Connecting to NATS: patient with a server that is still starting, and silent about credentials. */
import { backoff, sleep } from '@sigec/runtime';
import { type ConnectionOptions, connect, type NatsConnection } from 'nats';
import type { Bus } from './bus.js';
import { BusUnavailableError } from './errors.js';
import { NatsBus } from './nats-bus.js';
import { codeOf } from './nats-errors.js';
import { identityOf, inboxPrefixOf, type NatsOptions } from './nats-options.js';

/**
 * Connects, and tries until it succeeds: a process may start before its bus. Each failure is logged.
 * @throws {BusUnavailableError} when `signal` ends the waiting
 * @throws {TypeError} when the URL cannot be one, or a file of the options cannot be read
 */
export async function connectNats(options: NatsOptions): Promise<Bus> {
  const { logger, signal } = options;
  const settings: ConnectionOptions = {
    ...identityOf(options),
    name: options.name,
    inboxPrefix: inboxPrefixOf(options),
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
