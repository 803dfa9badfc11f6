import { describeReal } from '@sigec/testkit';
import { describe, expect, it } from 'vitest';
import type { LoadResult } from '../run/result.js';
import { flatness } from './flat.js';
import { runSoak } from './soak.js';

const MB = 1024 * 1024;

/** Three days of ten seconds, which begin at second 5. */
function watched(p95: readonly number[], edgeMb: readonly number[]): Pick<LoadResult, 'series' | 'processes'> {
  const seconds = Array.from({ length: 35 }, (_, s) => s);
  const of = (values: readonly number[]) => seconds.map((s) => values[Math.floor((s - 5) / 10)] ?? 999);
  const rss = (values: readonly number[]) => of(values).map((value) => value * MB);
  const one = { pid: 1, cpu: [], cpuSeconds: 0, cpuMicrosPerMessage: 0, rssFirst: 0, rssLast: 0, rssMax: 0 };
  return {
    series: { second: seconds, p95: of(p95), p50: of(p95), p99: of(p95), rate: of([5, 6, 7]) },
    processes: {
      second: seconds,
      all: [
        { ...one, name: 'edge 1', role: 'server', rssBytes: rss(edgeMb) },
        { ...one, name: 'postgres', role: 'server', rssBytes: rss([1, 2, 300]) },
        { ...one, name: 'loadtest', role: 'harness', rssBytes: rss([1, 2, 300]) },
      ],
    },
  } as unknown as Pick<LoadResult, 'series' | 'processes'>;
}

const ask = (given: ReturnType<typeof watched>) =>
  flatness(given, { from: 5, dayMs: 10_000, days: 3, judged: (name) => name.startsWith('edge') });

describe('flat', () => {
  it('compares the last day with the second', () => {
    const flat = ask(watched([90, 10, 12], [90, 100, 110]));
    expect(flat.steep).toEqual([]);
    expect(flat.days.map(({ p95, rate }) => [p95, rate])).toEqual([
      [90, 5],
      [10, 6],
      [12, 7],
    ]);
    expect(flat.processes.map(({ name }) => name)).toEqual(['edge 1', 'postgres']);
  });

  it('tells what grew, and of whom it is asked', () => {
    const { steep } = ask(watched([5, 10, 18], [50, 100, 130]));
    expect(steep).toEqual([
      'p95: 10.0 ms on the second day, 18.0 ms on the last',
      'edge 1: 100.0 MB on the second day, 130.0 MB on the last',
    ]);
  });

  it('needs a day to warm up and two to compare', () => {
    expect(() => flatness(watched([1, 1], [1, 1]), { from: 0, dayMs: 1000, days: 2, judged: () => true })).toThrow(
      'days: at least three',
    );
  });
});

describeReal('a soak', ['nats', 'redis', 'postgres'], () => {
  it('goes through its days and compares the books', { timeout: 240_000 }, async () => {
    const result = await runSoak({ stations: 30, durationMs: 9_000, days: 3, edges: 1, workers: 1, seed: 4 });
    expect(result.load.faults.examples).toEqual([]);
    expect(result.told.transactions).toBeGreaterThan(10);
    expect(result.stored).toEqual(result.told);
    expect(result.days).toHaveLength(3);
    expect(result.processes.map(({ name }) => name)).toEqual(expect.arrayContaining(['edge 1', 'worker 1', 'control']));
  });
});
