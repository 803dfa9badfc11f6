/** A CSMS of a few lines, which answers as the test wants: rightly, wrongly, late, twice, or never. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Call {
  readonly id: string;
  readonly action: string;
  readonly payload: Record<string, unknown>;
  readonly identity: string;
  readonly version: string;
  /** Which CALL of its station it is, from 1. */
  readonly n: number;
  readonly socket: WebSocket;
  /** Sends the right answer. */
  ok(): void;
  send(frame: unknown): void;
}

export interface Csms {
  readonly url: string;
  readonly httpUrl: string;
  readonly connections: () => number;
  readonly upgrades: () => readonly IncomingMessage[];
  /** Every text that came, by identity. */
  readonly texts: ReadonlyMap<string, string[]>;
  readonly pongs: () => number;
  broadcast(text: string): void;
  close(): Promise<void>;
}

export interface CsmsOptions {
  /** Answers a CALL; the default answers all rightly. Boots are answered rightly before it is asked. */
  readonly on?: (call: Call) => void;
  /** Answers boots as well. */
  readonly boots?: boolean;
  /** HTTP status to refuse an upgrade with, or 0. */
  readonly refuse?: (request: IncomingMessage, attempt: number) => number;
  readonly connected?: (socket: WebSocket) => void;
  /** wss:// with this certificate for 127.0.0.1. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly http?: (request: IncomingMessage, response: ServerResponse, body: string) => void;
}

let nextTransaction = 1;

/** The payload a good CSMS answers with. */
export function goodAnswer(action: string, version: string): object {
  const token = version === 'ocpp1.6' ? 'idTagInfo' : 'idTokenInfo';
  switch (action) {
    case 'BootNotification':
      return { currentTime: new Date().toISOString(), interval: 300, status: 'Accepted' };
    case 'Heartbeat':
      return { currentTime: new Date().toISOString() };
    case 'Authorize':
      return { [token]: { status: 'Accepted' } };
    case 'StartTransaction':
      return { transactionId: nextTransaction++, [token]: { status: 'Accepted' } };
    default:
      return {};
  }
}

export async function startCsms(options: CsmsOptions = {}): Promise<Csms> {
  const { on = (call) => call.ok(), boots = false, refuse = () => 0 } = options;
  const texts = new Map<string, string[]>();
  const upgrades: IncomingMessage[] = [];
  let pongs = 0;
  const attempts = new Map<string, number>();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => options.http?.(request, response, body));
  };
  const http = options.tls === undefined ? createServer(answer) : createTlsServer(options.tls, answer);
  const wss = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false });
  http.on('upgrade', (request, socket, head) => {
    // Who is refused may reset at once, and from here on the socket is ours alone.
    socket.on('error', () => socket.destroy());
    const path = request.url ?? '';
    attempts.set(path, (attempts.get(path) ?? 0) + 1);
    const status = refuse(request, attempts.get(path)!);
    if (status !== 0) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    upgrades.push(request);
    wss.handleUpgrade(request, socket, head, (ws) => serve(ws, decodeURIComponent(path.split('/').at(-1) ?? '')));
  });

  const counts = new Map<string, number>();
  function count(identity: string): number {
    const n = (counts.get(identity) ?? 0) + 1;
    counts.set(identity, n);
    return n;
  }

  function serve(socket: WebSocket, identity: string): void {
    const seen = texts.get(identity) ?? [];
    texts.set(identity, seen);
    socket.on('error', () => {});
    socket.on('pong', () => {
      pongs++;
    });
    socket.on('message', (data) => {
      const text = data.toString();
      seen.push(text);
      const [type, id, action, payload] = JSON.parse(text);
      if (type !== 2) return;
      const version = socket.protocol;
      const send = (frame: unknown) => socket.send(JSON.stringify(frame));
      const ok = () => send([3, id, goodAnswer(action, version)]);
      if (action === 'BootNotification' && !boots) ok();
      else on({ id, action, payload, identity, version, n: count(identity), socket, ok, send });
    });
    options.connected?.(socket);
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}/ocpp`,
    httpUrl: `http://127.0.0.1:${port}`,
    connections: () => wss.clients.size,
    upgrades: () => upgrades,
    texts,
    pongs: () => pongs,
    broadcast: (text) => {
      for (const client of wss.clients) client.send(text);
    },
    close: async () => {
      for (const client of wss.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
