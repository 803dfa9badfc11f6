/** A TCP proxy between two parties, to cut, hold, slow down, half open and heal what runs through it. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { CLEAR, Pipe, type Slowness, type Weather } from './pipe.js';
import { freePort } from './temp.js';

export type { Slowness } from './pipe.js';

/** `up` is from the one who connects to the one who listens. */
export type Direction = 'up' | 'down';

export interface TcpProxy {
  /** On 127.0.0.1; stays the same over cut and heal. */
  readonly port: number;
  /** Connections that run through now. */
  readonly connections: number;
  /** Resets every connection, and refuses new ones until `heal`. */
  cut(): Promise<void>;
  /** Connections stay open, new ones are taken, and not a byte passes until `heal`: a network that swallows. */
  hold(): void;
  /** Every byte is late, and few pass at a time, until `heal`. */
  slow(slowness: Slowness): void;
  /**
   * One direction loses all that is sent, the other works, until `heal`: a firewall that forgot a connection. Those that
   * lost a byte are reset by `heal`.
   */
  halfOpen(lost: Direction): void;
  /** Lets new connections in and held bytes pass. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly sockets: readonly [Socket, Socket];
  readonly up: Pipe;
  readonly down: Pipe;
}

/** Starts a proxy to a port of 127.0.0.1, or of another host. */
export async function startTcpProxy(
  target: number | { readonly host: string; readonly port: number },
): Promise<TcpProxy> {
  const to = typeof target === 'number' ? { host: '127.0.0.1', port: target } : target;
  const port = await freePort();
  const pairs = new Set<Pair>();
  let weather: Record<Direction, Weather> = { up: CLEAR, down: CLEAR };

  const set = (up: Weather, down: Weather): void => {
    weather = { up, down };
    for (const pair of pairs) {
      pair.up.weather = up;
      pair.down.weather = down;
    }
  };
  const join = (client: Socket): void => {
    const upstream = connect({ ...to, noDelay: true, allowHalfOpen: true });
    client.setNoDelay(true);
    const sockets = [client, upstream] as const;
    const pair = { sockets, up: new Pipe(client, upstream), down: new Pipe(upstream, client) };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of sockets) {
      socket.on('error', end);
      socket.on('close', end);
    }
    pair.up.weather = weather.up;
    pair.down.weather = weather.down;
  };
  const reset = (pair: Pair): void => {
    for (const socket of pair.sockets) socket.resetAndDestroy();
  };
  let server: Server | undefined;
  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const next = createServer({ allowHalfOpen: true }, join);
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
      for (const pair of pairs) reset(pair);
    });
  await listen();
  return {
    port,
    get connections() {
      return pairs.size;
    },
    cut,
    hold: () => set({ kind: 'held' }, { kind: 'held' }),
    slow: (slowness) => set({ kind: 'slow', ...slowness }, { kind: 'slow', ...slowness }),
    halfOpen: (lost) => (lost === 'up' ? set({ kind: 'swallowed' }, CLEAR) : set(CLEAR, { kind: 'swallowed' })),
    heal: async () => {
      for (const pair of pairs) if (pair.up.broken || pair.down.broken) reset(pair);
      set(CLEAR, CLEAR);
      if (!server) await listen();
    },
    close: cut,
  };
}
