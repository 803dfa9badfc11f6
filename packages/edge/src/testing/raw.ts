/** For tests: WebSocket frames by hand, for what no client sends. */
import type { Socket } from 'node:net';
import { upgradeText, wire } from './charger.js';
import { until } from './fixtures.js';

export const OPCODE = { continuation: 0, text: 1, binary: 2, ping: 9 } as const;

interface FrameOptions {
  readonly opcode?: number;
  readonly fin?: boolean;
  /** The bit that says "compressed". */
  readonly rsv1?: boolean;
}

/** A masked frame of a client (RFC 6455 section 5.2); the mask is zero, so the payload stays readable. */
export function rawFrame(payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = OPCODE.text, fin = true, rsv1 = false } = options;
  const bytes = Buffer.from(payload as Uint8Array);
  const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  if (head.length === 2) head[1] = 0x80 | bytes.length;
  else if (head.length === 4) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(bytes.length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(bytes.length), 2);
  }
  return Buffer.concat([head, Buffer.alloc(4), bytes]);
}

export interface RawCharger {
  readonly socket: Socket;
  /** All that came, as Latin-1. */
  readonly text: () => string;
  readonly closed: () => boolean;
}

/** A charger in session whose every byte the test sends itself. */
export async function rawCharger(port: number, identity: string): Promise<RawCharger> {
  const { socket, text } = await wire(port);
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  socket.write(upgradeText(`/ocpp/${identity}`));
  await until(() => text().includes('\r\n\r\n'), 'the upgrade');
  if (!text().startsWith('HTTP/1.1 101')) throw new Error('was refused');
  return { socket, text, closed: () => closed };
}
