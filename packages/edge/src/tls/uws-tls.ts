/** Profile 2: TLS by uWebSockets.js, with the handlers of the plain listener. */
import uws, { type TemplatedApp, type us_listen_socket } from 'uWebSockets.js';
import { createServer } from 'node:net';
import { makeCork } from '../cork.js';
import { handle, portOf, type UserData } from '../handlers.js';
import { type Listener, type ListenerHooks, welcome } from '../hooks.js';
import { LateUpgrades } from '../late-upgrades.js';
import type { Socket } from '../socket.js';
import type { TlsFiles } from './material.js';
import { OCPP_SUITES } from './suites.js';

export interface UwsTlsOptions {
  readonly host: string;
  readonly port: number;
  readonly maxFrameBytes: number;
  readonly files: TlsFiles;
  readonly hooks: ListenerHooks;
}

export interface UwsTlsListener extends Listener {
  /** New connections get the certificate that is in the files now; those that are open stay. */
  reload(): Promise<void>;
}

/** A free port: those that the library picks itself are not shared, and a reload shares its port with itself. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Starts the listener; TLS 1.2 is the least that the library speaks. */
export async function listenUwsTls(options: UwsTlsOptions): Promise<UwsTlsListener> {
  const { host, maxFrameBytes, files, hooks } = options;
  const port = options.port === 0 ? await freePort(host) : options.port;
  const cork = await makeCork();
  const open = (ws: { getUserData(): UserData }) => welcome(ws.getUserData().session, ws as unknown as Socket, hooks);
  // Never in its own cork: nothing is won where a handshake of TLS went before.
  const late = new LateUpgrades<UserData>(open, hooks.lost, cork, false);
  /** Those of earlier certificates, too: their sockets live on. */
  const apps: TemplatedApp[] = [];
  let listening: us_listen_socket | null = null;

  /** An app whose certificate is that of the files. One port has two of them for a moment, then the new one alone. */
  const start = async (): Promise<void> => {
    const app = uws.SSLApp({ cert_file_name: files.cert, key_file_name: files.key, ssl_ciphers: OCPP_SUITES });
    handle(app, { maxFrameBytes, hooks, late, profile: 2 });
    const socket = await new Promise<us_listen_socket | false>((resolve) => {
      app.listen(host, port, (made) => resolve(made));
    });
    if (socket === false) {
      app.close();
      throw new Error(`SIGEC_OCPP_TLS_PORT: cannot listen on ${host}:${port}`);
    }
    if (listening !== null) uws.us_listen_socket_close(listening);
    listening = socket;
    apps.push(app);
  };

  try {
    await start();
  } catch (error) {
    cork.close();
    throw error;
  }
  return {
    port: listening === null ? port : portOf(listening),
    async reload() {
      if (listening !== null) await start();
    },
    stopListening() {
      if (listening !== null) uws.us_listen_socket_close(listening);
      listening = null;
    },
    close() {
      listening = null;
      for (const app of apps.splice(0)) app.close();
      cork.close();
    },
  };
}
