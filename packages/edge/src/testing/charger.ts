/** For tests: a charger's end of the line, from the handshake on. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import { until } from './fixtures.js';

export interface DialOptions {
  /** Subprotocols offered; none where empty. */
  readonly protocols?: readonly string[];
  readonly headers?: Record<string, string>;
}

export interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
}

export class Charger {
  readonly got: unknown[][] = [];
  closed: [number, string] | undefined;

  constructor(readonly ws: WebSocket) {
    ws.on('message', (data) => this.got.push(JSON.parse(String(data)) as unknown[]));
    ws.on('close', (code, reason) => {
      this.closed = [code, String(reason)];
    });
    ws.on('error', () => undefined);
  }

  send(...frame: unknown[]): void {
    this.ws.send(JSON.stringify(frame));
  }

  /** The payload that answers a CALL of ours. */
  async call(id: string, action: string, payload: object = {}): Promise<unknown[]> {
    this.send(2, id, action, payload);
    return this.frame(([type, of]) => type !== 2 && of === id);
  }

  async frame(fits: (frame: unknown[]) => boolean): Promise<unknown[]> {
    await until(() => this.got.some(fits), 'a frame for the charger');
    return this.got.find(fits) as unknown[];
  }

  async end(): Promise<[number, string]> {
    await until(() => this.closed !== undefined, 'the socket closes');
    return this.closed as [number, string];
  }
}

/** Dials; the charger where it is let in, else what HTTP says. */
export async function dial(port: number, path: string, options: DialOptions = {}): Promise<Charger | Refusal> {
  const { protocols = ['ocpp1.6'], headers = {} } = options;
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols], { headers });
  const charger = new Charger(ws);
  return new Promise((resolve, reject) => {
    ws.on('open', () => resolve(charger));
    ws.on('unexpected-response', (request, response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
      response.resume();
      request.destroy();
    });
    ws.on('error', reject);
  });
}

export async function charger(port: number, identity = 'CP1', options: DialOptions = {}): Promise<Charger> {
  const made = await dial(port, `/ocpp/${identity}`, options);
  if (!(made instanceof Charger)) throw new Error(`refused with ${made.status}`);
  return made;
}

export async function refusal(port: number, path: string, options: DialOptions = {}): Promise<Refusal> {
  const made = await dial(port, path, options);
  if (made instanceof Charger) throw new Error('was let in');
  return made;
}

/** A bare TCP connection, for what no WebSocket client does. */
export async function wire(port: number): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return { socket, text: () => text };
}

export const upgradeText = (path: string, protocol = 'ocpp1.6'): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Sec-WebSocket-Protocol: ${protocol}`,
    '',
    '',
  ].join('\r\n');
