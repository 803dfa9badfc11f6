/** The page is made of whatever is there: nothing, parts, or all of it. */
import { describe, expect, it } from 'vitest';
import type { CeilingResult, Measurement } from '../ceiling/result.js';
import { TARGETS } from '../ceiling/targets.js';
import type { Data, FleetFile } from './data.js';
import { GOALS, judge, verdictOf } from './goals.js';
import { renderPage } from './page.js';
import { bars, lines, stacks } from './svg.js';

const NOTHING: Data = { ceiling: null, micro: null, fleets: [], growth: null, many: null, notes: {} };

const MACHINE = {
  cores: 2,
  cpu: 'a processor',
  memoryBytes: 8 * 1024 ** 3,
  kernel: '6.0',
  node: 'v20',
  glibc: null,
  postgres: '15.1',
  nats: '2.9.0',
  redis: null,
};

const measurement = (target: Measurement['target'], rate: number): Measurement => ({
  target,
  round: 0,
  rate,
  p50: 5,
  p95: 20,
  p99: 40,
  cpu: { client: 10, echo: 12 },
  utilisation: 0.97,
  faults: 0,
});

function ceiling(rates: Readonly<Record<string, number>>): CeilingResult {
  return {
    format: 'sigec-bench-ceiling/1',
    at: '2025-06-01T12:00:00.000Z',
    command: 'pnpm bench:ceiling --rounds 1',
    machine: MACHINE,
    options: {
      rounds: 1,
      stations: 500,
      durationMs: 4000,
      warmupMs: 1000,
      processes: 1,
      edges: 1,
      workers: 1,
      connections: 32,
      only: [],
    },
    measurements: TARGETS.flatMap(({ id }) => (rates[id] === undefined ? [] : measurement(id, rates[id]))),
    half: [{ ...measurement('heartbeat', 400), asked: 400, behind: 0, ownDelay: 0.5 }],
    rest: [],
  };
}

const fleet = (stations: number, more: Partial<FleetFile> = {}): FleetFile => ({
  stations,
  passed: true,
  startedAt: '2025-06-02T12:00:00.000Z',
  phases: [
    { name: 'idle', facts: { bytesPerCharger: 6 * 1024, natsBytesPerCharger: 700 }, rssBytes: { edge: 1e9 } },
    { name: 'commands', latency: { p50: 4, p99: 60 } },
    { name: 'cut', facts: { readySeconds: 25 } },
  ],
  series: { second: [0, 1, 2], ready: [0, stations, stations] },
  groups: { second: [0, 1, 2], all: [{ name: 'edge', cpu: [null, 1, 0.5], rssBytes: [1e6, 2e6, 2e6] }] },
  ...more,
});

const aimsOf = (part: string) => GOALS.find(({ what }) => what.includes(part))!.aims;

describe('the page', () => {
  it('says of each part that it was not measured, where there is nothing, and how it is', () => {
    const { text, pictures } = renderPage(NOTHING);
    for (const command of ['bench:ceiling', 'loadtest fleet', 'loadtest growth', 'pnpm bench`'])
      expect(text).toContain(command);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(pictures.size).toBe(0);
  });

  it('shows what is there of each file, and nothing of what is not', () => {
    const data: Data = {
      ...NOTHING,
      ceiling: ceiling({ 'echo-heartbeat': 1000, heartbeat: 400 }),
      fleets: [fleet(100_000), {}],
      growth: { sizes: [{ stations: 1000 }, {}] },
      notes: { ceiling: 'A profile says so.' },
    };
    const { text, pictures } = renderPage(data);
    expect(text).toContain('0.40 (0.40-0.40)');
    expect(text).toContain('missed** by 53 %');
    expect(text).toContain('A profile says so.');
    expect(text).toContain('The client was the limit');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect([...pictures.keys()]).toEqual(
      expect.arrayContaining(['ceiling-ratio', 'ceiling-cpu', 'fleet-100000-ready']),
    );
    for (const name of pictures.keys()) expect(text).toContain(`(performance/${name}.svg)`);
    for (const picture of pictures.values()) expect(picture).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('shows runs that had faults as what they are', () => {
    const found = ceiling({ 'echo-heartbeat': 1000 });
    const data = {
      ...NOTHING,
      ceiling: { ...found, measurements: found.measurements.map((m) => ({ ...m, faults: 7 })) },
    };
    expect(renderPage(data).text).toContain('7 answers were wrong or missing');
    const checks = [{ check: 'ledger', passed: false, detail: '9 / 10' }];
    expect(renderPage({ ...NOTHING, fleets: [fleet(300, { passed: false, checks })] }).text).toContain(
      'ledger (9 / 10)',
    );
  });
});

describe('a goal', () => {
  it('is open, met, or missed by a share of what was asked', () => {
    const [rate] = aimsOf('heartbeat through edge');
    expect(judge(rate!, NOTHING).verdict).toBe('open');
    expect(judge(rate!, { ...NOTHING, ceiling: ceiling({ 'echo-heartbeat': 100, heartbeat: 85 }) }).verdict).toBe(
      'met',
    );
    const missed = judge(rate!, { ...NOTHING, ceiling: ceiling({ 'echo-heartbeat': 100, heartbeat: 17 }) });
    expect(missed.verdict).toBe('missed');
    expect(missed.missedBy).toBeCloseTo(0.8);
  });

  it('at most: is missed by what is over', () => {
    const [memory, nats] = aimsOf('memory per idle');
    const data = { ...NOTHING, fleets: [fleet(100_000)] };
    expect(judge(memory!, data)).toMatchObject({ verdict: 'missed', missedBy: expect.closeTo(0.2, 5) });
    expect(judge(nats!, data).verdict).toBe('met');
  });

  it('of a fleet is not judged by a smaller one', () => {
    const [time] = aimsOf('back and booted');
    expect(judge(time!, { ...NOTHING, fleets: [fleet(300)] }).verdict).toBe('open');
    expect(judge(time!, { ...NOTHING, fleets: [fleet(300), fleet(100_000)] }).verdict).toBe('met');
    const [held, many] = aimsOf('connected, booted and held');
    const failed = { ...NOTHING, fleets: [fleet(100_000), fleet(500_000, { passed: false })] };
    expect([judge(held!, failed).verdict, judge(many!, failed).verdict]).toEqual(['met', 'missed']);
    const growth = (faults: number) => ({ ...NOTHING, many: { sizes: [{ stations: 500_000, faults }] } });
    expect([judge(many!, growth(0)).verdict, judge(many!, growth(1)).verdict]).toEqual(['met', 'missed']);
  });

  it('with several parts is missed where one is, and open until all are known', () => {
    const commands = GOALS.find(({ what }) => what.includes('a command to'))!;
    expect(verdictOf(commands, { ...NOTHING, fleets: [fleet(100_000)] })).toBe('missed');
    expect(verdictOf(commands, NOTHING)).toBe('open');
  });
});

describe('a picture', () => {
  it('stands alone, with its words escaped, also of nothing', () => {
    const drawn = [
      bars('A & B', [{ name: '<one>', value: 0, label: '0' }], { value: 1, name: 'goal' }),
      stacks('parts', [{ name: 'a', parts: {} }], 'µs'),
      lines('time', [], [], String),
    ];
    for (const picture of drawn) {
      expect(picture).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      expect(picture).not.toMatch(/NaN|Infinity|<one>/);
    }
  });
});
