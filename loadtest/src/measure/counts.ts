/**
 * The room of latencies as they are counted on the hot path. The buckets are those of an HdrHistogram with three
 * significant digits, so that nothing is lost on the way into one; only finding the bucket is cheaper.
 */
import { build, type Histogram } from 'hdr-histogram-js';

/** Values below are exact. */
const EXACT = 2048;
const HALF = EXACT / 2;
/** 32 bits of microseconds: 71 minutes. */
const MAX_MICROS = 0xffff_ffff;
const SIZE = EXACT + 21 * HALF;

/** Bucket and count, in turn, of all that is not empty. */
export type Sparse = readonly number[];

function bucketOf(micros: number): number {
  if (micros < EXACT) return micros;
  const shift = 21 - Math.clz32(micros);
  return EXACT + (shift - 1) * HALF + (micros >>> shift) - HALF;
}

function lowestOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const shift = Math.floor((bucket - EXACT) / HALF) + 1;
  return (((bucket - EXACT) % HALF) + HALF) * 2 ** shift;
}

export class Counts {
  readonly #counts = new Float64Array(SIZE);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** @param ms milliseconds; negative ones count as 0, and more than 71 minutes as that */
  record(ms: number): void {
    const micros = Math.min(Math.max(Math.round(ms * 1000), 0), MAX_MICROS);
    this.#counts[bucketOf(micros)]! += 1;
    this.#total++;
  }

  sparse(): Sparse {
    const all: number[] = [];
    if (this.#total === 0) return all;
    this.#counts.forEach((count, bucket) => {
      if (count > 0) all.push(bucket, count);
    });
    return all;
  }

  clear(): void {
    if (this.#total > 0) this.#counts.fill(0);
    this.#total = 0;
  }
}

/** An empty histogram of microseconds. */
export function newHistogram(): Histogram {
  return build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2 ** 33,
    numberOfSignificantValueDigits: 3,
  });
}

/** Adds what a process has counted. */
export function addSparse(target: Histogram, sparse: Sparse): void {
  for (let i = 0; i + 1 < sparse.length; i += 2) target.recordValueWithCount(lowestOf(sparse[i]!), sparse[i + 1]!);
}
