/** A bare WebSocket for frames that no OCPP client would send, and a bare upgrade for handshakes that none accepts. */
import { request } from 'node:http';
import { WebSocket } from 'ws';
import type { Credentials } from './rest.js';

const ANSWER_MS = 20_000;
const open = new Set<Raw>();

export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

export class Raw {
  /** Every text that came, in order. */
  readonly received: string[] = [];
  readonly closed: Promise<number>;
  closeCode: number | undefined;
  #taken = 0;
  #wake: (() => void) | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.received.push(String(data));
      this.#wake?.();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        open.delete(this);
        this.closeCode = code;
        this.#wake?.();
        resolve(code);
      });
    });
  }

  /**
   * Connects. Rejects with `HTTP <status>` where the upgrade is refused.
   * @param url whole, with the identity
   * @param ca whom it trusts where the URL is wss
   */
  static connect(url: string, protocols: readonly string[], credentials?: Credentials, ca?: string): Promise<Raw> {
    const headers = credentials && { authorization: basic(credentials.username, credentials.password) };
    const socket = new WebSocket(url, [...protocols], { headers: headers ?? {}, ...(ca !== undefined && { ca }) });
    const raw = new Raw(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => {
        open.add(raw);
        resolve(raw);
      });
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        socket.terminate();
        reject(new Error(`HTTP ${response.statusCode}`));
      });
      socket.once('error', reject);
    });
  }

  /** Ends what tests have left open. */
  static closeAll(): void {
    for (const raw of open) raw.socket.terminate();
  }

  send(frame: string | readonly unknown[]): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The next text that was not taken yet. */
  async next(): Promise<string> {
    const deadline = Date.now() + ANSWER_MS;
    while (this.#taken >= this.received.length) {
      const left = deadline - Date.now();
      if (left <= 0 || this.closeCode !== undefined)
        throw new Error(this.closeCode === undefined ? 'no answer' : `closed with ${this.closeCode}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.received[this.#taken++] as string;
  }

  /** Sends a frame and gives the next one that comes, parsed. */
  async ask(frame: string | readonly unknown[]): Promise<unknown[]> {
    this.send(frame);
    return JSON.parse(await this.next()) as unknown[];
  }

  terminate(): void {
    this.socket.terminate();
  }
}

export interface Upgrade {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Code of the close frame that follows a completed handshake. */
  readonly closeCode: number | undefined;
}

/** A WebSocket handshake by hand: what comes back, whatever it is. */
export function upgrade(url: string, headers: Readonly<Record<string, string>>): Promise<Upgrade> {
  return new Promise((resolve, reject) => {
    const sent = request(url.replace(/^ws/, 'http'), {
      agent: false,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, closeCode: undefined });
    });
    sent.on('upgrade', (response, socket, head) => {
      let bytes = head;
      const look = (): void => {
        // An unmasked close frame: 0x88, its length, and the code in network order (RFC 6455 section 5.5.1).
        if (bytes.length < 4 || bytes[0] !== 0x88) return;
        socket.destroy();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, closeCode: bytes.readUInt16BE(2) });
      };
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        look();
      });
      socket.on('error', reject);
      look();
    });
    sent.end();
  });
}
