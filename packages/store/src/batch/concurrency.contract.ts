/** Batches at once: nothing is lost, no number is given twice, nobody waits in a circle. */
import { takeSeqNo } from '@sigec/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { batch, begin, events, station, stations, unknown, view } from '../harness.contract.js';

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

export function concurrencyContract(database: () => Database): void {
  describe('batches at once', () => {
    /** The batches in the order their work was done. */
    const worked: number[] = [];
    /** A batch that takes one sequence number at each station, in the order given. */
    const take = (ids: readonly number[], seqNo: number) =>
      batch(database(), { stationIds: ids, activeOf: ids }, (seen) => {
        worked.push(seqNo);
        return {
          transactions: seen.transactions.flatMap((t) => takeSeqNo(t, seqNo) ?? []),
          events: ids.map((id) => ({ tenantId: 1, kind: 'taken', payload: { id, seqNo } })),
        };
      });
    const seen = async (ids: readonly number[]) =>
      (await view(database(), { activeOf: ids })).transactions.map((t) => t.seen);

    it('of one station work one after the other: no update is lost', async () => {
      const id = await station(database());
      await begin(database(), [id]);
      await Promise.all(upTo(12).map((n) => take([id], n)));
      expect(await seen([id])).toEqual(['0-11']);
    });

    it('over the same stations in any order never wait for each other in a circle (field.md 45)', async () => {
      const ids = await stations(database(), 12);
      await begin(database(), ids);
      await events(database());
      worked.length = 0;
      const order = fc.shuffledSubarray(ids, { minLength: 6 });
      const batches = fc.sample(order, { numRuns: 20, seed: 45 });
      await Promise.all(batches.map((some, n) => take(some, n)));
      const found = await view(database(), { activeOf: ids });
      for (const id of ids) {
        const state = found.transactions.find((t) => t.stationId === id);
        const expected = upTo(20).filter((n) => batches[n]?.includes(id));
        expect(upTo(20).filter((n) => state && takeSeqNo(state, n) === null)).toEqual(expected);
      }
      const told = await events(database());
      expect(told).toHaveLength(batches.reduce((sum, some) => sum + some.length, 0));
      // What one station's batches told stands in the outbox in the order they were done.
      for (const id of ids) {
        const numbers = told.map((e) => e.payload as { id: number; seqNo: number }).filter((p) => p.id === id);
        expect(numbers.map((p) => p.seqNo)).toEqual(worked.filter((n) => batches[n]?.includes(id)));
      }
    });

    it('are not lost where one of them fails', async () => {
      const ids = await stations(database(), 3);
      await begin(database(), ids);
      const results = await Promise.allSettled(
        upTo(10).map((n) =>
          n % 3 === 0
            ? batch(database(), { stationIds: ids }, () => {
                throw new Error('poison');
              })
            : take(ids, n),
        ),
      );
      expect(results.filter((r) => r.status === 'rejected')).toHaveLength(4);
      expect(await seen(ids)).toEqual(Array(3).fill('1-2,4-5,7-8'));
    });

    it('get numbers for new transactions that nobody else gets', async () => {
      const ids = await stations(database(), 20);
      const got = await Promise.all(
        ids.map((id) => view(database(), { stationIds: [id], newTransactions: unknown(id, 7) })),
      );
      const numbers = got.flatMap((it) => [...it.newTransactionIds]);
      expect(numbers).toHaveLength(140);
      expect(new Set(numbers).size).toBe(140);
      expect(numbers.every((n) => Number.isInteger(n) && n > 0)).toBe(true);
    });
  });
}
