/** Our product on real servers: stations get in with their passwords only, an edge that dies stays dead, nothing is left. */
import { describeReal } from '@sigec/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { usageOf } from '../measure/processes.js';
import { runLoad } from '../run/run.js';
import { type Stack, startStack } from './stack.js';
import { GROUPS } from './usage.js';

describeReal('the stack', ['nats', 'redis', 'postgres'], () => {
  const stations = { count: 40, identity: 'LT-%06d', password: 'a-password-of-this-test' };
  let stack: Stack;
  let pids: number[] = [];
  beforeAll(async () => {
    stack = await startStack({ edges: 2, workers: 1, control: true, stations });
    pids = stack.watch.map(({ pid }) => pid);
  });
  afterAll(() => stack?.stop());

  const load = (password: string, count = 40) =>
    runLoad({ url: stack.url, scenario: 'idle', stations: count, processes: 0, password, durationMs: 1 });

  it('lets registered stations in with their password, and nobody else', async () => {
    const right = await load(stations.password);
    expect(right.faults.examples).toEqual([]);
    expect(right.stations.ready).toBe(40);
    const wrong = await load('another-password-1', 2);
    expect(wrong.faults.counts.refused).toBe(2);
    const unknown = await runLoad({
      url: stack.url,
      scenario: 'idle',
      stations: 1,
      processes: 0,
      identity: 'XX-%d',
      password: stations.password,
      durationMs: 1,
    });
    expect(unknown.faults.counts.refused).toBe(1);
  });

  it('tells what every group uses', () => {
    const usage = stack.usage();
    for (const group of GROUPS) {
      expect(usage[group].cpuSeconds).toBeGreaterThan(0);
      expect(usage[group].rssBytes).toBeGreaterThan(1_000_000);
    }
    // The buffers that its processes share are counted once.
    expect(usage.postgres.rssBytes).toBeLessThan(1_500_000_000);
  });

  it('kills an edge, which stays dead until it is started', async () => {
    const [edge] = stack.edges;
    const { pid } = edge!;
    const before = stack.usage().edge.cpuSeconds;
    await edge!.kill();
    expect(usageOf(pid)).toBeNull();
    expect([edge!.alive, stack.failure.aborted]).toEqual([false, false]);
    expect(stack.usage().edge.cpuSeconds).toBeGreaterThanOrEqual(before);
    expect((await load(stations.password)).stations.ready).toBe(40);
    await edge!.start();
    expect(edge!.pid).not.toBe(pid);
    pids.push(edge!.pid);
  });

  it('tells when a process ends that nobody had ended, and leaves none', async () => {
    const told = new Promise((resolve) => stack.failure.addEventListener('abort', resolve, { once: true }));
    process.kill(stack.workers[0]!.pid, 'SIGKILL');
    await told;
    expect(String(stack.failure.reason)).toContain('worker 1 has ended (SIGKILL)');
    await stack.stop();
    await stack.stop();
    expect(pids.filter((pid) => usageOf(pid) !== null)).toEqual([]);
  });
});
