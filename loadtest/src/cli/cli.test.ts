/** The command line, with processes of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readResult } from '../report/files.js';
import { type Csms, type CsmsOptions, startCsms } from '../testing/csms.js';
import { main } from './main.js';
import * as value from './values.js';

const folder = mkdtempSync(join(tmpdir(), 'loadtest-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
let csms: Csms | undefined;
afterEach(async () => {
  await csms?.close();
  csms = undefined;
});

async function loadtest(...args: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const code = await main(['node', 'loadtest', ...args], { write: (part: string) => (text += part) }, { LANG: 'en' });
  return { code, text };
}

async function run(server: CsmsOptions, ...args: string[]) {
  csms = await startCsms(server);
  return loadtest('run', '--url', csms.url, '--timeout', '5s', ...args);
}

describe('loadtest run', () => {
  it('runs a swarm of two processes, and puts together what they found', async () => {
    const out = join(folder, 'out');
    const { code, text } = await run(
      {},
      ...['--scenario', 'session', '--stations', '7', '--processes', '2', '--duration', '1s', '--version', '1.6,2.1'],
      ...['--out', out, '--watch', `self=${process.pid}`],
    );
    expect(text).toContain('PASSED  session  7/7 in service');
    expect(code).toBe(0);
    const result = readResult(join(out, 'result.json'));
    expect(result.stations).toMatchObject({ asked: 7, ready: 7, processes: 2 });
    expect(csms?.texts.size).toBe(7);
    expect(result.processes.all.map(({ name }) => name)).toEqual([
      'self',
      'loadtest',
      'loadtest swarm 1',
      'loadtest swarm 2',
    ]);
    const { totals, transactions } = result.ledger!;
    expect(transactions).toHaveLength(totals.transactions);
    expect(new Set(transactions.map(({ station }) => station)).size).toBe(7);
    const texts = [...csms!.texts.values()].flat();
    const stops = texts.filter((text) => /"StopTransaction"|"Ended"/.test(text));
    expect(totals.stopped).toBe(stops.length);
    const counted = Object.values(result.actions).reduce((sum, { count }) => sum + count, 0);
    expect(result.latency.count).toBe(counted);
    expect((await loadtest('report', join(out, 'result.json'), '--out', join(folder, 'again'))).code).toBe(0);
  });

  it('ends with 1 where a server answers wrongly, and shows an example', async () => {
    const { code, text } = await run(
      { on: (call) => call.send([4, call.id, 'InternalError', 'sorry', {}]) },
      ...[
        '--scenario',
        'heartbeat',
        '--stations',
        '2',
        '--processes',
        '0',
        '--duration',
        '200ms',
        '--interval',
        '50ms',
      ],
    );
    expect(code).toBe(1);
    expect(text).toMatch(/callError: [1-8]\n/);
    expect(text).toContain('sorry');
  });

  it('ends with 2 where the run cannot be, and names the option', async () => {
    const base = ['run', '--url', 'ws://127.0.0.1:1', '--stations', '5', '--scenario'];
    for (const [args, words] of [
      [[...base, 'nix'], '--scenario'],
      [[...base, 'storm', '--rate', '5'], 'rate: a storm has none'],
      [[...base, 'idle', '--duration', 'x'], '--duration'],
      [[...base, 'commands', '--api', 'http://127.0.0.1:1', '--email', 'a'], 'password-env'],
      [['run', '--stations', '5', '--scenario', 'idle'], '--url'],
      [['report', join(folder, 'none.json'), '--out', folder], 'none.json'],
    ] as const) {
      const { code, text } = await loadtest(...args);
      expect([code, text]).toEqual([2, expect.stringContaining(words)]);
    }
  });

  it('explains itself', async () => {
    const { code, text } = await loadtest('run', '--help');
    expect(code).toBe(0);
    for (const words of ['--rate', 'Examples', 'storm', 'coordinated omission']) expect(text).toContain(words);
  });
});

describe('values', () => {
  it('are read as they are typed', () => {
    expect(['500ms', '30s', '5m', '1h', '2', '1.5s'].map(value.duration)).toEqual([
      500, 30_000, 300_000, 3_600_000, 2000, 1500,
    ]);
    expect(['5', '20k', '1_000'].map(value.count)).toEqual([5, 20_000, 1000]);
    expect(['5', '2k/s', '0.5/s'].map(value.rate)).toEqual([5, 2000, 0.5]);
    expect(value.watched('edge=1, worker=2')).toEqual([
      { name: 'edge', pid: 1 },
      { name: 'worker', pid: 2 },
    ]);
    expect(value.sources('3')).toBe(3);
    expect(value.sources('10.0.0.1,10.0.0.2')).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(value.backoff('100ms,2s')).toEqual([100, 2000]);
    expect(value.object('{"a":1}')).toEqual({ a: 1 });
  });

  it('of a file of passwords are pairs; a password may hold commas', () => {
    const path = join(folder, 'passwords.csv');
    writeFileSync(path, 'identity,password\nA,secret,1\r\n\n# no\nB,x\n');
    expect(value.credentials(path)).toEqual([
      { identity: 'A', password: 'secret,1' },
      { identity: 'B', password: 'x' },
    ]);
    writeFileSync(path, 'A,secret\nsecret\n');
    expect(() => value.credentials(path)).toThrow(/^line 2 is not identity,password$/);
  });

  it.each([
    [value.duration, '5x'],
    [value.count, '1.5'],
    [value.rate, '0'],
    [value.watched, 'edge'],
    [value.object, '[1]'],
    [value.credentials, '/no/such/file'],
  ])('that cannot be are refused', (read, text) => {
    expect(() => read(text)).toThrow();
  });
});
