import { describe, expect, it } from 'vitest';
import {
  type Access,
  type AccessAttempt,
  type AccessChange,
  type AccessRules,
  admit,
  afterAccess,
  type StationAccess,
} from './connect.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const bytes = (text: string) => new TextEncoder().encode(text);

/** Stands for the hash: a verifier is the proof itself. */
const rules: AccessRules = {
  flap: { limit: 3, blockMs: 900_000 },
  verify: (_salt, proof, verifier) => String(proof) === String(verifier),
};
const moment = { now: NOW, repeated: false };

const open: StationAccess = {
  blocked: false,
  defaultVersion: null,
  secretSalt: null,
  secretVerifier: null,
  pendingSalt: null,
  pendingVerifier: null,
  minSecurityProfile: 0,
  desiredSecurityProfile: null,
  connectsSince: null,
  connects: 0,
  flapUntil: null,
};
const secret: StationAccess = { ...open, secretSalt: bytes('s'), secretVerifier: bytes('right') };
const rotating: StationAccess = { ...secret, pendingSalt: bytes('p'), pendingVerifier: bytes('new') };
const plain: AccessAttempt = { proof: null, version: 'ocpp1.6', profile: 0, certificate: '' };
const right: AccessAttempt = { ...plain, proof: bytes('right'), profile: 1 };
const wrong: AccessAttempt = { ...right, proof: bytes('wrong') };
const next: AccessAttempt = { ...right, proof: bytes('new') };
const tls: AccessAttempt = { ...right, profile: 2 };
const mutual: AccessAttempt = { ...plain, profile: 3, certificate: 'ab' };

const ask = (attempt: AccessAttempt, station?: StationAccess, now = NOW): Access =>
  admit(attempt, station, rules, { now, repeated: false });
function taken(access: Access): AccessChange {
  if (access.status !== 'accepted') throw new Error(access.reason);
  return access.change;
}

describe('who may come in', () => {
  const CASES: [string, StationAccess | undefined, AccessAttempt, Access['status']][] = [
    ['a station without a secret', open, plain, 'accepted'],
    ['a password where none is asked for', open, wrong, 'accepted'],
    ['the right password', secret, right, 'accepted'],
    ['a wrong password', secret, wrong, 'unauthorized'],
    ['no password', secret, plain, 'unauthorized'],
    ['an unknown station', undefined, right, 'unknown'],
    ['a blocked station', { ...open, blocked: true }, plain, 'forbidden'],
    // Who does not know the password does not learn that the station is blocked.
    ['a wrong password of a blocked station', { ...secret, blocked: true }, wrong, 'unauthorized'],
    ['no subprotocol', open, { ...plain, version: '' }, 'unsupported'],
    ['no subprotocol where a version is set', { ...open, defaultVersion: 'x' }, { ...plain, version: '' }, 'accepted'],
    ['a certificate in place of the password', secret, mutual, 'accepted'],
    ['a wrong password beside a certificate', secret, { ...mutual, proof: bytes('wrong') }, 'accepted'],
    ['profile 3 without a certificate', secret, { ...mutual, certificate: '' }, 'unauthorized'],
    ['a certificate by another profile', secret, { ...mutual, profile: 2 }, 'unauthorized'],
    ['a profile below the least', { ...secret, minSecurityProfile: 2 }, right, 'forbidden'],
    ['the least profile', { ...secret, minSecurityProfile: 2 }, tls, 'accepted'],
    ['a profile above the least', { ...secret, minSecurityProfile: 2 }, mutual, 'accepted'],
    ['a password below the least', { ...secret, minSecurityProfile: 3 }, tls, 'forbidden'],
    ['a wrong password below the least', { ...secret, minSecurityProfile: 2 }, wrong, 'unauthorized'],
    ['any password where one is needed and none is set', { ...open, minSecurityProfile: 1 }, right, 'unauthorized'],
    ['a certificate where no password is set', { ...open, minSecurityProfile: 3 }, mutual, 'accepted'],
  ];
  it.each(CASES)('%s', (_name, station, attempt, status) => {
    expect(ask(attempt, station).status).toBe(status);
  });

  it('every attempt costs the same hashes, whoever knocks', () => {
    const stations = [undefined, open, secret, rotating, { ...secret, blocked: true }];
    const counts = stations.flatMap((station) =>
      [plain, right, wrong, next, mutual].map((attempt) => {
        let calls = 0;
        const verify: AccessRules['verify'] = (salt, proof, verifier) => {
          calls += 1;
          expect(Math.min(salt.length, proof.length, verifier.length)).toBeGreaterThan(0);
          return rules.verify(salt, proof, verifier);
        };
        admit(attempt, station, { ...rules, verify }, moment);
        return calls;
      }),
    );
    expect(new Set(counts)).toEqual(new Set([2]));
  });

  it('what stands for a missing verifier lets nobody in', () => {
    const all: AccessRules = { ...rules, verify: () => true };
    expect(admit(plain, secret, all, moment).status).toBe('unauthorized');
    expect(admit(wrong, { ...open, minSecurityProfile: 1 }, all, moment).status).toBe('unauthorized');
    expect(admit(right, undefined, all, moment).status).toBe('unknown');
  });
});

