/** The control API on a port. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createControl } from './app.js';
import { startBackground } from './background/index.js';
import type { ControlDeps } from './context.js';
import { FILE_TIMEOUT_MS, limitBodies } from './http/slow-bodies.js';
import { takeUpgrades } from './live/upgrades.js';
import type { App } from './routes/application.js';

/** How long requests under way have when the server closes, ms. */
const DRAIN_MS = 5000;
const MAX_CONNECTIONS = 4096;

export interface ControlServer {
  /** The port that was taken, also where 0 was asked for. */
  readonly port: number;
  /** Takes no more requests, lets those under way end for a few seconds, then cuts them off. Safe to call twice. */
  close(): Promise<void>;
}

/** Says what this role needs; without the database, the bus or the cache it is not ready. */
function watch({ health, db, bus, cache }: ControlDeps): () => void {
  const away = [
    health.register('database', async () => {
      await db.ping();
      return undefined;
    }),
    health.register('bus', () => {
      if (bus.status !== 'connected') throw new Error(bus.status);
      return undefined;
    }),
    health.register('cache', () => {
      if (!cache.ready) throw new Error('not ready');
      return undefined;
    }),
  ];
  return () => {
    for (const remove of away) remove();
  };
}

/** A server that does not listen yet, with the bounds that hold for everybody. */
export function openServer(fetch: App['fetch']): Server {
  // Without HTTP/2 options it is node's plain server; the adaptor's type is the union of all.
  const server = createAdaptorServer({
    fetch,
    serverOptions: { requestTimeout: FILE_TIMEOUT_MS, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
  }) as Server;
  limitBodies(server);
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

/** Starts listening. `port` 0 takes any free port. Rejects where the port cannot be had. */
export async function startControl(
  deps: ControlDeps & { readonly host: string; readonly port: number },
): Promise<ControlServer> {
  const control = createControl(deps);
  const server = openServer(control.app.fetch);
  const upgrades = takeUpgrades(server, control.services);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(deps.port, deps.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    upgrades.close();
    await control.stop();
    throw error;
  }
  const unwatch = watch(deps);
  const background = startBackground(control.services);
  const { port } = server.address() as AddressInfo;
  deps.logger.info({ host: deps.host, port }, 'control: listens');

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    upgrades.close();
    const stopped = control.stop();
    const ended = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    // Connections that are kept alive become idle one by one, as their requests end.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await Promise.all([ended, stopped, background.close(), control.services.aside.idle()]);
    clearInterval(idle);
    clearTimeout(cut);
    unwatch();
  };
  return {
    port,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}
