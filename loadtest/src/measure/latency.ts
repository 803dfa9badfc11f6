/** The room of latencies as they are told: milliseconds. */
import { encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { addSparse, newHistogram, type Sparse } from './counts.js';

/** In milliseconds, save the count. */
export interface Latency {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const ms = (micros: number) => Math.round(micros) / 1000;

export function latencyOf(histogram: Histogram): Latency {
  const count = histogram.totalCount;
  if (count === 0) return { count: 0, mean: 0, min: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0 };
  const at = (percentile: number) => ms(histogram.getValueAtPercentile(percentile));
  return {
    count,
    mean: ms(histogram.mean),
    min: at(0),
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: ms(histogram.maxValue),
  };
}

/** One histogram of what several processes have counted. */
export function merge(parts: Iterable<Sparse>): Histogram {
  const whole = newHistogram();
  for (const part of parts) addSparse(whole, part);
  return whole;
}

/** HdrHistogram's own text, for its tools; values are microseconds. */
export function encode(histogram: Histogram): string {
  return encodeIntoCompressedBase64(histogram);
}
