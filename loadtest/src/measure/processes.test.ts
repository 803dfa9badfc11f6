import { spawn } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { findProcesses, ProcessWatch, usageOf } from './processes.js';

const MARK = `busy-${process.pid}`;
const child = spawn(process.execPath, [
  '-e',
  'setTimeout(() => {}, 60000); for (;;) if (Date.now() % 7 > 8) break',
  MARK,
]);
afterAll(() => child.kill('SIGKILL'));

describe.runIf(process.platform === 'linux')('watched processes', () => {
  it('are found by their command line, and their processor time and memory are told', async () => {
    await expect.poll(() => findProcesses(MARK, new Set()).map(({ pid }) => pid)).toEqual([child.pid]);
    expect(findProcesses(MARK, new Set([child.pid!]))).toEqual([]);
    const watch = new ProcessWatch([
      { name: 'busy', pid: child.pid!, role: 'server' },
      { name: 'gone', pid: 2 ** 22 + 1, role: 'server' },
    ]);
    watch.sample(0);
    watch.mark('from');
    const before = usageOf(child.pid!)!.cpuSeconds;
    await expect.poll(() => usageOf(child.pid!)!.cpuSeconds).toBeGreaterThan(before + 0.2);
    watch.sample(1);
    watch.mark('to');
    const [busy, gone] = watch.figures(1000);
    expect(busy?.cpuSeconds).toBeGreaterThan(0.15);
    expect(busy?.cpuMicrosPerMessage).toBeCloseTo(busy!.cpuSeconds! * 1000, 5);
    expect(busy?.cpu[0]).toBeNull();
    expect(busy?.cpu[1]).toBeGreaterThan(0);
    expect(busy?.rssMax).toBeGreaterThan(1 << 20);
    expect(gone).toMatchObject({ cpuSeconds: null, rssMax: null, cpu: [null, null] });
  });
});
