import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegisterReading } from './meter.js';
import { DEFAULT_TARIFF } from './tariff/tariff.js';
import {
  closeByRule,
  endTransaction,
  meter,
  openTransaction,
  progress,
  type TransactionState,
  takeMessage,
  takeSeqNo,
  takeValues,
  totalsOf,
  withFlags,
} from './transaction.js';

const T = 1_800_000_000_000;
const KWH = 1_000_000;
const open = (): TransactionState =>
  openTransaction({
    id: 7,
    tenantId: 1,
    stationId: 3,
    evseId: 1,
    connectorId: 1,
    version: 'ocpp2.0.1',
    ocppTransactionId: 'tx-7',
    startedAt: T,
    tariff: DEFAULT_TARIFF,
  });
const reading = (minutes: number, kWh: number, role: 0 | 1 | 2 = 1): RegisterReading => ({
  at: T + minutes * 60_000,
  mWh: Math.round(kWh * KWH),
  role,
});

describe('a transaction', () => {
  it('begins with nothing but its start', () => {
    expect(open()).toMatchObject({
      status: 'started',
      endedAt: null,
      idToken: null,
      startKey: null,
      seen: '',
      flags: [],
    });
    expect(totalsOf(open())).toEqual({ energyMWh: 0, costMinor: 0, startMWh: null, stopMWh: null });
    const { tariff, ...start } = open();
    expect(openTransaction({ ...start, tariff, idToken: 'A', flags: ['orphan'] })).toMatchObject({
      idToken: 'A',
      flags: ['orphan'],
    });
  });

  it('derives its totals from all readings, whatever order the events came in (field.md 38)', () => {
    const events = [
      [reading(0, 5_000, 0)],
      [],
      [reading(10, 5_004)],
      [reading(20, 5_008), reading(20, 5_008)],
      [reading(30, 5_012.345, 2)],
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), fc.nat(4), (order, again) => {
        let before = 0;
        let state = open();
        for (const readings of [...order, order[again] ?? []]) {
          state = meter(state, readings);
          expect(totalsOf(state).energyMWh).toBeGreaterThanOrEqual(before);
          before = totalsOf(state).energyMWh;
        }
        expect(totalsOf(state)).toEqual({
          energyMWh: 12_345_000,
          costMinor: 926,
          startMWh: 5_000 * KWH,
          stopMWh: 5_012_345_000,
        });
        expect(state.flags).toEqual([]);
      }),
    );
  });

  it('is flagged for review once, beside what it was flagged for', () => {
    const orphan = { ...open(), flags: ['orphan'] as const };
    const jumped = meter(orphan, [reading(0, 0, 0), reading(1, 9_000)]);
    expect(jumped.flags).toEqual(['orphan', 'register_jump']);
    expect(meter(jumped, [reading(2, 9_001)]).flags).toEqual(['orphan', 'register_jump']);
    expect(totalsOf(meter(jumped, [reading(2, 9_001)])).energyMWh).toBe(KWH);
    expect(meter(jumped, [])).toBe(jumped);
  });

  it('takes late readings also after its end', () => {
    const ended = endTransaction(meter(open(), [reading(0, 10, 0), reading(10, 12)]), T + 1_200_000, 'Local');
    expect(totalsOf(meter(ended, [reading(20, 14, 2)])).energyMWh).toBe(4 * KWH);
    expect(totalsOf(meter(ended, [reading(5, 11)])).energyMWh).toBe(2 * KWH);
  });

  it('moves while it runs, and not after its end', () => {
    const charging = progress(open(), 'charging');
    expect(charging.status).toBe('charging');
    expect(progress(charging, 'charging')).toBe(charging);
    expect(progress(charging, 'suspended').status).toBe('suspended');
    const ended = endTransaction(charging, T + 5, 'EVDisconnected');
    for (const status of ['started', 'charging', 'suspended', 'stopped'] as const)
      expect(progress(ended, status)).toBe(ended);
  });

  it('ends once: a stop that comes again changes nothing', () => {
    const ended = endTransaction(open(), T + 5, 'EVDisconnected');
    expect(ended).toMatchObject({ status: 'completed', endedAt: T + 5, stopReason: 'EVDisconnected' });
    expect(endTransaction(ended, T + 9, 'Local')).toBe(ended);
    expect(closeByRule(ended, T + 9)).toBe(ended);
    // A clock that went back does not make it end before it began.
    expect(endTransaction(open(), T - 60_000, null).endedAt).toBe(T);
  });

  it('closed by rule ends with its last reading, and a late real stop overrides that (field.md 29)', () => {
    const closed = closeByRule(meter(open(), [reading(0, 10, 0), reading(10, 12)]), T + 3_600_000);
    expect(closed).toMatchObject({ status: 'completed', endedAt: T + 600_000, flags: ['closed_by_rule'] });
    expect(closeByRule(closed, T + 7_200_000)).toBe(closed);
    expect(closeByRule(open(), T + 3_600_000).endedAt).toBe(T + 3_600_000);
    // The next one began before the last reading's stamp: it cannot have run longer than that.
    expect(closeByRule(meter(open(), [reading(10, 12)]), T + 60_000).endedAt).toBe(T + 60_000);
    expect(progress(closed, 'charging')).toBe(closed);
    const stopped = meter(endTransaction(closed, T + 1_800_000, 'Local'), [reading(30, 15, 2)]);
    expect(stopped).toMatchObject({ endedAt: T + 1_800_000, stopReason: 'Local', flags: [], status: 'completed' });
    expect(totalsOf(stopped).energyMWh).toBe(5 * KWH);
    expect(endTransaction(stopped, T + 1_900_000, 'Remote')).toBe(stopped);
  });

  it('takes each number once, and each message once', () => {
    const one = takeSeqNo(open(), 4);
    expect(one?.seen).toBe('4-4');
    expect(takeSeqNo(one as TransactionState, 4)).toBeNull();
    expect(takeSeqNo(one as TransactionState, 3)?.seen).toBe('3-4');
    const heard = takeMessage(open(), 0xdead_beef) as TransactionState;
    expect(takeMessage(heard, 0xdead_beef)).toBeNull();
    expect(takeMessage(heard, 0)).not.toBeNull();
    expect(open().seen).toBe('');
  });

  it('changes no state in place, whatever happens to it', () => {
    const freeze = (state: TransactionState) => Object.freeze({ ...state, flags: Object.freeze([...state.flags]) });
    const steps: fc.Arbitrary<(s: TransactionState) => TransactionState> = fc.oneof(
      fc.nat(60).map((m) => (s: TransactionState) => meter(s, [reading(m, m)])),
      fc.nat(60).map((m) => (s: TransactionState) => endTransaction(s, T + m * 60_000, 'Local')),
      fc.nat(60).map((m) => (s: TransactionState) => closeByRule(s, T + m * 60_000)),
      fc
        .constantFrom('started', 'charging', 'suspended', 'stopped')
        .map((to) => (s: TransactionState) => progress(s, to)),
      fc.nat(9).map((n) => (s: TransactionState) => takeSeqNo(s, n) ?? s),
    );
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 20 }), (list) => {
        let state: TransactionState = freeze(open());
        let told: number | null = null;
        for (const step of list) {
          const next = freeze(step(state));
          expect(next.status === 'completed').toBe(next.endedAt !== null);
          if (told !== null) expect(next.endedAt).toBe(told);
          if (next.endedAt !== null && !next.flags.includes('closed_by_rule')) told = next.endedAt;
          state = next;
        }
      }),
    );
  });

  it('adds flags without repeating any', () => {
    const flags = ['orphan'] as const;
    expect(withFlags<string>(flags, ['orphan'])).toBe(flags);
    expect(withFlags<string>(flags, ['clock', 'orphan'])).toEqual(['orphan', 'clock']);
  });
});

describe('what was taken', () => {
  it('numbers and the hashes of what has none stand beside each other', () => {
    let state = open();
    for (const seqNo of [0, 1, 2]) state = takeSeqNo(state, seqNo) as TransactionState;
    state = takeValues(state, 77) as TransactionState;
    expect(takeValues(state, 77)).toBeNull();
    state = takeSeqNo(state, 3) as TransactionState;
    expect(state.seen).toBe('0-3|25');
    expect(takeSeqNo(state, 1)).toBeNull();
    expect(takeValues(state, 77)).toBeNull();
    expect(takeValues(takeValues(open(), 5) as TransactionState, 5)).toBeNull();
    for (let n = 0; n < 1000; n++) state = takeValues(state, n + 1000) as TransactionState;
    expect(state.seen.length).toBeLessThan(60);
  });
});
