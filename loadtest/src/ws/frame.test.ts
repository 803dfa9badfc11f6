import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeClose, encodeFrame, FrameReader, headerLength, OPCODE } from './frame.js';

/** A server's frame: not masked. */
function serverFrame(opcode: number, payload: Buffer, fin = true): Buffer {
  const n = payload.length;
  const head =
    n < 126
      ? Buffer.of(0, n)
      : n < 65_536
        ? Buffer.of(0, 126, n >> 8, n & 255)
        : Buffer.of(0, 127, 0, 0, 0, 0, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255);
  head[0] = (fin ? 0x80 : 0) | opcode;
  return Buffer.concat([head, payload]);
}

function read(chunks: readonly Buffer[], maxBytes = 1 << 20) {
  const heard: string[] = [];
  const reader = new FrameReader(
    {
      onText: (bytes, start, end) => heard.push(`text ${bytes.toString('utf8', start, end)}`),
      onPing: (payload) => heard.push(`ping ${payload.toString()}`),
      onClose: (code) => heard.push(`close ${code}`),
      onViolation: (reason) => heard.push(`violation ${reason}`),
    },
    maxBytes,
  );
  for (const chunk of chunks) {
    // The memory of a chunk is used again after the call, as the socket's is.
    const lent = Buffer.from(chunk);
    reader.feed(lent, 0, lent.length);
    lent.fill(0x58);
  }
  return heard;
}

/** Cuts bytes at the given places. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (whole.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...sorted, whole.length];
  return edges.slice(1).map((edge, k) => whole.subarray(edges[k], edge));
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer({ min: 100, max: 70_000 }).map((n) => 'a'.repeat(n)),
);
const message = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('text' as const), text, parts: fc.integer({ min: 1, max: 4 }) }),
  },
  fc.record({ kind: fc.constant('ping' as const), text: fc.string({ maxLength: 20 }), parts: fc.constant(1) }),
);

describe('FrameReader', () => {
  it('reads messages, fragmented or not, with pings between fragments, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 30 }), (messages, places) => {
        const frames: Buffer[] = [];
        const expected: string[] = [];
        for (const { kind, text: words, parts } of messages) {
          const payload = Buffer.from(words);
          if (kind === 'ping') {
            frames.push(serverFrame(OPCODE.ping, payload));
            expected.push(`ping ${payload.toString()}`);
            continue;
          }
          const size = Math.max(1, Math.ceil(payload.length / parts));
          for (let k = 0; k < parts; k++) {
            const part = payload.subarray(k * size, k === parts - 1 ? undefined : (k + 1) * size);
            frames.push(serverFrame(k === 0 ? OPCODE.text : OPCODE.continuation, part, k === parts - 1));
            if (k < parts - 1) {
              frames.push(serverFrame(OPCODE.ping, Buffer.from('x')));
              expected.push('ping x');
            }
          }
          expected.push(`text ${payload.toString()}`);
        }
        expect(read(cut(Buffer.concat(frames), places))).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('hears a close with and without a code, and nothing after it', () => {
    const after = serverFrame(OPCODE.text, Buffer.from('late'));
    expect(read([Buffer.concat([serverFrame(OPCODE.close, Buffer.of(3, 233)), after])])).toEqual(['close 1001']);
    expect(read([serverFrame(OPCODE.close, Buffer.alloc(0)), after])).toEqual(['close 1005']);
  });

  it.each([
    ['a masked frame', Buffer.of(0x81, 0x80, 0, 0, 0, 0), /mask/],
    ['reserved bits', Buffer.of(0xc1, 0), /reserved/],
    ['a binary message', Buffer.of(0x82, 0), /binary/],
    ['a continuation of nothing', Buffer.of(0x80, 0), /order/],
    ['a second message within a fragmented one', Buffer.of(0x01, 0, 0x81, 0), /order/],
    ['a fragmented ping', Buffer.of(0x09, 0), /control/],
    ['an unknown opcode', Buffer.of(0x83, 0), /opcode 3/],
    ['an unknown control opcode', Buffer.of(0x8b, 0), /opcode 11/],
    ['a frame that is too long', Buffer.of(0x81, 126, 0x80, 0), /32768 bytes/],
  ])('refuses %s', (_name, bytes, reason) => {
    const heard = read([bytes, serverFrame(OPCODE.text, Buffer.from('after'))], 1000);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(reason);
  });

  it('refuses fragments that are too long together', () => {
    const part = Buffer.alloc(600);
    const heard = read([serverFrame(OPCODE.text, part, false), serverFrame(OPCODE.continuation, part)], 1000);
    expect(heard).toEqual([expect.stringMatching(/over 1000/)]);
  });
});

describe('encodeFrame', () => {
  it('is a masked frame whose payload is what it was given, at every length', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(300), fc.constantFrom(65_535, 65_536, 70_000)), (length) => {
        const payload = Buffer.alloc(length, 'p');
        const frame = encodeFrame(OPCODE.text, payload);
        expect(frame).toHaveLength(headerLength(length) + length);
        expect(frame[0]).toBe(0x81);
        expect(frame[1]! & 0x80).toBe(0x80);
        const short = frame[1]! & 0x7f;
        const told = short === 126 ? frame.readUInt16BE(2) : short === 127 ? Number(frame.readBigUInt64BE(2)) : short;
        expect(told).toBe(length);
        const at = short === 126 ? 4 : short === 127 ? 10 : 2;
        const mask = frame.subarray(at, at + 4);
        const unmasked = Buffer.from(frame.subarray(at + 4).map((byte, k) => byte ^ mask[k % 4]!));
        expect(unmasked.equals(payload)).toBe(true);
      }),
    );
    expect(encodeClose(1000).subarray(-2).readUInt16BE()).toBe(1000);
  });
});
