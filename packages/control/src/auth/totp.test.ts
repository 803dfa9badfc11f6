import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32, codeAt, newRecoveryCodes, otpauthUrl, stepOf, stepOfCode, tidyRecoveryCode } from './totp.js';

/** RFC 4226 appendix D, and RFC 6238 appendix B (its last six digits). */
const SECRET = Buffer.from('12345678901234567890');

describe('one-time codes', () => {
  it('are those of RFC 4226', () => {
    const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
    expect(codes.map((_, counter) => codeAt(SECRET, counter))).toEqual(codes);
  });

  it('are those of RFC 6238', () => {
    for (const [seconds, code] of [
      [59, '287082'],
      [1_111_111_109, '081804'],
      [1_111_111_111, '050471'],
      [1_234_567_890, '005924'],
      [2_000_000_000, '279037'],
      [20_000_000_000, '353130'],
    ] as const)
      expect(codeAt(SECRET, stepOf(seconds * 1000)), code).toBe(code);
  });

  it('are taken of the step before and after, and of none that is further', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        fc.integer({ min: 1_000, max: 4_000_000_000_000 }),
        fc.integer({ min: -3, max: 3 }),
        (secret, now, off) => {
          const code = codeAt(secret, Math.max(0, stepOf(now) + off));
          const found = stepOfCode(secret, code, now);
          if (Math.abs(off) <= 1) expect(found).toBeDefined();
          // Two steps may have the same code: then it is the code of both.
          else if (found !== undefined) expect(codeAt(secret, found)).toBe(code);
        },
      ),
    );
    const at = 1_800_000_000_000;
    expect([-2, -1, 0, 1, 2].map((off) => stepOfCode(SECRET, codeAt(SECRET, stepOf(at) + off), at))).toEqual([
      undefined,
      stepOf(at) - 1,
      stepOf(at),
      stepOf(at) + 1,
      undefined,
    ]);
    for (const wrong of ['', '12345', '1234567', 'abcdef']) expect(stepOfCode(SECRET, wrong, at)).toBeUndefined();
  });

  it('come of a secret that apps can read', () => {
    expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI');
    expect(base32(Buffer.from('fooba'))).toBe('MZXW6YTB');
    expect(base32(new Uint8Array())).toBe('');
    const url = new URL(otpauthUrl(SECRET, 'ana@example.test'));
    expect([url.protocol, url.searchParams.get('secret'), url.searchParams.get('digits')]).toEqual([
      'otpauth:',
      'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      '6',
    ]);
  });
});

describe('recovery codes', () => {
  it('are all different, and found however they are typed', () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/);
      expect(tidyRecoveryCode(` ${code.toLowerCase().replaceAll('-', ' ')}`)).toBe(code);
    }
  });
});
