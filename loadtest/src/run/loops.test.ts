/** Closed loop, open loop, and that a stall cannot hide. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Csms, type CsmsOptions, startCsms } from '../testing/csms.js';
import type { LoadOptions } from './options.js';
import type { Progress } from './progress.js';
import { runLoad } from './run.js';

let csms: Csms;
afterEach(() => csms.close());

async function load(server: CsmsOptions, options: Partial<LoadOptions>) {
  csms = await startCsms(server);
  return runLoad({ url: csms.url, scenario: 'heartbeat', stations: 10, processes: 0, timeoutMs: 5000, ...options });
}

/** Answers nothing for a while, once, and then all that has come meanwhile. */
function stallsOnce(afterCalls: number, ms: number): CsmsOptions {
  let calls = 0;
  let stalled: (() => void)[] | null = null;
  return {
    on: (call) => {
      if (++calls === afterCalls) {
        stalled = [];
        setTimeout(() => {
          for (const ok of stalled ?? []) ok();
          stalled = null;
        }, ms);
      }
      if (stalled === null) call.ok();
      else stalled.push(call.ok);
    },
  };
}

describe('closed loop', () => {
  it('has one CALL in flight per station, and sends the next at once', async () => {
    const open = new Map<string, number>();
    let most = 0;
    const result = await load(
      {
        on: (call) => {
          const now = (open.get(call.identity) ?? 0) + 1;
          open.set(call.identity, now);
          most = Math.max(most, now);
          setTimeout(() => {
            open.set(call.identity, now - 1);
            call.ok();
          }, 10);
        },
      },
      { durationMs: 500 },
    );
    expect(most).toBe(1);
    expect(result.passed).toBe(true);
    expect(result.pacing).toBe('closed');
    // What is sent at once spends the time waiting for answers, however long these take.
    expect(result.load.answers).toBeGreaterThan(10);
    expect(result.latency.count * result.latency.mean).toBeGreaterThan((10 * 500) / 2);
    expect(result.latency.p50).toBeGreaterThanOrEqual(9);
    expect(result.load.targetRate).toBeNull();
  });

  it('hides a stall, as closed loops do', async () => {
    // Long enough for hundreds of answers also where the machine has other work: 10 of them waited.
    const result = await load(stallsOnce(200, 400), { durationMs: 4000 });
    expect(result.latency.max).toBeGreaterThan(300);
    expect(result.latency.p90).toBeLessThan(result.latency.max / 2);
  });
});

describe('open loop', () => {
  it('sends as many as were asked for, in turns', async () => {
    const result = await load({}, { rate: 200, durationMs: 1000 });
    expect(result.passed).toBe(true);
    expect(result.pacing).toBe('interval');
    expect(result.latency.count + result.load.behind).toBe(200);
    expect(result.load.targetRate).toBe(200);
    const beats = [...csms.texts.values()].map((texts) => texts.filter((text) => text.includes('Heartbeat')).length);
    expect(beats).toHaveLength(10);
    expect(beats.reduce((sum, count) => sum + count, result.load.behind)).toBe(200);
    expect(Math.max(...beats)).toBeLessThanOrEqual(20);
  });

  it('shows a stall in its 99th percentile, as the sends that were due count from when they were due', async () => {
    const result = await load(stallsOnce(100, 400), { rate: 200, durationMs: 1000 });
    expect(result.latency.count + result.load.behind).toBe(200);
    // 80 of 200 sends were due in the stall.
    expect(result.latency.p90).toBeGreaterThan(150);
    expect(result.latency.p99).toBeGreaterThan(300);
    expect(result.passed).toBe(true);
  });

  it('tells how far it fell behind', async () => {
    const result = await load(
      { on: (call) => setTimeout(call.ok, 100) },
      { rate: 400, durationMs: 500, stations: 10, timeoutMs: 2000 },
    );
    expect(result.load.rate).toBeLessThan(200);
    expect(result.load.behind).toBeGreaterThan(50);
    expect(result.latency.count + result.load.behind).toBe(200);
  });

  it('gives every station its interval', async () => {
    const result = await load({}, { intervalMs: 100, durationMs: 500 });
    expect(result.latency.count + result.load.behind).toBe(50);
  });
});

describe('phases', () => {
  it('count the warm-up neither in the rate nor in the latency', async () => {
    const slow = performance.now() + 450;
    const result = await load(
      { on: (call) => setTimeout(call.ok, performance.now() < slow ? 40 : 0) },
      { intervalMs: 50, warmupMs: 600, durationMs: 300 },
    );
    expect(result.latency.count + result.load.behind).toBe(60);
    expect(result.load.sent + result.load.behind).toBe(10 + 180);
  });

  it('spread the connects over the ramp', async () => {
    const result = await load({}, { rampMs: 400, durationMs: 50, scenario: 'idle' });
    expect(result.stations.readyMs).toBeGreaterThan(300);
    expect(result.load.answers).toBe(0);
    expect(result.passed).toBe(true);
  });

  it('end early, in order, when they are told to', async () => {
    const abort = new AbortController();
    // Once something was answered, however long that takes.
    const onProgress = ({ phase, rate }: Progress) => {
      if (phase === 'load' && rate > 0) abort.abort();
    };
    const result = await load({}, { durationMs: 60_000, intervalMs: 50, signal: abort.signal, onProgress });
    expect(result.passed).toBe(true);
    expect(result.load.seconds).toBeLessThan(60);
    expect(result.load.answers).toBeGreaterThan(0);
  });

  it('tell how they stand', async () => {
    const seen: Progress[] = [];
    const result = await load({}, { durationMs: 2500, intervalMs: 100, onProgress: (progress) => seen.push(progress) });
    expect(seen.some(({ phase, rate }) => phase === 'load' && rate > 0)).toBe(true);
    expect(seen.at(-1)).toMatchObject({ stations: 10, faults: 0, connected: 10 });
    expect(result.series.second.length).toBe(result.series.rate.length);
    expect(result.series.rate.reduce((sum, rate) => sum + rate, 0)).toBe(result.load.sent - 10);
  });
});
