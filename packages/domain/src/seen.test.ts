import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasSeen, markSeen, rememberMessage } from './seen.js';

const mark = (numbers: readonly number[]) => numbers.reduce(markSeen, '');

describe('sequence numbers', () => {
  it('agree with a set, in any order, with any repetition', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 110 }), { maxLength: 150 }), (numbers) => {
        const set = new Set<number>();
        let text = '';
        for (const n of numbers) {
          expect(hasSeen(text, n)).toBe(set.has(n));
          text = markSeen(text, n);
          set.add(n);
        }
        for (let n = -7; n < 112; n++) expect(hasSeen(text, n)).toBe(set.has(n));
      }),
    );
  });

  it('give the same text in whatever order they came', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.nat(100), { maxLength: 60 })
          .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(mark(shuffled)).toBe(mark(all));
          expect(mark([...shuffled, ...all])).toBe(mark(all));
        },
      ),
    );
  });

  it('stay short however long the session: one range where they come in order', () => {
    const numbers = Array.from({ length: 5_000 }, (_, n) => n);
    expect(mark(numbers)).toBe('0-4999');
    expect(mark(numbers.filter((n) => n !== 18))).toBe('0-17,19-4999');
    expect(mark([...numbers.filter((n) => n !== 18), 18])).toBe('0-4999');
  });

  it('are bounded where a charger leaves holes, and none that was taken is forgotten', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2_147_483_647), { minLength: 100, maxLength: 200 }), (numbers) => {
        const text = mark(numbers);
        expect(text.split(',').length).toBeLessThanOrEqual(64);
        expect(numbers.every((n) => hasSeen(text, n))).toBe(true);
        // Only below the highest holes may numbers be taken for seen.
        const top = Math.max(...numbers) + 1;
        expect(hasSeen(text, top)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});

describe('messages without a number', () => {
  it('are known while they are among the last eight', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 80 }), (hashes) => {
        let text = '';
        let model: number[] = [];
        for (const hash of hashes) {
          const next = rememberMessage(text, hash);
          expect(next === null).toBe(model.includes(hash));
          if (next === null) continue;
          text = next;
          model = [...model, hash].slice(-8);
        }
      }),
    );
  });

  it('take hashes of 32 bits, and few characters', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(0xffff_ffff), { minLength: 8, maxLength: 40 }), (hashes) => {
        const text = hashes.reduce((known, hash) => rememberMessage(known, hash) ?? known, '');
        expect(text.length).toBeLessThanOrEqual(8 * 8);
        for (const hash of hashes.slice(-8)) expect(rememberMessage(text, hash)).toBeNull();
      }),
    );
  });
});
