/** Keys of requests that may be sent again, on either database. */
import { describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { USER } from '../harness.contract.js';
import * as q from './index.js';

const ana: q.Actor = { userId: USER, tenantId: 1, role: 'operator' };
const other: q.Actor = { ...ana, userId: '0193f000-0000-7000-8000-0000000000bb' };
const print = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const answer = new Uint8Array([1, 0, 255]);

export function idempotencyContract(get: () => Database): void {
  describe('keys of requests', () => {
    const aged = (key: string, by: string) =>
      get().query(`update idempotency_key set created_at = now() - $2::text::interval where key = $1`, [key, by]);

    it('are taken once, by however many at a time, and stand for an answer then', async () => {
      const all = await Promise.all(
        Array.from({ length: 5 }, () => q.claimIdempotencyKey(get(), ana, 'once', print(1))),
      );
      expect(all.map(({ state }) => state).sort()).toEqual(['first', 'running', 'running', 'running', 'running']);
      await q.settleIdempotencyKey(get(), ana, 'once', { status: 201, answer });
      const again = await q.claimIdempotencyKey(get(), ana, 'once', print(1));
      expect(again).toMatchObject({ state: 'answered', status: 201 });
      expect(again.state === 'answered' && [...again.answer]).toEqual([1, 0, 255]);
    });

    it('are of one person and one request', async () => {
      expect(await q.claimIdempotencyKey(get(), ana, 'mine', print(1))).toEqual({ state: 'first' });
      expect(await q.claimIdempotencyKey(get(), ana, 'mine', print(2))).toEqual({ state: 'other' });
      expect(await q.claimIdempotencyKey(get(), other, 'mine', print(2))).toEqual({ state: 'first' });
    });

    it('are free again where nothing was done, and not once something was', async () => {
      await q.claimIdempotencyKey(get(), ana, 'freed', print(1));
      await q.releaseIdempotencyKey(get(), ana, 'freed');
      expect(await q.claimIdempotencyKey(get(), ana, 'freed', print(2))).toEqual({ state: 'first' });
      await q.settleIdempotencyKey(get(), ana, 'freed', { status: 200, answer });
      await q.releaseIdempotencyKey(get(), ana, 'freed');
      expect(await q.claimIdempotencyKey(get(), ana, 'freed', print(2))).toMatchObject({ state: 'answered' });
    });

    it('whose process has ended stand for an unknown end; after a day they are new', async () => {
      await q.claimIdempotencyKey(get(), ana, 'lost', print(1));
      await aged('lost', '6 minutes');
      expect(await q.claimIdempotencyKey(get(), ana, 'lost', print(1))).toEqual({ state: 'lost' });
      await aged('lost', '25 hours');
      expect(await q.claimIdempotencyKey(get(), ana, 'lost', print(9))).toEqual({ state: 'first' });
      await aged('lost', '25 hours');
      expect(await q.dropOldIdempotencyKeys(get())).toBe(false);
      const left = await get().query<{ key: string }>(`select key from idempotency_key where user_id = $1::uuid`, [
        USER,
      ]);
      expect(left.map(({ key }) => key).sort()).toEqual(['freed', 'mine', 'once']);
    });
  });
}
