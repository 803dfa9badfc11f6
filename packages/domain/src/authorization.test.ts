import { describe, expect, it } from 'vitest';
import {
  authorize,
  fittingEvses,
  type IdTokenState,
  idTokenKey,
  mayStop,
  needsNoToken,
  type TokenLimits,
  type TokenPlace,
  verdict16,
} from './authorization.js';

const NOW = 1_800_000_000_000;
const token = (change: Partial<IdTokenState> = {}): IdTokenState => ({
  value: 'TAG',
  status: 'active',
  expiresAt: null,
  groupId: null,
  userId: null,
  maxConcurrent: null,
  limits: null,
  ...change,
});
const place = (change: Partial<TokenPlace> = {}): TokenPlace => ({
  stationId: 7,
  site: 'North',
  evseId: 1,
  outlets: [
    { evseId: 1, type: 'CCS' },
    { evseId: 2, type: 'Type2' },
  ],
  running: 0,
  ...change,
});

describe('authorize', () => {
  it.each([
    ['nothing known', undefined, 'Unknown'],
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

  it.each([
    [1, 0, 'Accepted'],
    [1, 1, 'ConcurrentTx'],
    [2, 1, 'Accepted'],
    [2, 3, 'ConcurrentTx'],
    [null, 99, 'Accepted'],
  ] as const)('with room for %s and %s running: %s', (maxConcurrent, running, verdict) => {
    expect(authorize(token({ maxConcurrent }), NOW, place({ running }))).toBe(verdict);
    // A stop is not asked for room.
    expect(authorize(token({ maxConcurrent }), NOW)).toBe('Accepted');
  });

  it.each([
    [{ stations: [7] }, {}, 'Accepted'],
    [{ stations: [8] }, {}, 'NotAtThisLocation'],
    [{ stations: [8], sites: ['North'] }, {}, 'Accepted'],
    [{ sites: ['South'] }, {}, 'NotAtThisLocation'],
    [{ sites: ['North'] }, { site: null }, 'NotAtThisLocation'],
    [{ connectorTypes: ['ccs'] }, {}, 'Accepted'],
    [{ connectorTypes: ['ccs'] }, { evseId: 2 }, 'NotAllowedTypeEVSE'],
    [{ connectorTypes: ['ccs'] }, { evseId: undefined }, 'Accepted'],
    [{ connectorTypes: ['CHAdeMO'] }, { evseId: undefined }, 'NotAllowedTypeEVSE'],
    // What nobody told the type of refuses nobody.
    [{ connectorTypes: ['CHAdeMO'] }, { outlets: [] }, 'Accepted'],
    [{}, {}, 'Accepted'],
  ] as const satisfies readonly [TokenLimits, Partial<TokenPlace>, string][])(
    'limits %j at %j: %s',
    (limits, where, verdict) => {
      expect(authorize(token({ limits }), NOW, place(where))).toBe(verdict);
    },
  );

  // 2027-01-15 was a Friday; NOW is 08:00 UTC, 05:00 in Sao Paulo.
  it.each([
    [[{ from: '08:00', to: '09:00' }], 'UTC', 'Accepted'],
    [[{ from: '07:00', to: '08:00' }], 'UTC', 'NotAtThisTime'],
    [[{ from: '08:00', to: '09:00' }], undefined, 'NotAtThisTime'],
    [[{ from: '05:00', to: '05:01' }], undefined, 'Accepted'],
    [[{ days: [5], from: '00:00', to: '00:00' }], 'UTC', 'Accepted'],
    [[{ days: [6, 7], from: '00:00', to: '00:00' }], 'UTC', 'NotAtThisTime'],
    // Through the night of Thursday.
    [[{ days: [4], from: '22:00', to: '09:00' }], 'UTC', 'Accepted'],
    [[{ days: [5], from: '22:00', to: '09:00' }], 'UTC', 'NotAtThisTime'],
  ] as const)('hours %j of %s: %s', (hours, timeZone, verdict) => {
    expect(authorize(token({ limits: { hours, timeZone } }), NOW, place())).toBe(verdict);
  });

  it('names the EVSEs that fit', () => {
    expect(fittingEvses({ connectorTypes: ['type2'] }, place())).toEqual([2]);
    expect(fittingEvses({}, place())).toBeUndefined();
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

describe('words', () => {
  it('are those of 1.6 where 1.6 has them, and Invalid where not', () => {
    for (const same of ['Accepted', 'Blocked', 'ConcurrentTx', 'Expired'] as const) expect(verdict16(same)).toBe(same);
    for (const other of ['Unknown', 'NotAtThisTime', 'NotAtThisLocation', 'NotAllowedTypeEVSE', 'Invalid'] as const)
      expect(verdict16(other)).toBe('Invalid');
  });
});

describe('who may stop', () => {
  it.each([
    ['A', null, 'a', null, true],
    ['A', null, 'B', null, false],
    ['A', 'FLEET', 'B', 'fleet', true],
    ['A', 'FLEET', 'B', 'OTHER', false],
    ['A', 'FLEET', 'B', null, false],
  ] as const)('%s of %s, by %s of %s: %s', (value, groupId, other, otherGroup, may) => {
    expect(mayStop({ value, groupId }, { value: other, groupId: otherGroup })).toBe(may);
  });
});
