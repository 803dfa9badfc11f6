import fc from 'fast-check';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { addSparse, Counts, newHistogram } from './counts.js';
import { encode, latencyOf, merge } from './latency.js';

const micros = fc.oneof(fc.nat(3000), fc.nat(60_000_000), fc.integer({ min: 0, max: 0xffff_ffff }));

describe('counts', () => {
  it('of several processes, put together, are the histogram of all values', () => {
    fc.assert(
      fc.property(fc.array(fc.array(micros, { maxLength: 60 }), { minLength: 1, maxLength: 4 }), (processes) => {
        const whole = newHistogram();
        const parts = processes.map((values) => {
          const counts = new Counts();
          for (const value of values) {
            counts.record(value / 1000);
            whole.recordValue(value);
          }
          return counts.sparse();
        });
        const merged = merge(parts);
        expect(merged.totalCount).toBe(whole.totalCount);
        for (const percentile of [0, 10, 50, 90, 95, 99, 99.9, 100]) {
          expect(merged.getValueAtPercentile(percentile)).toBe(whole.getValueAtPercentile(percentile));
        }
      }),
    );
  });

  it('are empty after they were cleared', () => {
    const counts = new Counts();
    counts.record(5);
    counts.record(-1);
    expect(counts.total).toBe(2);
    counts.clear();
    expect(counts.sparse()).toEqual([]);
    expect(latencyOf(merge([counts.sparse()]))).toMatchObject({ count: 0, p99: 0 });
  });

  it('are told in milliseconds, and travel in the encoding of other tools', () => {
    const counts = new Counts();
    for (let k = 1; k <= 1000; k++) counts.record(k);
    const histogram = newHistogram();
    addSparse(histogram, counts.sparse());
    const latency = latencyOf(histogram);
    expect(latency.count).toBe(1000);
    expect(latency.p50).toBeCloseTo(500, -1);
    expect(latency.p99).toBeCloseTo(990, -1);
    expect(latency.max).toBeCloseTo(1000, 0);
    expect(decodeFromCompressedBase64(encode(histogram)).totalCount).toBe(1000);
  });
});
