/**
 * The room of one WebSocket of one station, on a raw socket. All plain sockets of a process read into one buffer, and
 * hand their bytes over without events; what was read has to be used before the next turn.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { encodeClose, encodeFrame, type FrameListener, FrameReader, OPCODE } from './frame.js';
import { type Endpoint, newKey, readUpgrade, upgradeRequest } from './handshake.js';

/** Who owns a link. Exactly one of `linkFailed` and `linkClosed` ends it, unless the owner cut it. */
export interface LinkOwner {
  linkOpen(link: Link): void;
  linkText(bytes: Buffer, start: number, end: number): void;
  linkClosed(link: Link, reason: string): void;
  /** Before it was open. @param status of HTTP, 0 where there was none */
  linkFailed(link: Link, status: number, reason: string): void;
}

export interface LinkOptions {
  readonly endpoint: Endpoint;
  /** IP address of the endpoint's host. */
  readonly address: string;
  /** Source address, where one is to be chosen. */
  readonly localAddress: string | undefined;
  /** Its port, where that is chosen as well. */
  readonly localPort: number | undefined;
  readonly identity: string;
  readonly subprotocol: string;
  readonly password: string | undefined;
  readonly ca: string | undefined;
  readonly insecure: boolean;
}

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_HEAD_BYTES = 16 * 1024;
const CLOSING_MS = 1000;
const HEAD_END = '\r\n\r\n';

/** What every plain socket of this process reads into. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

export class Link implements FrameListener {
  readonly #owner: LinkOwner;
  readonly #options: LinkOptions;
  readonly #key = newKey();
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  #head = '';
  #open = false;
  #over = false;

  constructor(owner: LinkOwner, options: LinkOptions) {
    this.#owner = owner;
    this.#options = options;
    this.#reader = new FrameReader(this, MAX_MESSAGE_BYTES);
    this.#socket = options.endpoint.tls ? this.#tls() : this.#plain();
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? error.message));
    this.#socket.on('close', () => this.#end('closed'));
    this.#socket.on('end', () => this.#end('closed by the server'));
  }

  /** Sends a whole frame of this frame's own memory. False where the memory is still being read from. */
  send(frame: Uint8Array): boolean {
    this.#socket.write(frame);
    return this.#socket.writableLength === 0;
  }

  /** Sends a text message; copies. */
  sendText(text: string): void {
    this.#socket.write(encodeFrame(OPCODE.text, Buffer.from(text)));
  }

  /** TLS keeps what it is given until it is written. */
  get copies(): boolean {
    return this.#options.endpoint.tls;
  }

  /** Ends it at once with a reset, and tells the owner nothing. */
  cut(): void {
    this.#over = true;
    this.#socket.resetAndDestroy();
  }

  /** Says good-bye, and tells the owner nothing more. The server closes; after a second nobody waits for it. */
  close(closed: () => void = () => {}): void {
    if (this.#over) {
      closed();
      return;
    }
    this.#over = true;
    this.#socket.once('close', closed);
    if (!this.#open) {
      this.#socket.destroy();
      return;
    }
    const timer = setTimeout(() => this.#socket.destroy(), CLOSING_MS);
    this.#socket.once('close', () => clearTimeout(timer));
    this.#socket.write(encodeClose(1000));
  }

  onText(bytes: Buffer, start: number, end: number): void {
    if (!this.#over) this.#owner.linkText(bytes, start, end);
  }

  onPing(payload: Buffer): void {
    if (!this.#over) this.#socket.write(encodeFrame(OPCODE.pong, payload));
  }

  onClose(code: number): void {
    if (!this.#over) this.#socket.write(encodeClose(code === 1005 ? 1000 : code));
    this.#socket.end();
    this.#end(`close ${code}`);
  }

  onViolation(reason: string): void {
    this.#end(`violation: ${reason}`);
    this.#socket.destroy();
  }

  #plain(): Socket {
    const { address, localAddress, localPort, endpoint } = this.#options;
    const socket = connectTcp({
      host: address,
      port: endpoint.port,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(localPort === undefined ? {} : { localPort }),
      onread: {
        buffer: READ_BUFFER,
        callback: (bytes: number, buffer: Uint8Array) => {
          this.#read(buffer as Buffer, bytes);
          return true;
        },
      },
    });
    socket.once('connect', () => this.#ask());
    return socket;
  }

  #tls(): Socket {
    const { address, localAddress, localPort, endpoint, ca, insecure } = this.#options;
    const socket = connectTls({
      host: address,
      port: endpoint.port,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: !insecure,
      ...(/^[\d.]+$|:/.test(endpoint.host) ? {} : { servername: endpoint.host }),
      ...(ca === undefined ? {} : { ca }),
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(localPort === undefined ? {} : { localPort }),
    });
    socket.once('secureConnect', () => this.#ask());
    socket.on('data', (chunk: Buffer) => this.#read(chunk, chunk.length));
    return socket;
  }

  #ask(): void {
    this.#socket.write(upgradeRequest({ ...this.#options, key: this.#key }), 'latin1');
  }

  #read(bytes: Buffer, count: number): void {
    if (this.#open) this.#reader.feed(bytes, 0, count);
    else if (!this.#over) this.#readHead(bytes, count);
  }

  #readHead(bytes: Buffer, count: number): void {
    const before = this.#head.length;
    this.#head += bytes.toString('latin1', 0, count);
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) {
      if (this.#head.length > MAX_HEAD_BYTES) this.#fail(0, 'the answer to the upgrade is too long');
      return;
    }
    const answer = readUpgrade(this.#head.slice(0, end), this.#key, this.#options.subprotocol);
    this.#head = '';
    if (answer.kind === 'refused') this.#fail(answer.status, `HTTP ${answer.status}`);
    else if (answer.kind === 'bad') this.#fail(0, answer.reason);
    else {
      this.#open = true;
      // Frames that came with the answer are copied: the owner writes at once, and may read again.
      const rest = Buffer.from(bytes.subarray(end + HEAD_END.length - before, count));
      this.#owner.linkOpen(this);
      if (rest.length > 0) this.#reader.feed(rest, 0, rest.length);
    }
  }

  #fail(status: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
    this.#owner.linkFailed(this, status, reason);
  }

  #end(reason: string): void {
    if (this.#over) return;
    if (!this.#open) {
      this.#fail(0, reason);
      return;
    }
    this.#over = true;
    this.#owner.linkClosed(this, reason);
    this.#socket.destroy();
  }
}
