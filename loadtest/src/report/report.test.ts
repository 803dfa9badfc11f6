import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Latency } from '../measure/latency.js';
import type { LoadResult } from '../run/result.js';
import { FAULTS } from '../swarm/plan.js';
import { readResult, resultJson, writeFiles } from './files.js';
import { renderReport } from './html.js';
import { niceCeiling, plot } from './svg.js';
import { ProgressLine, summaryText } from './terminal.js';

const latency = (factor: number): Latency => ({
  count: 1234 * factor,
  mean: 1.5 * factor,
  min: 0.1,
  p50: 1.25 * factor,
  p90: 3 * factor,
  p95: 4.75 * factor,
  p99: 9.5 * factor,
  p999: 20,
  max: 33,
});

const second = Array.from({ length: 20 }, (_none, k) => k);
const RESULT: LoadResult = {
  format: 'sigec-loadtest/1',
  startedAt: '2026-01-31T12:00:00.000Z',
  endedAt: '2026-01-31T12:00:20.000Z',
  machine: { node: 'v20', cpus: 2, cpu: 'A <fast> one', memoryBytes: 1 },
  options: { url: 'ws://csms/ocpp', stations: 500 },
  passed: false,
  scenario: 'meter',
  pacing: 'interval',
  stations: { asked: 500, ready: 499, processes: 2, sources: 1, readyMs: 12 },
  load: {
    seconds: 20,
    answers: 24_680,
    rate: 1234.5,
    targetRate: 1300,
    behind: 77,
    sent: 25_000,
    retries: 0,
    reconnects: 3,
  },
  latency: latency(1),
  actions: { MeterValues: latency(2) },
  setup: latency(0),
  connect: latency(3),
  sendLag: latency(4),
  faults: {
    counts: {
      ...(Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<(typeof FAULTS)[number], number>),
      duplicate: 3,
    },
    examples: [{ fault: 'duplicate', identity: 'LT-1', at: 'now', detail: '[3,"<script>alert(1)</script>",{}]' }],
  },
  verdicts: { 'Authorize Accepted': 42 },
  inbound: { Reset: 5 },
  storm: [{ connectedMs: 100, readyMs: null, stations: latency(5) }],
  ledger: {
    totals: { transactions: 2, started: 2, stopped: 1, messages: 9, energyWh: 4321 },
    truncated: false,
    transactions: [
      {
        station: 'LT-1',
        version: '1.6',
        transactionId: '7',
        startAcked: true,
        stopAcked: false,
        messages: 4,
        meterStart: 1,
        meterLast: 4322,
        energyWh: 4321,
      },
    ],
  },
  series: {
    second,
    rate: second.map((k) => 1000 + k),
    p50: second,
    p95: second,
    p99: second,
    connected: second,
    ready: second,
    faults: second,
    lagMaxMs: second,
    utilisation: second.map((k) => k / 20),
  },
  processes: {
    second,
    all: [
      {
        name: 'edge & co',
        pid: 4711,
        role: 'server',
        cpu: second.map((k) => (k < 5 ? null : 0.5)),
        rssBytes: second.map(() => 104_857_600),
        cpuSeconds: 7.25,
        cpuMicrosPerMessage: 29.38,
        rssFirst: 104_857_600,
        rssLast: 115_343_360,
        rssMax: 125_829_120,
      },
    ],
  },
  histogram: 'x',
};

