import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CallItem,
  EnvelopeError,
  fnv1a32,
  identityOf,
  packCommandReply,
  packDown,
  packReplies,
  packUplink,
  partitionOf,
  passwordProof,
  passwordVerifier,
  REPLY,
  tokenOf,
  UPLINK,
  unpackCommandReply,
  unpackDown,
  unpackReplies,
  unpackUplink,
  verifierMatches,
} from './index.js';

describe('token', () => {
  it('is reversible and safe in a subject for every identity', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 48, unit: 'grapheme' }), (identity) => {
        fc.pre(identity.length <= 255 && !/\p{Surrogate}/u.test(identity));
        const token = tokenOf(identity);
        expect(token).toMatch(/^[A-Za-z0-9_=-]+$/);
        expect(identityOf(token)).toBe(identity);
      }),
    );
  });

  it('keeps every character that OCPP 2.x allows apart from every other', () => {
    const allowed = 'abcXYZ019*-_=:+|@.';
    const tokens = new Set([...allowed].map((char) => tokenOf(char)));
    expect(tokens.size).toBe(allowed.length);
    expect(tokenOf('BR*SP.1 +x')).toBe('BR=2ASP=2E1=20=2Bx');
  });

  it('refuses what no identity makes', () => {
    for (const bad of ['', '=', '=2', '=2e', '=41', '=FF', 'a.b', 'a b'])
      expect(() => identityOf(bad)).toThrow(RangeError);
    expect(() => tokenOf('')).toThrow(/identity/);
    expect(() => tokenOf('x'.repeat(256))).toThrow(/255/);
    expect(() => tokenOf('\ud800')).toThrow(/Unicode/);
  });
});

describe('partition', () => {
  it('is the FNV-1a that the NATS server computes', () => {
    // Published test vectors of FNV-1a, 32 bits.
    expect(fnv1a32('')).toBe(0x811c9dc5);
    expect(fnv1a32('a')).toBe(0xe40c292c);
    expect(fnv1a32('foobar')).toBe(0xbf9cf968);
  });

  it('spreads stations evenly', () => {
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) {
      const p = partitionOf(tokenOf(`BR*SIG*${i}`), 16);
      counts[p] = (counts[p] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(700);
  });
});

describe('envelopes', () => {
  const call: CallItem = {
    kind: UPLINK.call,
    seq: 7,
    stationId: 2 ** 40,
    epoch: 3,
    version: 'ocpp2.0.1',
    id: 'ç-1',
    action: 'Heartbeat',
    payload: '{}',
    at: 1_790_000_000_000.125,
  };

  it('carry uplink items unchanged', () => {
    const items = [
      call,
      {
        kind: UPLINK.connect,
        seq: 1,
        identity: 'A',
        proof: new Uint8Array([1, 2]),
        version: '',
        address: '::1',
        at: 5,
        profile: 3,
        certificate: 'ab12',
      },
      { kind: UPLINK.disconnect, seq: 2, stationId: 4, epoch: 5, code: 1006, at: 6 },
      {
        kind: UPLINK.record,
        stationId: 4,
        direction: 'out',
        type: 'call',
        id: 'x',
        action: 'Reset',
        text: '{}',
        at: 7,
      },
    ] as const;
    const batch = unpackUplink(packUplink('edge-1', items));
    expect(batch.edgeId).toBe('edge-1');
    expect(batch.items.map((i) => ('proof' in i && i.proof ? { ...i, proof: new Uint8Array(i.proof) } : i))).toEqual(
      items,
    );
  });

  it('carry any text of a charger unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (payload, id) => {
        const [item] = unpackUplink(packUplink('e', [{ ...call, payload, id }])).items;
        expect(item).toEqual({ ...call, payload, id });
      }),
    );
  });

  it('carry replies and commands unchanged', () => {
    const replies = [
      { kind: REPLY.frame, seq: 1, text: '[3,"a",{}]', booted: -1 },
      {
        kind: REPLY.connect,
        seq: 2,
        status: 'accepted',
        reason: '',
        stationId: 9,
        epoch: 4,
        booted: true,
        pingSeconds: 30,
        version: '',
        retryAfter: 7,
      },
      { kind: REPLY.done, seq: 3 },
      { kind: REPLY.stale, seq: 4 },
    ] as const;
    expect(unpackReplies(packReplies(replies))).toEqual(replies);
    for (const down of [
      { type: 'claim', epoch: 8, edgeId: 'e' },
      { type: 'command', id: 'm', action: 'Reset', payload: '{"type":"Soft"}', timeoutMs: 1000 },
    ] as const)
      expect(unpackDown(packDown(down))).toEqual(down);
    for (const reply of [
      { status: 'result', payload: '{}' },
      { status: 'error', code: 'InternalError', description: 'd', details: '{}' },
      { status: 'moved' },
    ] as const)
      expect(unpackCommandReply(packCommandReply(reply))).toEqual(reply);
  });

  it('refuse what they are not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const unpack of [unpackUplink, unpackReplies, unpackDown, unpackCommandReply])
          expect(() => unpack(bytes)).toThrow(EnvelopeError);
      }),
    );
    expect(() => unpackReplies(packUplink('e', []))).toThrow(/type/);
  });
});

describe('station secrets', () => {
  it('take the key as hex digits or as the bytes they spell', () => {
    const bytes = randomBytes(20);
    const a = passwordProof('pepper', bytes);
    expect(passwordProof('pepper', Buffer.from(bytes.toString('hex')))).toEqual(a);
    expect(passwordProof('pepper', Buffer.from(bytes.toString('hex').toUpperCase()))).toEqual(a);
    expect(passwordProof('other', bytes)).not.toEqual(a);
  });

  it('match only their own proof', () => {
    const salt = randomBytes(16);
    const stored = passwordVerifier(salt, passwordProof('p', Buffer.from('correct horse battery')));
    expect(verifierMatches(salt, passwordProof('p', Buffer.from('correct horse battery')), stored)).toBe(true);
    expect(verifierMatches(salt, passwordProof('p', Buffer.from('wrong')), stored)).toBe(false);
  });
});
