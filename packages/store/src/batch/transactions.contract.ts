/** Transactions in batches: a state that is written is the state that is read, by whichever key. */
import {
  EMPTY_REGISTER,
  foldReading,
  type RegisterReading,
  type TransactionFlag,
  type TransactionState,
  type TransactionStatus,
  totalsOf,
} from '@sigec/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { batch, begin, begun, station, stations, T, USER, unknown, view } from '../harness.contract.js';
import { text } from '../schema.contract.js';

const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const orNull = <V>(of: fc.Arbitrary<V>) => fc.option(of);

const register = fc
  .array(
    fc.record<RegisterReading>({
      at: time,
      mWh: fc.nat(9_000_000_000_000_000),
      role: fc.constantFrom(0, 1, 2),
    }),
    { maxLength: 4 },
  )
  .map((readings) => readings.reduce(foldReading, EMPTY_REGISTER));

/** What may change of a transaction between two batches. */
const changeable: fc.Arbitrary<Partial<TransactionState>> = fc.record({
  evseId: fc.nat(9),
  connectorId: fc.nat(9),
  idToken: orNull(text),
  userId: orNull(fc.constant(USER)),
  remoteStartId: orNull(fc.nat(2_147_483_647)),
  status: fc.constantFrom<TransactionStatus>('started', 'charging', 'suspended', 'stopped', 'completed'),
  startedAt: time,
  endedAt: orNull(time),
  stopReason: orNull(text),
  register,
  seen: fc.constantFrom('', '0-3', '0-3,5-9', 'z1,a9'),
  flags: fc.subarray<TransactionFlag>([
    'orphan',
    'clock',
    'unauthorized',
    'register_jump',
    'register_backwards',
    'closed_by_rule',
  ]),
});

export function transactionsContract(database: () => Database): void {
  const one = async <Row extends object>(sql: string, id: number) => (await database().query<Row>(sql, [id]))[0];

  describe('transactions', () => {
    it('come back as they were written, first and changed', async () => {
      const db = database();
      const states = fc.array(fc.tuple(changeable, changeable, orNull(text), fc.nat(500)), {
        minLength: 1,
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(states, async (all) => {
          const id = await station(db);
          const place = { stationIds: [id] };
          let first: TransactionState[] = [];
          await batch(db, { ...place, newTransactions: unknown(id, all.length) }, (seen) => {
            first = all.map(([state, , key, perKwhMinor], i) =>
              begun(seen.newTransactionIds[i] as number, id, {
                ...state,
                startKey: key === null ? null : `${i}|${key}`,
                tariff: { currency: 'BRL', perKwhMinor },
              }),
            );
            return { transactions: first };
          });
          const byName = first.map((t) => ({ stationId: id, ocppTransactionId: t.ocppTransactionId }));
          const read = async () =>
            [...(await view(db, { ...place, transactions: [...byName, ...byName] })).transactions].sort(
              (a, b) => a.id - b.id,
            );
          expect(await read()).toEqual(first);
          const changed = first.map((state, i) => ({ ...state, ...all[i]?.[1] }));
          await batch(db, place, () => ({ transactions: changed }));
          expect(await read()).toEqual(changed);
          // What a meter value moves goes another way than the rest.
          const moved = { register: EMPTY_REGISTER, seen: '0-7', status: 'suspended' } as const;
          await batch(db, { ...place, transactions: byName }, (view) => ({
            transactions: view.transactions.map((t) => ({ ...t, ...moved })),
          }));
          expect(await read()).toEqual(changed.map((t) => ({ ...t, ...moved })));
          const active = changed.filter((t) => t.endedAt === null).map((t) => t.id);
          const seen = await view(db, { ...place, activeOf: [id, id] });
          expect(seen.transactions.map((t) => t.id).sort((a, b) => a - b)).toEqual(active);
        }),
        { numRuns: 15 },
      );
    });

    it('carry their totals, derived', async () => {
      const db = database();
      const [open] = (await begin(db, [await station(db)])) as [TransactionState];
      const readings: RegisterReading[] = [
        { at: T, mWh: 1_000_000, role: 0 },
        { at: T + 3_600_000, mWh: 13_345_000, role: 2 },
      ];
      const state = { ...open, register: readings.reduce(foldReading, EMPTY_REGISTER) };
      await batch(db, { stationIds: [open.stationId] }, () => ({ transactions: [state] }));
      const row = await one(
        `select meter_start_mwh as start, meter_stop_mwh as stop, energy_mwh as energy, cost_minor as cost, currency
         from transaction where id = $1::int8`,
        open.id,
      );
      expect(row).toEqual({ start: 1_000_000, stop: 13_345_000, energy: 12_345_000, cost: 926, currency: 'BRL' });
      expect(totalsOf(state).costMinor).toBe(926);
    });

    it('are found by their natural keys, at their station alone', async () => {
      const db = database();
      const [a, b] = (await stations(db, 2)) as [number, number];
      const ids = (await view(db, { newTransactions: unknown(a, 2) })).newTransactionIds as [number, number];
      const same = { startKey: 'start|1|TAG|x|0', ocppTransactionId: 'same' };
      const both = [begun(ids[0], a, same), begun(ids[1], b, same)];
      await batch(db, { stationIds: [a, b] }, () => ({ transactions: both }));
      const byKey = await view(db, { startKeys: [{ stationId: b, key: same.startKey }] });
      expect(byKey.transactions).toEqual([both[1]]);
      const byName = await view(db, { transactions: [{ stationId: a, ocppTransactionId: 'same' }] });
      expect(byName.transactions).toEqual([both[0]]);
      // Known by several keys at once, it is read once.
      const all = await view(db, {
        transactions: [{ stationId: a, ocppTransactionId: 'same' }],
        startKeys: [
          { stationId: a, key: same.startKey },
          { stationId: a, key: 'other' },
        ],
        activeOf: [a],
      });
      expect(all.transactions).toEqual([both[0]]);
      for (const twice of [{ startKey: same.startKey }, { ocppTransactionId: 'same' }]) {
        const [id] = (await view(db, { newTransactions: unknown(a, 1) })).newTransactionIds as [number];
        await expect(
          batch(db, { stationIds: [a] }, () => ({ transactions: [begun(id, a, twice)] })),
        ).rejects.toMatchObject({ code: '23505' });
      }
    });

    it('take a number from the sequence only where they are new', async () => {
      const db = database();
      const id = await station(db);
      const [taken] = (await view(db, { newTransactions: unknown(id, 1) })).newTransactionIds as [number];
      await batch(db, { stationIds: [id] }, () => ({
        transactions: [begun(taken, id, { ocppTransactionId: 'known', startKey: 'key' })],
      }));
      const want = (ocppTransactionId: string | null, startKey: string | null) => ({
        stationId: id,
        ocppTransactionId,
        startKey,
      });
      const known = [want('known', null), want(null, 'key'), want('x', 'key'), want('known', 'y')];
      const looked = (wanted: readonly ReturnType<typeof want>[]) => ({
        newTransactions: wanted,
        transactions: wanted.map((w) => ({ stationId: id, ocppTransactionId: w.ocppTransactionId ?? '' })),
        startKeys: wanted.map((w) => ({ stationId: id, key: w.startKey ?? '' })),
      });
      expect((await view(db, looked(known))).newTransactionIds).toEqual([]);
      const fresh = [want('x', null), want(null, 'y'), want('x', 'y')];
      expect((await view(db, looked([...known, ...fresh]))).newTransactionIds).toHaveLength(3);
    });
  });
}
