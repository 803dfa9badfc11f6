/**
 * The room of WebSocket frames as a client writes and reads them (RFC 6455, section 5).
 *
 * A client's frames must carry a mask key, and the key may be any 32 bits. This client always uses zero: masking with
 * zero changes nothing, so that a payload goes out as it lies in its template. A server cannot tell the difference.
 */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const FIN = 0x80;
const MASKED = 0x80;
const KEY_BYTES = 4;

/** Bytes of the header of a client's frame, the mask key included. */
export function headerLength(payloadBytes: number): number {
  return (payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10) + KEY_BYTES;
}

/** Writes the header of an unfragmented frame at `at`; returns the offset of the payload. */
export function writeHeader(target: Uint8Array, at: number, opcode: number, payloadBytes: number): number {
  target[at] = FIN | opcode;
  let o = at + 2;
  if (payloadBytes < 126) {
    target[at + 1] = MASKED | payloadBytes;
  } else if (payloadBytes < 65_536) {
    target[at + 1] = MASKED | 126;
    target[o++] = payloadBytes >>> 8;
    target[o++] = payloadBytes & 0xff;
  } else {
    target[at + 1] = MASKED | 127;
    target.fill(0, o, o + 4);
    o += 4;
    target[o++] = payloadBytes >>> 24;
    target[o++] = (payloadBytes >>> 16) & 0xff;
    target[o++] = (payloadBytes >>> 8) & 0xff;
    target[o++] = payloadBytes & 0xff;
  }
  // Four stores: a call of fill() costs more than all of them.
  target[o] = 0;
  target[o + 1] = 0;
  target[o + 2] = 0;
  target[o + 3] = 0;
  return o + KEY_BYTES;
}

/** One whole frame in memory of its own, for what is rare: answers, pongs, closes. */
export function encodeFrame(opcode: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headerLength(payload.length) + payload.length);
  frame.set(payload, writeHeader(frame, 0, opcode, payload.length));
  return frame;
}

/** A close frame (RFC 6455, 5.5.1). */
export function encodeClose(code: number): Buffer {
  return encodeFrame(OPCODE.close, Uint8Array.of(code >>> 8, code & 0xff));
}

/** Who hears of what a {@link FrameReader} reads. The bytes are only good during the call. */
export interface FrameListener {
  /** A whole text message in `bytes[start, end)`. */
  onText(bytes: Buffer, start: number, end: number): void;
  onPing(payload: Buffer): void;
  /** @param code 1005 where the server named none */
  onClose(code: number): void;
  /** What the server may not send; nothing after it is read. */
  onViolation(reason: string): void;
}

const NONE = Buffer.alloc(0);
const NO_CODE = 1005;

/** Reads a server's frames from chunks of any size. Copies only what a chunk's end cuts, and fragments. */
export class FrameReader {
  #rest: Buffer = NONE;
  #fragments: Buffer[] | null = null;
  #fragmentBytes = 0;
  #dead = false;

  constructor(
    private readonly listener: FrameListener,
    private readonly maxBytes: number,
  ) {}

  /** Reads `chunk[start, end)`. */
  feed(chunk: Buffer, start: number, end: number): void {
    if (this.#dead) return;
    if (this.#rest.length === 0) {
      const read = this.#frames(chunk, start, end);
      if (read < end && !this.#dead) this.#rest = Buffer.from(chunk.subarray(read, end));
      return;
    }
    const joined = Buffer.concat([this.#rest, chunk.subarray(start, end)]);
    const read = this.#frames(joined, 0, joined.length);
    this.#rest = read < joined.length ? joined.subarray(read) : NONE;
  }

  /** Reads all whole frames; returns where the first cut one begins. */
  #frames(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (end - at >= 2) {
      const first = bytes[at]!;
      const short = bytes[at + 1]!;
      let length = short;
      let o = at + 2;
      if ((short & MASKED) !== 0) return this.#violation('a server may not mask', end);
      if ((first & 0x70) !== 0) return this.#violation('reserved bits are set', end);
      if (short === 126) {
        if (end < o + 2) return at;
        length = bytes.readUInt16BE(o);
        o += 2;
      } else if (short === 127) {
        if (end < o + 8) return at;
        length = bytes.readUInt32BE(o) * 2 ** 32 + bytes.readUInt32BE(o + 4);
        o += 8;
      }
      if (length > this.maxBytes) return this.#violation(`a frame of ${length} bytes`, end);
      if (end < o + length) return at;
      at = o + length;
      this.#frame(first & 0x0f, (first & FIN) !== 0, bytes, o, at);
      if (this.#dead) return end;
    }
    return at;
  }

  #frame(opcode: number, fin: boolean, bytes: Buffer, start: number, end: number): void {
    if (opcode === OPCODE.text && fin && this.#fragments === null) {
      this.listener.onText(bytes, start, end);
      return;
    }
    if (opcode >= OPCODE.close) {
      if (!fin || end - start > 125) this.#violation('a control frame that is fragmented or long', end);
      else if (opcode === OPCODE.ping) this.listener.onPing(Buffer.from(bytes.subarray(start, end)));
      else if (opcode === OPCODE.close) {
        this.#dead = true;
        this.listener.onClose(end - start >= 2 ? bytes.readUInt16BE(start) : NO_CODE);
      } else if (opcode !== OPCODE.pong) this.#violation(`opcode ${opcode}`, end);
      return;
    }
    this.#fragment(opcode, fin, bytes, start, end);
  }

  #fragment(opcode: number, fin: boolean, bytes: Buffer, start: number, end: number): void {
    const begins = this.#fragments === null;
    if (opcode !== (begins ? OPCODE.text : OPCODE.continuation)) {
      this.#violation(opcode === OPCODE.binary ? 'a binary message' : `opcode ${opcode} out of order`, end);
      return;
    }
    this.#fragments ??= [];
    this.#fragments.push(Buffer.from(bytes.subarray(start, end)));
    this.#fragmentBytes += end - start;
    if (this.#fragmentBytes > this.maxBytes) {
      this.#violation(`a message of over ${this.maxBytes} bytes`, end);
      return;
    }
    if (!fin) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = null;
    this.#fragmentBytes = 0;
    this.listener.onText(whole, 0, whole.length);
  }

  #violation(reason: string, end: number): number {
    this.#dead = true;
    this.listener.onViolation(reason);
    return end;
  }
}
