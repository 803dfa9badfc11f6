/** The guards by themselves, with clocks of their own. */

import { passwordProof } from '@sigec/contract';
import { createMetrics } from '@sigec/runtime';
import { describe, expect, it } from 'vitest';
import { edgeCounts } from '../context.js';
import { SETTINGS } from '../testing/fixtures.js';
import { Admission } from './admission.js';
import { TokenBucket } from './bucket.js';
import { type AttemptOutcome, type Knock, Lockout } from './lockout.js';
import { Noise } from './noise.js';
import { PRESSURE, Pressure, type PressureLevel } from './pressure.js';
import { shedCall } from './shed.js';
import { Waits } from './waits.js';

const clock = () => {
  let now = 1_000;
  return { now: () => now, pass: (ms: number) => (now += ms) };
};

describe('the token bucket', () => {
  it('gives its burst, then its rate, and never saves up more than the burst', () => {
    const { now, pass } = clock();
    const bucket = new TokenBucket(10, 3, now);
    const taken = () => Array.from({ length: 50 }, () => bucket.take()).filter(Boolean).length;
    expect(taken()).toBe(3);
    pass(100);
    expect(taken()).toBe(1);
    pass(60_000);
    expect(taken()).toBe(3);
  });
});

describe('waits', () => {
  it('are the mean of what was answered, and where nothing is, how long that has been so', () => {
    const waits = new Waits();
    const begun = Array.from({ length: 40 }, () => waits.begin(1_000));
    expect(waits.take(1_250)).toBe(250);
    for (const one of begun.slice(0, 20)) waits.end(one, 1_300);
    expect(waits.take(1_500)).toBe(300);
    expect(waits.take(1_750)).toBe(450);
    for (const _ of begun.slice(20)) waits.drop();
    expect([waits.open, waits.take(9_000)]).toEqual([0, 0]);
  });

  it('of a few chargers are no pressure', () => {
    const waits = new Waits();
    for (let n = 0; n < 10; n++) waits.begin(0);
    expect(waits.take(60_000)).toBe(0);
  });
});

describe('pressure', () => {
  const samples = (pressure: Pressure, lagMs: number, count: number): PressureLevel[] =>
    Array.from({ length: count }, () => {
      pressure.sample(lagMs);
      return pressure.level;
    });

  it('rises one level at a time, each after two samples, and falls one at a time after eight', () => {
    const pressure = new Pressure();
    expect(samples(pressure, 5_000, 10)).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 4]);
    const falling = samples(pressure, 0, 33);
    expect(falling.filter((level) => level === 3)).toHaveLength(8);
    expect(falling.at(-1)).toBe(PRESSURE.calm);
  });

  it('does not rise for a single pause, nor swing about a bound', () => {
    const pressure = new Pressure();
    for (let n = 0; n < 20; n++) samples(pressure, n % 2 === 0 ? 1_400 : 0, 1);
    expect(pressure.level).toBe(PRESSURE.calm);
    samples(pressure, 1_200, 2);
    // Under its bound, but not under half of it.
    expect(new Set(samples(pressure, 700, 50))).toEqual(new Set([PRESSURE.connections]));
  });

  it('of upgrades that wait sheds upgrades, and nothing else', () => {
    const pressure = new Pressure();
    const begun = performance.now() - 60_000;
    for (let n = 0; n < 100; n++) {
      for (let many = 0; many < 30; many++) {
        pressure.connects.begin();
        pressure.connects.end(begun);
      }
      pressure.sample(0);
    }
    expect(pressure.level).toBe(PRESSURE.connections);
  });

  it('of calls that wait goes all the way up, and down again when they are answered', () => {
    const pressure = new Pressure();
    const load = (waitMs: number) => {
      for (let many = 0; many < 30; many++) {
        pressure.calls.begin();
        pressure.calls.end(performance.now() - waitMs);
      }
      pressure.sample(0);
    };
    for (let n = 0; n < 8; n++) load(5_000);
    expect(pressure.level).toBe(PRESSURE.status);
    for (let n = 0; n < 32; n++) load(5);
    expect(pressure.level).toBe(PRESSURE.calm);
  });
});

