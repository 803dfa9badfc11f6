/** A Node server's port, which processes cannot share as those of uWebSockets.js are: one has it, the others wait for it. */
import type { Server } from 'node:net';

export interface Listening {
  /** 0 while another process has the port. */
  readonly port: number;
  stop(): void;
}

export interface ListenOnOptions {
  readonly host: string;
  readonly port: number;
  /** Tries again until the port is free, where it is taken. */
  readonly waits: boolean;
  /** Name of the port in the configuration. */
  readonly name: string;
}

const AGAIN_MS = 2_000;

/** Listens; with `waits` it resolves also where the port is taken, and listens as soon as it is not. */
export function listenOn(server: Server, { host, port, waits, name }: ListenOnOptions): Promise<Listening> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const listening: Listening = {
    get port() {
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    },
    stop() {
      if (stopped) return;
      stopped = true;
      clearTimeout(timer);
      if (server.listening) server.close();
    },
  };
  return new Promise((resolve, reject) => {
    server.on('listening', () => (stopped ? server.close() : resolve(listening)));
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (server.listening) return;
      if (!waits || error.code !== 'EADDRINUSE') {
        reject(new Error(`${name}: cannot listen on ${host}:${port} (${error.code ?? 'error'})`));
        return;
      }
      resolve(listening);
      if (stopped) return;
      timer = setTimeout(() => server.listen(port, host), AGAIN_MS);
      timer.unref();
    });
    server.listen(port, host);
  });
}
