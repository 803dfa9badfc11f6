import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { usageOf, usageOfTree } from '../measure/processes.js';
import { pause, within } from '../run/waiting.js';
import { charges } from '../scenarios/hold.js';
import { UsageBook } from '../stack/usage.js';
import { Checklist } from './checklist.js';
import { edgesFor, handshakesOf, PER_EDGE, settled } from './options.js';
import { targetRate } from './phases.js';
import { sameBooks } from './product.js';
import { CHECKS } from './result.js';

describe('the plan of a fleet', () => {
  it('has edges for all without one of them', () => {
    for (const stations of [2, 300, PER_EDGE, PER_EDGE + 1, 100_000, 500_000]) {
      expect((edgesFor(stations) - 1) * PER_EDGE).toBeGreaterThanOrEqual(stations);
      expect((edgesFor(stations) - 2) * PER_EDGE).toBeLessThan(stations);
    }
    expect(edgesFor(100_000)).toBe(7);
  });

  it('names what cannot be', () => {
    expect(() => settled({ stations: 0 })).toThrow('stations:');
    expect(() => settled({ stations: 10, edges: 1 })).toThrow('edges:');
    expect(() => settled({ stations: 10, workers: 0 })).toThrow('workers:');
    expect(settled({ stations: 10, holdMs: undefined })).toMatchObject({ edges: 2, workers: 1, holdMs: 60_000 });
  });

  it('spreads the handshakes over the processes', () => {
    expect(handshakesOf(6, undefined) * 6).toBeLessThanOrEqual(3000);
    expect(handshakesOf(1000, undefined)).toBe(50);
    expect(handshakesOf(6, 7)).toBe(7);
  });

  it('knows its rate', () => {
    const o = settled({ stations: 1000, heartbeatMs: 10_000, meterMs: 5000, charging: 0.2 });
    expect(targetRate(o)).toBeCloseTo(140, 6);
  });

  it('lets the share of stations charge that was asked for, and always the same', () => {
    const all = Array.from({ length: 10_000 }, (_none, n) => charges(n, 0.2));
    expect(all.filter(Boolean).length / 10_000).toBeCloseTo(0.2, 2);
    expect([charges(3, 0), charges(3, 1)]).toEqual([false, true]);
  });
});

describe('the checks', () => {
  it('pass where every one was made and none failed', () => {
    const list = new Checklist();
    expect(list.passed).toBe(false);
    for (const check of CHECKS) list.add(check, true, '');
    expect(list.passed).toBe(true);
    list.add('ledger', false, '');
    expect(list.passed).toBe(false);
  });

  it('tell books apart', () => {
    const books = { transactions: 2, stopped: 2, energyWh: 10 };
    expect(sameBooks(books, { ...books, energyWh: 10.4 })).toBe(true);
    expect(sameBooks(books, { ...books, energyWh: 12 })).toBe(false);
    expect(sameBooks(books, { ...books, stopped: 1 })).toBe(false);
  });
});

describe('usage', () => {
  it('of a tree holds the children, and those that have ended', async () => {
    const work = 'for (const end = Date.now() + 300; Date.now() < end; );';
    const child = `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(work)}]);console.log('over');setTimeout(() => {}, 60000)`;
    const parent = spawn(process.execPath, ['-e', child], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(parent.stdout, 'data');
    const pid = parent.pid ?? 0;
    expect(usageOfTree(pid)!.cpuSeconds).toBeGreaterThan(usageOf(pid)!.cpuSeconds + 0.1);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(usageOfTree(pid)).toBeNull();
  });

  it('keeps the time of a process that died', async () => {
    const work = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    let members = [
      { group: 'edge' as const, pid: work.pid ?? 0 },
      { group: 'nats' as const, pid: process.pid },
    ];
    const book = new UsageBook(() => members);
    while (book.read().edge.cpuSeconds < 0.1) await new Promise((resolve) => setTimeout(resolve, 20));
    const before = book.read().edge.cpuSeconds;
    work.kill('SIGKILL');
    await once(work, 'exit');
    members = members.slice(1);
    expect(book.read().edge).toEqual({ cpuSeconds: before, rssBytes: 0 });
    expect(book.read().edge.cpuSeconds).toBe(before);
    expect(book.read().nats.cpuSeconds).toBeGreaterThan(0);
  });
});

describe('waiting', () => {
  it('ends with an abort', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 10);
    await pause(60_000, abort.signal);
    await pause(60_000, abort.signal);
    expect(await within(60_000, abort.signal, new Promise(() => {}))).toBeNull();
    const open = new AbortController().signal;
    expect(await within(5, open, new Promise(() => {}))).toBeNull();
    expect(await within(60_000, open, Promise.resolve(7))).toBe(7);
    await expect(within(60_000, open, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