describe('what is shed', () => {
  const ACTIONS = [
    'Heartbeat',
    'StatusNotification',
    'TransactionEvent',
    'StopTransaction',
    'MeterValues',
    'Authorize',
  ];
  const shedAt = (level: PressureLevel, kind: 'call' | 'send' = 'call') => {
    const pressure = { level } as Pressure;
    const counts = edgeCounts(createMetrics('test'));
    const answer = (action: string) =>
      shedCall({ pressure, counts }, { kind, id: 'x', action, payload: '{}' }, 'ocpp2.1');
    return Object.fromEntries(ACTIONS.map((action) => [action, answer(action)]));
  };

  it('is in the order of the design, and never a transaction', () => {
    const names = (level: PressureLevel) => ACTIONS.filter((action) => shedAt(level)[action] !== null);
    expect([0, 1, 2, 3, 4].map((level) => names(level as PressureLevel))).toEqual([
      [],
      [],
      [],
      ['Heartbeat'],
      ['Heartbeat', 'StatusNotification'],
    ]);
    expect(shedAt(4, 'send').Heartbeat).toBeNull();
  });

  it('is answered with the time, or with an error', () => {
    const { Heartbeat, StatusNotification } = shedAt(4);
    const [type, id, payload] = JSON.parse(Heartbeat ?? '') as [number, string, { currentTime: string }];
    expect([type, id]).toEqual([3, 'x']);
    expect(Math.abs(Date.parse(payload.currentTime) - Date.now())).toBeLessThan(5_000);
    expect(JSON.parse(StatusNotification ?? '')).toEqual([4, 'x', 'InternalError', 'server is busy', {}]);
  });
});

it('admission says why not: full, under pressure, too many at once', () => {
  const pressure = new Pressure();
  const admission = new Admission({ ...SETTINGS, maxSessions: 5, connectRate: 1, connectBurst: 2 }, pressure);
  expect(admission.refusal(5)?.cause).toBe('full');
  expect([admission.refusal(4), admission.refusal(4)]).toEqual([null, null]);
  expect(admission.refusal(4)?.cause).toBe('rate');
  // Who only guesses does not use up what others come in by.
  admission.wasted();
  expect([admission.refusal(4)?.cause, admission.refusal(4)?.cause]).toEqual([undefined, 'rate']);
  pressure.sample(9_999);
  pressure.sample(9_999);
  expect(admission.refusal(0)?.cause).toBe('pressure');
});

it('noise is a flood only where it is dense', () => {
  const noise = new Noise();
  const sparse = Array.from({ length: 1_000 }, (_, n) => noise.heard(n * 200));
  expect(sparse).not.toContain(true);
  const dense = Array.from({ length: 200 }, () => noise.heard(1_000_000));
  expect(dense.indexOf(true)).toBe(100);
});

