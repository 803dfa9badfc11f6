/** Every scenario, closed and open loop, against the product on real servers: no fault, and the books have it all. */
import { describeReal } from '@sigec/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LoadOptions } from '../run/options.js';
import type { LoadResult } from '../run/result.js';
import { runLoad } from '../run/run.js';
import { SCENARIOS } from '../scenarios/index.js';
import { type Stack, startStack } from '../stack/stack.js';
import { type Books, Ledgers } from './product.js';

const STATIONS = 300;
const PATIENCE_MS = 10_000;
const stations = { count: STATIONS, identity: 'LT-%06d', password: 'a-password-of-this-test' };

describeReal('300 stations on real servers', ['nats', 'redis', 'postgres'], () => {
  let stack: Stack;
  let ledgers: Ledgers;
  let booked: Books = { transactions: 0, stopped: 0, energyWh: 0 };
  beforeAll(async () => {
    stack = await startStack({ edges: 2, workers: 2, control: true, stations });
    ledgers = new Ledgers(stack.databaseUrl);
  });
  afterAll(async () => {
    await ledgers?.close();
    await stack?.stop();
  });

  /** Each run's ledger is what the database has more than before. */
  async function load(scenario: string, options: Partial<LoadOptions>): Promise<LoadResult> {
    const { ledger, ...result } = await runLoad({
      url: stack.url,
      scenario,
      stations: STATIONS,
      // In this one: swarms of several have tests of their own, and each costs a second to start.
      processes: 0,
      password: stations.password,
      version: '1.6:50,2.0.1:30,2.1:20',
      durationMs: 1000,
      dayMs: 60_000,
      meters: 3,
      parseEvery: 1,
      watch: stack.watch,
      ...(scenario === 'commands' ? { api: { ...stack.api!, concurrency: 4 } } : {}),
      ...options,
    });
    expect(result.faults.examples).toEqual([]);
    expect(result.passed).toBe(true);
    expect(result.stations.ready).toBe(STATIONS);
    expect(stack.failure.reason).toBeUndefined();
    const { transactions = 0, stopped = 0, energyWh = 0 } = ledger?.totals ?? {};
    const expected = {
      transactions: booked.transactions + transactions,
      stopped: booked.stopped + stopped,
      energyWh: booked.energyWh + energyWh,
    };
    booked = await ledgers.books(expected, PATIENCE_MS);
    expect({ ...booked, energyWh: Math.round(booked.energyWh) }).toEqual(expected);
    return { ...result, ...(ledger === undefined ? {} : { ledger }) };
  }

  it.each(SCENARIOS.map(({ name }) => name))('%s', async (scenario) => {
    const charges = scenario === 'meter' || scenario === 'session';
    // Time for every station to end a session, also where the machine has other work.
    const { latency, load: found, ledger } = await load(scenario, charges ? { durationMs: 4000 } : {});
    if (scenario !== 'idle' && scenario !== 'storm') {
      expect(latency.count).toBeGreaterThan(0);
      expect(found.answers).toBeGreaterThan(0);
    }
    if (charges) expect(ledger?.totals.stopped).toBeGreaterThanOrEqual(STATIONS);
  });

  it.each(['idle', 'heartbeat', 'meter', 'session', 'commands'])('%s in open loop', async (scenario) => {
    const rate = scenario === 'commands' ? 20 : 200;
    const { pacing, load: found, latency } = await load(scenario, { rate });
    expect(pacing).toBe('interval');
    expect(latency.count).toBeGreaterThan(0);
    // What was due was sent. A machine that stalls leaves some unsent, never half of them.
    expect(found.behind).toBeLessThan(latency.count);
    expect(latency.count).toBeLessThanOrEqual(rate * 1.5 + 1);
  });
});
