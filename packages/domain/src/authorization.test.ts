import { describe, expect, it } from 'vitest';
import { authorize, type IdTokenState, idTokenKey, needsNoToken } from './authorization.js';

const NOW = 1_800_000_000_000;
const token = (change: Partial<IdTokenState> = {}): IdTokenState => ({
  value: 'TAG',
  status: 'active',
  expiresAt: null,
  groupId: null,
  userId: null,
  ...change,
});

describe('authorize', () => {
  it.each([
    ['nothing known', undefined, 'Invalid'],
    ['an active one', token(), 'Accepted'],
    ['one that is not yet past', token({ expiresAt: NOW + 1 }), 'Accepted'],
    ['one that ends now', token({ expiresAt: NOW }), 'Expired'],
    ['one from before', token({ expiresAt: NOW - 1 }), 'Expired'],
    // Field.md 41: told as what it is, never as Invalid, and before the lesser reason.
    ['a blocked one', token({ status: 'blocked' }), 'Blocked'],
    ['a blocked one that is past', token({ status: 'blocked', expiresAt: NOW - 1 }), 'Blocked'],
  ] as const)('answers %s', (_name, known, verdict) => {
    expect(authorize(known, NOW)).toBe(verdict);
  });

  it('compares tokens without regard to case', () => {
    expect(idTokenKey('04AbCd')).toBe(idTokenKey('04aBcD'));
    expect(idTokenKey('a')).not.toBe(idTokenKey('b'));
  });

  it('asks for no token where a button starts', () => {
    expect(needsNoToken('NoAuthorization')).toBe(true);
    for (const type of ['Central', 'ISO14443', 'eMAID', '', 'noauthorization']) expect(needsNoToken(type)).toBe(false);
  });
});
