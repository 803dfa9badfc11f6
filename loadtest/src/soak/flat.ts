/** The room of the question whether a soak was flat: the second of its days beside the last, which were loaded alike. */
import type { LoadResult } from '../run/result.js';

/** Median of a day's seconds, ms. */
export interface DayLatency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Answers per second. */
  readonly rate: number;
}

export interface ProcessDays {
  readonly name: string;
  /** Most memory of each day, bytes. */
  readonly rssBytes: readonly number[];
}

export interface Flatness {
  readonly days: readonly DayLatency[];
  readonly processes: readonly ProcessDays[];
  /** What was not flat, in words; empty where all was. */
  readonly steep: readonly string[];
}

/** How much more the last day may show than the second: a heap breathes, and so does a machine that is shared. */
const MEMORY_TIMES = 1.1;
const MEMORY_BYTES = 16 * 1024 * 1024;
const LATENCY_TIMES = 1.5;
const LATENCY_MS = 2;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
};

/**
 * @param from the second of the run in which the first day began
 * @param dayMs length of a day; @param days how many, at least three: the first warms up and is not judged
 * @param judged names of the processes that must not grow; the caches of others are theirs
 */
export function flatness(
  { series, processes }: Pick<LoadResult, 'series' | 'processes'>,
  { from, dayMs, days, judged }: { from: number; dayMs: number; days: number; judged: (name: string) => boolean },
): Flatness {
  if (days < 3) throw new Error('days: at least three');
  const dayOf = (second: number) => Math.floor(((second - from) * 1000) / dayMs);
  const rows = (seconds: readonly number[], day: number) =>
    seconds.flatMap((s, row) => (dayOf(s) === day ? [row] : []));
  const all = Array.from({ length: days }, (_, day) => day);
  const latencies = all.map((day) => {
    const of = (column: readonly (number | null)[]) =>
      median(rows(series.second, day).flatMap((row) => column[row] ?? []));
    return { p50: of(series.p50), p95: of(series.p95), p99: of(series.p99), rate: of(series.rate) };
  });
  const memory = processes.all
    .filter(({ role }) => role === 'server')
    .map(({ name, rssBytes }) => ({
      name,
      rssBytes: all.map((day) => Math.max(0, ...rows(processes.second, day).map((row) => rssBytes[row] ?? 0))),
    }));
  const [, second] = latencies;
  const last = latencies.at(-1);
  const steep: string[] = [];
  if (second !== undefined && last !== undefined && last.p95 > second.p95 * LATENCY_TIMES + LATENCY_MS)
    steep.push(`p95: ${second.p95.toFixed(1)} ms on the second day, ${last.p95.toFixed(1)} ms on the last`);
  for (const { name, rssBytes } of memory) {
    const [before, after] = [rssBytes[1] ?? 0, rssBytes.at(-1) ?? 0];
    if (judged(name) && after > before * MEMORY_TIMES + MEMORY_BYTES)
      steep.push(`${name}: ${megabytes(before)} on the second day, ${megabytes(after)} on the last`);
  }
  return { days: latencies, processes: memory, steep };
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