const folder = mkdtempSync(join(tmpdir(), 'loadtest-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the report', () => {
  const english = renderReport(RESULT, 'en');

  it.each([
    'FAILED',
    '1,234.5 answers/s, asked for 1,300.0',
    'p50 1.25 · p95 4.75 · p99 9.50 ms',
    '<td>MeterValues</td><td>2,468</td><td>3.00</td><td>2.50</td>',
    '<td>duplicate</td><td>3</td>',
    'edge &amp; co (server, 4711)',
    '29.38 µs',
    '120.0 MB',
    '4,321 Wh',
    'Authorize Accepted',
    '499 / 500 in service',
  ])('has %s', (figure) => {
    expect(english).toContain(figure);
  });

  it('needs nothing from outside, and runs nothing', () => {
    expect(english).not.toMatch(/<script|<link|<img|@import|url\(|src=/);
    expect(english.match(/https?:\/\//g)).toBeNull();
    expect(english.match(/<svg /g)).toHaveLength(7);
  });

  it('speaks Portuguese as well', () => {
    const portuguese = renderReport(RESULT, 'pt');
    expect(portuguese).toContain('lang="pt-BR"');
    expect(portuguese).toContain('REPROVADO');
    expect(portuguese).toContain('1.234,5 respostas/s');
  });

  it('is written beside a JSON that reads back as the result', () => {
    const [json = '', html = ''] = writeFiles(join(folder, 'out'), RESULT, 'en');
    expect(readResult(json)).toEqual(RESULT);
    expect(readFileSync(html, 'utf8')).toBe(english);
    expect(JSON.parse(resultJson({ ...RESULT, ledger: { ...RESULT.ledger!, transactions: [] } }))).toHaveProperty(
      'ledger',
    );
    const other = join(folder, 'other.json');
    writeFileSync(other, '{}');
    expect(() => readResult(other)).toThrow(/other\.json: not a result/);
  });
});

describe('plot', () => {
  it('draws gaps as gaps, and keeps the peaks of a long run', () => {
    const values = Array.from({ length: 5000 }, (_none, k) => (k === 2500 ? 100 : 1));
    const seconds = values.map((_value, k) => k);
    const base = { title: 't', unit: 'u', timeLabel: 's', format: String };
    const long = plot({ ...base, seconds, lines: [{ name: 'a', values }] });
    expect(long.match(/L/g)!.length).toBeLessThan(700);
    // The top of the plot, which only the peak touches.
    expect(long.match(/ 30\.0L/g)).toHaveLength(1);
    const gap = plot({ ...base, seconds: [0, 1, 2], lines: [{ name: 'a', values: [1, null, 1] }] });
    expect(gap.match(/M/g)).toHaveLength(2);
  });

  it('ends its scale at a round number', () => {
    expect([0, 0.3, 1, 7, 12, 99, 4001].map(niceCeiling)).toEqual([1, 0.5, 1, 10, 20, 100, 5000]);
  });
});

describe('the terminal', () => {
  const progress = {
    phase: 'load' as const,
    seconds: 7,
    rate: 1234,
    p50: 1.25,
    p95: 2,
    p99: 30,
    connected: 499,
    ready: 498,
    stations: 500,
    faults: 3,
    retries: 0,
    utilisation: 0.87,
  };

  it('is written over where it can be, and gets a plain line now and then where not', () => {
    let text = '';
    const live = new ProgressLine({ isTTY: true, columns: 200, write: (part: string) => (text += part) }, 'en');
    live.show(progress);
    live.show({ ...progress, seconds: 8 });
    live.end();
    expect(text.match(/\r/g)).toHaveLength(2);
    expect(text.match(/\n/g)).toHaveLength(1);
    expect(text).toContain(
      '1,234/s · p50 1.3 p95 2.0 p99 30 ms · 499 connected, 498/500 in service · Load client 87 %',
    );
    text = '';
    const plain = new ProgressLine({ write: (part: string) => (text += part) }, 'pt');
    for (let seconds = 7; seconds < 14; seconds++) plain.show({ ...progress, seconds });
    plain.end();
    expect(text.split('\n').filter((line) => line !== '')).toHaveLength(2);
    expect(text).toContain('falhas 3');
    expect(text).not.toContain('\x1b');
  });

  it('tells the figures at the end', () => {
    const text = summaryText({ ...RESULT, storm: undefined! }, 'en', false);
    for (const figure of ['FAILED', '1,234.5 answers/s', '77', 'p99 9.50', '29.38 µs', 'duplicate: 3', 'LT-1'])
      expect(text).toContain(figure);
    expect(summaryText(RESULT, 'en', false)).toContain('all connected 100 ms, all in service –');
  });
});