describe('a new password', () => {
  it('is taken beside the old one until it was used, and then alone', () => {
    const old = taken(ask(right, rotating));
    expect(old.promoted).toBe(false);
    const still = afterAccess(rotating, old);
    expect(ask(right, still).status).toBe('accepted');
    const used = taken(ask(next, still));
    expect(used.promoted).toBe(true);
    const after = afterAccess(still, used);
    expect([ask(next, after).status, ask(right, after).status]).toEqual(['accepted', 'unauthorized']);
    expect(taken(ask(next, after)).promoted).toBe(false);
  });

  it('gives an open station its first password', () => {
    const first = { ...rotating, secretSalt: null, secretVerifier: null };
    expect(taken(ask(plain, first)).promoted).toBe(false);
    const after = afterAccess(first, taken(ask(next, first)));
    expect([ask(plain, after).status, ask(next, after).status]).toEqual(['unauthorized', 'accepted']);
  });

  it('is not used by who shows a certificate', () => {
    expect(taken(ask({ ...mutual, proof: bytes('new') }, rotating)).promoted).toBe(false);
  });
});

describe('an upgrade of the profile', () => {
  const told = { ...secret, desiredSecurityProfile: 2 };

  it('holds once the station has come by it; the old way is refused then', () => {
    const before = taken(ask(right, told));
    expect(before).toMatchObject({ securityProfile: 1, minSecurityProfile: 0, desiredSecurityProfile: 2 });
    const change = taken(ask(tls, told));
    expect(change).toMatchObject({ securityProfile: 2, minSecurityProfile: 2, desiredSecurityProfile: null });
    const after = afterAccess(told, change);
    expect([ask(right, after).status, ask(tls, after).status]).toEqual(['forbidden', 'accepted']);
  });

  it('by a higher profile raises the least to what was asked for', () => {
    expect(taken(ask(mutual, told)).minSecurityProfile).toBe(2);
    expect(taken(ask(mutual, { ...told, minSecurityProfile: 3 })).minSecurityProfile).toBe(3);
  });

  it('is not shown by a password that nobody checked', () => {
    const change = taken(ask(tls, { ...open, desiredSecurityProfile: 2 }));
    expect(change).toMatchObject({ minSecurityProfile: 0, desiredSecurityProfile: 2 });
  });
});

describe('8: a flapping station', () => {
  const flap = (times: number, station: StationAccess = secret): StationAccess => {
    let now = station;
    for (let i = 0; i < times; i++) now = afterAccess(now, taken(ask(right, now, NOW + i)));
    return now;
  };

  it('is taken once more than the limit allows, and then held back for a while', () => {
    const three = flap(3);
    expect(three).toMatchObject({ connects: 3, flapUntil: null });
    const change = taken(ask(right, three, NOW + 3));
    expect(change).toMatchObject({ connects: 4, flapUntil: NOW + 3 + 900_000, tripped: true });
    const held = afterAccess(three, change);
    expect(ask(right, held, NOW + 4)).toMatchObject({ status: 'throttled', retryAfter: 900 });
    expect(ask(right, held, NOW + 900_002)).toMatchObject({ status: 'throttled', retryAfter: 1 });
    const free = taken(ask(right, held, NOW + 900_003));
    expect(free).toEqual(expect.objectContaining({ connects: 1, flapUntil: null, tripped: false }));
  });

  it('an hour counts by itself', () => {
    const late = taken(ask(right, flap(3), NOW + HOUR));
    expect(late).toMatchObject({ connectsSince: NOW + HOUR, connects: 1, tripped: false });
    // A clock that was set back does not count for ever.
    expect(taken(ask(right, flap(3), NOW - 1)).connects).toBe(1);
  });

  it('cannot be made so by who does not know its password, who is not told either', () => {
    const three = flap(3);
    expect(ask(wrong, three).status).toBe('unauthorized');
    expect(ask(wrong, { ...three, flapUntil: NOW + 1 }).status).toBe('unauthorized');
  });

  it('an attempt that comes again is the same one', () => {
    const held = flap(4);
    const again = admit(right, held, rules, { now: NOW + 5, repeated: true });
    expect(taken(again)).toMatchObject({ connects: 4, flapUntil: held.flapUntil, tripped: false });
  });

  it('is nothing where the breaker is off', () => {
    const off = { ...rules, flap: { limit: 0, blockMs: 1 } };
    const change = taken(admit(right, { ...secret, connectsSince: NOW, connects: 1e6 }, off, moment));
    expect(change).toMatchObject({ tripped: false, flapUntil: null });
    expect(admit(right, { ...secret, flapUntil: NOW + 1 }, off, moment).status).toBe('accepted');
  });
});
