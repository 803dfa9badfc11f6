import { describe, expect, it } from 'vitest';
import { type LoadOptions, versionCycle } from './options.js';
import { makePlans } from './plans.js';

const BASE: LoadOptions = { url: 'ws://127.0.0.1:9/ocpp', scenario: 'heartbeat', stations: 10, processes: 2 };

describe('a plan', () => {
  it('gives every station to one process, with its identity', async () => {
    const { swarms } = await makePlans({ ...BASE, processes: 3, identity: 'A%03dZ', first: 5 });
    expect(swarms.map(({ from, count }) => [from, count])).toEqual([
      [0, 3],
      [3, 3],
      [6, 4],
    ]);
    expect(swarms.flatMap(({ identities }) => identities)).toEqual(
      Array.from({ length: 10 }, (_none, k) => `A${String(k + 5).padStart(3, '0')}Z`),
    );
  });

  it('makes an interval of a rate, and knows what was asked for', async () => {
    const plan = await makePlans({ ...BASE, rate: 20 });
    expect(plan.swarms[0]?.pacing).toEqual({ kind: 'interval', everyMs: 500 });
    expect(plan.targetRate).toBe(20);
    expect((await makePlans({ ...BASE, intervalMs: 100 })).targetRate).toBe(100);
  });

  it('comes from as many addresses as the stations need, on loopback', async () => {
    const { swarms } = await makePlans({ ...BASE, stations: 20_000 });
    const all = swarms.flatMap((swarm) => swarm.sources);
    expect(all).toHaveLength(3);
    // No process has to ask another which ports of an address are taken.
    expect(new Set(all).size).toBe(3);
    for (const source of all) expect(source).toMatch(/^127\.\d+\.0\.[123]$/);
    expect(swarms.every(({ ownPorts }) => ownPorts)).toBe(true);
    const many = (await makePlans({ ...BASE, sources: 600 })).swarms;
    expect(new Set(many.flatMap((swarm) => swarm.sources)).size).toBe(600);
    const [shared] = (await makePlans({ ...BASE, processes: 3, sources: ['127.0.0.1'] })).swarms;
    expect(shared).toMatchObject({ sources: ['127.0.0.1'], ownPorts: false });
  });

  it('takes each station of a list with its own password', async () => {
    const credentials = Array.from({ length: 12 }, (_none, k) => ({ identity: `C${k}`, password: `p${k}` }));
    const { swarms } = await makePlans({ ...BASE, credentials });
    expect(swarms[1]?.identities).toEqual(['C5', 'C6', 'C7', 'C8', 'C9']);
    expect(swarms[1]?.passwords).toEqual(['p5', 'p6', 'p7', 'p8', 'p9']);
  });

  it.each<[string, Partial<LoadOptions>]>([
    ['stations: ', { stations: 0 }],
    ['processes: 40000 stations need at least 3', { stations: 40_000 }],
    ['scenario: must be one of', { scenario: 'x' }],
    ['url: ', { url: 'http://x' }],
    ['version: 1.5', { version: '1.5' }],
    ['version: share of 1.6', { version: '1.6:x' }],
    ['rate: not together', { rate: 1, intervalMs: 1 }],
    ['rate: must be positive', { rate: 0 }],
    ['rate: a storm', { rate: 1, scenario: 'storm' }],
    ['api: ', { scenario: 'commands' }],
    ['password: ', { password: 'x', credentials: [] }],
    ['passwords: 0 for 10', { credentials: [] }],
    ['identity: ', { identity: 'x' }],
    ['idToken: ', { idToken: '"' }],
    ['duration: ', { durationMs: 0 }],
    ['backoff: ', { backoffMs: [5, 1] }],
    ['sources: x', { sources: ['x'] }],
  ])('says %s', async (message, options) => {
    await expect(makePlans({ ...BASE, ...options })).rejects.toThrow(message);
  });
});

describe('versionCycle', () => {
  it('spreads the shares evenly', () => {
    expect(versionCycle('1.6:2,2.1')).toEqual(['1.6', '2.1', '1.6']);
    const cycle = versionCycle('1.6:50, 2.0.1:30, 2.1:20');
    expect(cycle).toHaveLength(100);
    for (const [version, share] of [
      ['1.6', 5],
      ['2.0.1', 3],
      ['2.1', 2],
    ] as const) {
      expect(cycle.slice(0, 10).filter((one) => one === version)).toHaveLength(share);
      expect(cycle.filter((one) => one === version)).toHaveLength(share * 10);
    }
  });
});
