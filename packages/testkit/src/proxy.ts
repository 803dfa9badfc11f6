/** A TCP proxy between two parties, to cut, hold and heal what runs through it. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './temp.js';

export interface TcpProxy {
  /** On 127.0.0.1; stays the same over cut and heal. */
  readonly port: number;
  /** Connections that run through now. */
  readonly connections: number;
  /** Resets every connection, and refuses new ones until `heal`. */
  cut(): Promise<void>;
  /** Connections stay open, new ones are taken, and not a byte passes until `heal`: a network that swallows. */
  hold(): void;
  /** Lets new connections in and held bytes pass. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a proxy to a port of 127.0.0.1, or of another host. */
export async function startTcpProxy(
  target: number | { readonly host: string; readonly port: number },
): Promise<TcpProxy> {
  const to = typeof target === 'number' ? { host: '127.0.0.1', port: target } : target;
  const port = await freePort();
  const pairs = new Set<readonly [Socket, Socket]>();
  let held = false;

  const join = (client: Socket): void => {
    const upstream = connect({ ...to, noDelay: true });
    client.setNoDelay(true);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) {
      socket.on('error', end);
      socket.on('close', end);
    }
    client.pipe(upstream);
    upstream.pipe(client);
    if (held) freeze(pair);
  };
  // Unpiped and without a reader nothing is read; the kernel's buffers fill, as on a dead link.
  const freeze = ([client, upstream]: readonly [Socket, Socket]): void => {
    client.unpipe(upstream).pause();
    upstream.unpipe(client).pause();
  };
  const thaw = ([client, upstream]: readonly [Socket, Socket]): void => {
    client.pipe(upstream);
    upstream.pipe(client);
  };
  let server: Server | undefined;
  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const next = createServer(join);
      next.once('error', reject);
      next.listen(port, '127.0.0.1', () => {
        server = next;
        resolve();
      });
    });
  const cut = (): Promise<void> =>
    new Promise((resolve) => {
      const old = server;
      server = undefined;
      if (old) old.close(() => resolve());
      else resolve();
      for (const [client, upstream] of pairs) {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      }
    });
  await listen();
  return {
    port,
    get connections() {
      return pairs.size;
    },
    cut,
    hold: () => {
      if (!held) for (const pair of pairs) freeze(pair);
      held = true;
    },
    heal: async () => {
      if (held) for (const pair of pairs) thaw(pair);
      held = false;
      if (!server) await listen();
    },
    close: cut,
  };
}
