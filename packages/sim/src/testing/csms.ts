/** The room of a CSMS as the specification draws it, for tests only: it checks every message against the schemas. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Version } from '../frame.js';
import { faultOf } from './schemas.js';

type Payload = Record<string, unknown>;

export interface Received {
  action: string;
  payload: Payload;
  id: string;
  /** Which connection it came on, from 1. */
  connection: number;
}

/** What a test answers with: a payload, a CALLERROR, or silence. */
export type Outcome = Payload | { callError: string } | 'silence';

const WAIT_MS = 60_000;

export class TestCsms {
  readonly received: Received[] = [];
  readonly raw: string[] = [];
  /** What the station sent against its schemas or the rules of framing. */
  readonly violations: string[] = [];
  readonly requests: { path: string; authorization: string | undefined; protocols: string | undefined }[] = [];
  /** HTTP status to refuse upgrades with. */
  refuseWith: number | null = null;
  bootInterval = 300;
  connections = 0;
  port = 0;
  #http: Server | null = null;
  #wss: WebSocketServer | null = null;
  #socket: WebSocket | null = null;
  #answers = new Map<string, (payload: Payload, received: Received) => Outcome>();
  #pending = new Map<string, { action: string; settle: (frame: unknown[]) => void }>();
  #watchers = new Set<() => void>();
  #nextId = 0;
  #nextTransaction = 100;

  constructor(readonly version: Version) {}

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ocpp`;
  }

  async start(): Promise<void> {
    this.#http = createServer((_request, response) => response.writeHead(426).end());
    const protocol = `ocpp${this.version}`;
    this.#wss = new WebSocketServer({
      noServer: true,
      handleProtocols: (set) => (set.has(protocol) ? protocol : false),
    });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http.listen(this.port, '127.0.0.1');
    await once(this.#http, 'listening');
    this.port = (this.#http.address() as AddressInfo).port;
  }

  /** Cuts every socket without a goodbye, and stops listening. */
  async stop(): Promise<void> {
    for (const client of this.#wss?.clients ?? []) client.terminate();
    const http = this.#http;
    if (http === null) return;
    this.#http = null;
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }

  /** Cuts the present socket only. */
  cut(): void {
    this.#socket?.terminate();
  }

  answer(action: string, make: (payload: Payload, received: Received) => Outcome): void {
    this.#answers.set(action, make);
  }

  /** Sends a CALL, checks the answer against its schema, and gives its payload, or the CALLERROR's code. */
  async call(action: string, payload: Payload): Promise<Payload & { callError?: string }> {
    const frame = await this.callRaw(action, payload);
    if (frame[0] === 4) return { callError: String(frame[2]) };
    const fault = faultOf(this.version, action, 'response', frame[2]);
    if (fault !== null) this.violations.push(fault);
    return frame[2] as Payload;
  }

  callRaw(action: string, payload: unknown): Promise<unknown[]> {
    const id = `csms-${++this.#nextId}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${action}`)), WAIT_MS);
      this.#pending.set(id, {
        action,
        settle: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
      });
      this.sendText(JSON.stringify([2, id, action, payload]));
    });
  }

  sendText(text: string): void {
    this.#socket?.send(text);
  }

  of(action: string): Received[] {
    return this.received.filter((r) => r.action === action);
  }

  /** Resolves once `enough` holds; it is asked again after every message. */
  async until(enough: () => boolean, what = 'the expected messages'): Promise<void> {
    if (enough()) return;
    await new Promise<void>((resolve, reject) => {
      const watch = () => {
        if (!enough()) return;
        clearTimeout(timer);
        clearInterval(poll);
        this.#watchers.delete(watch);
        resolve();
      };
      const timer = setTimeout(() => {
        clearInterval(poll);
        this.#watchers.delete(watch);
        reject(new Error(`waited for ${what}; got ${this.received.map((r) => r.action).join(' ')}`));
      }, WAIT_MS);
      const poll = setInterval(watch, 10);
      this.#watchers.add(watch);
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Who is refused may reset at once, and from here on the socket is ours alone.
    socket.on('error', () => socket.destroy());
    this.requests.push({
      path: request.url ?? '',
      authorization: request.headers.authorization,
      protocols: request.headers['sec-websocket-protocol'],
    });
    if (this.refuseWith !== null) {
      socket.end(`HTTP/1.1 ${this.refuseWith} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#wss?.handleUpgrade(request, socket, head, (ws) => {
      this.connections += 1;
      this.#socket = ws;
      const connection = this.connections;
      ws.on('error', () => {});
      ws.on('message', (data) => this.#onText(ws, data.toString(), connection));
    });
  }

  #onText(ws: WebSocket, text: string, connection: number): void {
    this.raw.push(text);
    const frame = JSON.parse(text) as unknown[];
    const id = String(frame[1]);
    if (frame[0] === 2) {
      const received: Received = { action: String(frame[2]), payload: frame[3] as Payload, id, connection };
      this.received.push(received);
      const fault = faultOf(this.version, received.action, 'request', received.payload);
      if (fault !== null) this.violations.push(fault);
      const outcome = this.#answers.get(received.action)?.(received.payload, received) ?? this.#usual(received);
      if (outcome === 'silence') {
        // Nothing: a CSMS that died, or one that is late.
      } else if (typeof outcome.callError === 'string') ws.send(JSON.stringify([4, id, outcome.callError, 'no', {}]));
      else ws.send(JSON.stringify([3, id, outcome]));
    } else if (frame[0] === 6) {
      const sent: Received = { action: String(frame[2]), payload: frame[3] as Payload, id, connection };
      this.received.push(sent);
      const fault = faultOf(this.version, sent.action, 'request', sent.payload);
      if (fault !== null) this.violations.push(fault);
    } else if (frame[0] === 3 || frame[0] === 4) {
      this.#pending.get(id)?.settle(frame);
      this.#pending.delete(id);
    }
    this.#tell();
  }

  #tell(): void {
    for (const watch of [...this.#watchers]) watch();
  }

  #usual({ action }: Received): Outcome {
    const currentTime = new Date().toISOString();
    const accepted = { status: 'Accepted' };
    switch (action) {
      case 'BootNotification':
        return { status: 'Accepted', currentTime, interval: this.bootInterval };
      case 'Heartbeat':
        return { currentTime };
      case 'Authorize':
        return this.version === '1.6' ? { idTagInfo: accepted } : { idTokenInfo: accepted };
      case 'StartTransaction':
        return { transactionId: ++this.#nextTransaction, idTagInfo: accepted };
      case 'SignCertificate':
        return accepted;
      default:
        return {};
    }
  }
}
