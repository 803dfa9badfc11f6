/**
 * The room of one WebSocket that comes back: it knows the address, the credentials, the subprotocol and the back-off,
 * and nothing of OCPP's messages.
 */
import { EventEmitter } from 'node:events';
import { WebSocket } from 'ws';
import { type BackoffOptions, backoffMs } from './backoff.js';

/** TLS material of a wss:// connection, as Node takes it; security profiles 2 and 3. */
export interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

export interface SocketOptions {
  /** Endpoint without the identity, ws:// or wss://. */
  url: string;
  identity: string;
  subprotocol: string;
  password?: string | undefined;
  tls?: TlsOptions | undefined;
  backoff: BackoffOptions;
}

interface SocketEvents {
  open: [];
  close: [code: number, reason: string];
  /** The upgrade was answered with an HTTP status instead of a socket. */
  refused: [status: number];
  /** The connection failed below HTTP: nobody listens, TLS, a subprotocol that was not offered. */
  failed: [reason: string];
  text: [text: string];
}

const HANDSHAKE_MS = 10_000;
const CLOSING_MS = 1000;
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

export class ReconnectingSocket extends EventEmitter<SocketEvents> {
  readonly #o: SocketOptions;
  #password: string | undefined;
  #tls: TlsOptions | undefined;
  #ws: WebSocket | null = null;
  #retry: NodeJS.Timeout | null = null;
  #pinger: NodeJS.Timeout | null = null;
  #failures = 0;
  #started = false;
  #pauseMs: number | null = null;

  constructor(options: SocketOptions) {
    super();
    this.#o = options;
    this.#password = options.password;
    this.#tls = options.tls;
  }

  get isOpen(): boolean {
    return this.#ws?.readyState === WebSocket.OPEN;
  }

  /** The password of the next handshake. */
  set password(value: string) {
    this.#password = value;
  }

  /** The certificate of the next handshake. */
  set certificate({ cert, key }: { cert: string; key: string }) {
    this.#tls = { ...this.#tls, cert, key };
  }

  /** Connects, and keeps connecting until {@link stop}. A second call changes nothing. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#connect();
  }

  /** Sends text; false when there is no open socket to take it. */
  send(text: string): boolean {
    if (this.#ws === null || !this.isOpen) return false;
    this.#ws.send(text, () => {});
    return true;
  }

  /** Ends the present connection; the next attempt follows after `pauseMs`, or after the back-off. */
  drop(code: number, reason: string, pauseMs?: number): void {
    this.#pauseMs = pauseMs ?? null;
    if (this.#retry !== null && pauseMs !== undefined) this.#schedule();
    this.#shut(this.#ws, code, reason);
  }

  /** WebSocketPingInterval: pings every `ms`, and gives a connection up whose last ping was not answered. 0 is off. */
  pingEvery(ms: number): void {
    if (this.#pinger !== null) clearInterval(this.#pinger);
    this.#pinger = null;
    if (ms <= 0) return;
    let pinged: WebSocket | null = null;
    let answered = true;
    this.#pinger = setInterval(() => {
      const ws = this.#ws;
      if (ws === null || !this.isOpen) return;
      if (pinged === ws && !answered) {
        ws.terminate();
        return;
      }
      pinged = ws;
      answered = false;
      ws.once('pong', () => {
        if (pinged === ws) answered = true;
      });
      ws.ping(undefined, undefined, () => {});
    }, ms);
  }

  /** Closes for good; resolves when the socket is gone. */
  async stop(): Promise<void> {
    this.#started = false;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.pingEvery(0);
    const ws = this.#ws;
    if (ws === null) return;
    const gone = new Promise<void>((resolve) => {
      ws.once('close', () => resolve());
    });
    this.#shut(ws, 1000, 'bye');
    await gone;
  }

  #shut(ws: WebSocket | null, code: number, reason: string): void {
    if (ws === null) return;
    if (ws.readyState === WebSocket.CONNECTING) {
      ws.terminate();
      return;
    }
    ws.close(code, reason);
    const timer = setTimeout(() => ws.terminate(), CLOSING_MS);
    ws.once('close', () => clearTimeout(timer));
  }

  #connect(): void {
    this.#retry = null;
    const { url, identity, subprotocol } = this.#o;
    const credentials = Buffer.from(`${identity}:${this.#password ?? ''}`).toString('base64');
    const ws = new WebSocket(`${url.replace(/\/+$/, '')}/${encodeURIComponent(identity)}`, [subprotocol], {
      ...this.#tls,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      headers: this.#password === undefined ? {} : { Authorization: `Basic ${credentials}` },
    });
    this.#ws = ws;
    let opened = false;
    let answered = false;
    ws.on('open', () => {
      opened = true;
      this.#failures = 0;
      this.emit('open');
    });
    ws.on('unexpected-response', (_request, response) => {
      answered = true;
      response.resume();
      this.emit('refused', response.statusCode ?? 0);
      ws.terminate();
    });
    ws.on('error', (error: NodeJS.ErrnoException) => {
      if (!answered && this.#started) this.emit('failed', error.code ?? error.message);
    });
    ws.on('message', (data, binary) => {
      if (!binary) this.emit('text', data.toString());
    });
    ws.on('close', (code, reason) => {
      if (this.#ws === ws) this.#ws = null;
      if (!opened) this.#failures += 1;
      if (this.#started) this.#schedule();
      if (opened) this.emit('close', code, reason.toString());
    });
  }

  #schedule(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    const wait = this.#pauseMs ?? backoffMs(this.#o.backoff, this.#failures);
    this.#pauseMs = null;
    this.#retry = setTimeout(() => this.#connect(), wait);
  }
}