describe('lock-out', () => {
  const made = () => {
    const { now, pass } = clock();
    const lockout = new Lockout(now);
    const knock = (identity: string, address: string, password = '', certified = false): Knock => ({
      identity,
      address,
      proof: password === '' ? null : passwordProof('pepper', Buffer.from(password)),
      certified,
    });
    /** One attempt, refused or ended; the seconds to wait where it was refused. */
    const attempt = (identity: string, address: string, outcome: AttemptOutcome = 'wrong', password = '') => {
      const one = knock(identity, address, password);
      const wait = lockout.attempt(one);
      if (wait === 0) lockout.settle(one, outcome);
      return wait;
    };
    return { lockout, knock, attempt, pass };
  };

  it('doubles from one second to five minutes after five failures of a pair; what waits is not counted', () => {
    const { attempt, pass } = made();
    const free = Array.from({ length: 5 }, () => attempt('CP1', '10.0.0.1'));
    expect(free).toEqual([0, 0, 0, 0, 0]);
    const waits: number[] = [];
    for (let n = 0; n < 12; n++) {
      const wait = attempt('CP1', '10.0.0.1');
      expect(attempt('CP1', '10.0.0.1')).toBe(wait);
      waits.push(wait);
      pass(wait * 1_000);
      expect(attempt('CP1', '10.0.0.1')).toBe(0);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    pass(16 * 60_000);
    expect(Array.from({ length: 5 }, () => attempt('CP1', '10.0.0.1'))).toEqual([0, 0, 0, 0, 0]);
  });

  it('by one address never touches the same charger at another', () => {
    const { attempt } = made();
    for (let n = 0; n < 100; n++) attempt('CP1', '10.0.0.66');
    expect(attempt('CP1', '10.0.0.66')).toBeGreaterThan(0);
    expect(attempt('CP1', '10.0.0.1', 'in')).toBe(0);
  });

  it('of an address stops who tries many identities, but no charger that has come in from there', () => {
    const { attempt } = made();
    attempt('CP1', '10.0.0.1', 'in');
    for (let n = 0; n < 30; n++) attempt(`guess-${n}`, '10.0.0.1');
    expect(attempt('guess-99', '10.0.0.1')).toBeGreaterThan(0);
    expect(attempt('CP1', '10.0.0.1', 'in')).toBe(0);
    expect(attempt('CP2', '10.0.0.2', 'in')).toBe(0);
  });

  it('does not take an address of many chargers for one of an attacker', () => {
    const { attempt } = made();
    for (let n = 0; n < 8; n++) attempt(`CP${n}`, '10.0.0.1', 'in');
    for (let n = 0; n < 100; n++) attempt(`guess-${n}`, '10.0.0.1');
    expect(attempt('CP77', '10.0.0.1', 'in')).toBe(0);
    // A pair waits there as anywhere.
    for (let n = 0; n < 6; n++) attempt('CP5', '10.0.0.1');
    expect(attempt('CP5', '10.0.0.1')).toBeGreaterThan(0);
  });

  it('does not keep out who shows what came in before, though its address is that of who guesses', () => {
    const { lockout, knock, attempt, pass } = made();
    attempt('CP1', '10.0.0.1', 'in', 'right');
    for (let n = 0; n < 10; n++) pass(attempt('CP1', '10.0.0.1', 'wrong', `guess ${n}`) * 1_000);
    const guesses = (count: number) =>
      Array.from({ length: count }, (_, n) => attempt('CP1', '10.0.0.1', 'wrong', `more ${n}`));
    guesses(1);
    expect(new Set(guesses(15))).toEqual(new Set([8]));
    expect(attempt('CP1', '10.0.0.1', 'in', '')).toBe(8);
    // To be told whether a guess was right is not free either.
    guesses(100);
    expect(attempt('CP1', '10.0.0.1', 'in', 'right')).toBe(8);
    pass(1_000);
    expect(attempt('CP1', '10.0.0.1', 'in', 'right')).toBe(0);
    // Nor where the guesses are all under way at once.
    const storm = Array.from({ length: 16 }, (_, n) => knock('CP1', '10.0.0.1', `once ${n}`));
    for (const one of storm) expect(lockout.attempt(one)).toBe(0);
    expect(lockout.attempt(knock('CP1', '10.0.0.1', 'once more'))).toBe(1);
    expect(attempt('CP1', '10.0.0.1', 'in', 'right')).toBe(0);
    for (const one of storm) lockout.settle(one, 'other');
    // What is not taken any more is a guess like any other.
    pass(60 * 60_000);
    expect(attempt('CP1', '10.0.0.1', 'in', 'newer')).toBe(0);
    for (let n = 0; n < 5; n++) attempt('CP1', '10.0.0.1', 'wrong', 'newer');
    expect(attempt('CP1', '10.0.0.1', 'wrong', 'newer')).toBeGreaterThan(0);
  });

  it('by passwords does not touch who shows a certificate, also where it never was here before', () => {
    const { lockout, knock, attempt } = made();
    for (let n = 0; n < 100; n++) attempt('CP1', '10.0.0.1', 'wrong', `guess ${n}`);
    for (let n = 0; n < 100; n++) attempt(`guess-${n}`, '10.0.0.1');
    expect(lockout.attempt(knock('CP1', '10.0.0.1', '', true))).toBe(0);
    // One that nobody registered waits for its own attempts, and for no other's.
    for (let n = 0; n < 5; n++) lockout.settle(knock('CP2', '10.0.0.1', '', true), 'wrong');
    expect(lockout.attempt(knock('CP2', '10.0.0.1', '', true))).toBe(1);
    expect(lockout.attempt(knock('CP3', '10.0.0.1', '', true))).toBe(0);
  });

  it('is not walked round by many attempts at once, and forgets a failure when the charger comes in', () => {
    const { lockout, knock, attempt } = made();
    const one = knock('CP1', '10.0.0.1');
    const begun = Array.from({ length: 20 }, () => lockout.attempt(one));
    expect(begun.filter((wait) => wait === 0)).toHaveLength(16);
    for (let n = 0; n < 16; n++) lockout.settle(one, n === 15 ? 'in' : 'wrong');
    expect(Array.from({ length: 5 }, () => attempt('CP1', '10.0.0.1'))).toEqual([0, 0, 0, 0, 0]);
  });

  it('is not moved by what is nobody’s fault, and is bounded', () => {
    const { lockout, attempt } = made();
    for (let n = 0; n < 50; n++) expect(attempt('CP1', '10.0.0.1', 'other')).toBe(0);
    expect(lockout.size).toBe(0);
    for (let n = 0; n < 50_000; n++) attempt(`g${n}`, `10.${n >> 8}.${n & 255}.1`);
    expect(lockout.size).toBeLessThanOrEqual(40_000);
  });
});
