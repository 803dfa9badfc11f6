import { describe, expect, it } from 'vitest';
import { duration, parseOptions } from './options.js';
import {
  cpuRatioTo,
  type Measurement,
  medianCpu,
  type RestMeasurement,
  ratioTo,
  restRatio,
  summarise,
} from './result.js';

const one = (
  target: Measurement['target'],
  round: number,
  rate: number,
  more: Partial<Measurement> = {},
): Measurement => ({
  target,
  round,
  rate,
  p50: 1,
  p95: 2,
  p99: 3,
  cpu: { client: 10, edge: rate / 100 },
  utilisation: 0.5,
  faults: 0,
  ...more,
});

describe('a summary', () => {
  const all = [
    one('echo-heartbeat', 0, 1000),
    one('heartbeat', 0, 800),
    one('heartbeat', 1, 900, { faults: 2, cpu: { edge: 9, nats: 4 } }),
    one('echo-heartbeat', 1, 2000),
    one('heartbeat', 2, 500),
  ];

  it('compares each round with the echo of that round, and leaves out rounds without one', () => {
    expect(ratioTo(all, 'heartbeat', 'echo-heartbeat')).toEqual({ median: (0.8 + 0.45) / 2, min: 0.45, max: 0.8 });
    expect(ratioTo(all, 'transaction', 'echo-transaction')).toBeNull();
  });

  it('compares processor time of all processes in the same way: who uses twice as much has half', () => {
    expect(cpuRatioTo(all, 'heartbeat', 'echo-heartbeat')?.max).toBeCloseTo(30 / 13);
    expect(cpuRatioTo(all, 'heartbeat', 'echo-heartbeat')?.min).toBeCloseTo(20 / 18);
  });

  it('has what was measured, in the order of the table, with the faults of all rounds', () => {
    const summaries = summarise(all);
    expect(summaries.map(({ target, rounds }) => [target, rounds])).toEqual([
      ['echo-heartbeat', 2],
      ['heartbeat', 3],
    ]);
    expect(summaries[0]?.ratio).toEqual({ median: 1, min: 1, max: 1 });
    expect(summaries[1]).toMatchObject({ faults: 2, rate: { median: 800, min: 500, max: 900 } });
  });

  it('takes the middle of each group of processes, over the rounds that had it', () => {
    expect(medianCpu(all.slice(1, 3))).toEqual({ client: 10, edge: 8.5, nats: 4 });
  });

  it('compares REST by rounds as well', () => {
    const shot = (target: RestMeasurement['target'], round: number, rate: number): RestMeasurement => {
      return { target, round, rate, p50: 1, p90: 1, p99: 1, cpu: {}, failed: 0 };
    };
    const rest = [shot('device', 0, 30), shot('hello', 0, 60), shot('hello', 1, 100), shot('device', 1, 40)];
    expect(restRatio(rest)).toEqual({ median: 0.45, min: 0.4, max: 0.5 });
    expect(restRatio([])).toBeNull();
  });
});

describe('the options', () => {
  it('have defaults, and name what cannot be', () => {
    expect(parseOptions([])).toMatchObject({ rounds: 3, durationMs: 8000, stations: 500, only: [] });
    expect(parseOptions(['--duration', '500ms', '--only', 'echo,half'])).toMatchObject({
      durationMs: 500,
      only: ['echo', 'half'],
    });
    expect(parseOptions(['--help'])).toBeNull();
    expect(() => parseOptions(['--rounds', '0'])).toThrow('rounds: must be');
    expect(() => parseOptions(['--only', 'everything'])).toThrow('only: everything');
    expect(() => duration('warmup', '3')).toThrow('warmup: must be a time');
  });
});
