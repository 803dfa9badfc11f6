/** A swarm that goes on after a load: rests, is loaded again, loses sockets that it was told it would lose. */
import { afterEach, expect, it } from 'vitest';
import { type Csms, startCsms } from '../testing/csms.js';
import { Fleet } from './fleet.js';
import { makePlans } from './plans.js';

let csms: Csms;
let fleet: Fleet;
let counters = { ready: 0, lost: 0 };
afterEach(async () => {
  await fleet.end();
  await csms.close();
});

async function swarm(on?: Parameters<typeof startCsms>[0]): Promise<void> {
  csms = await startCsms(on);
  const plan = await makePlans({
    url: csms.url,
    scenario: 'hold',
    stations: 20,
    processes: 0,
    heartbeatMs: 400,
    meterMs: 100,
    charging: 0.5,
    backoffMs: [20, 50],
    timeoutMs: 2000,
  });
  fleet = new Fleet(plan, (_source, tick) => {
    counters = tick.counters;
  });
  await fleet.connect();
}

async function load(ms: number) {
  fleet.go(Date.now(), ms);
  await new Promise((resolve) => setTimeout(resolve, ms));
  const [report] = await fleet.rest();
  return report!;
}

const count = (sparse: readonly number[]) => sparse.reduce((sum, value, k) => sum + (k % 2 === 1 ? value : 0), 0);
const counts = (actions: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(actions).map(([label, sparse]) => [label, count(sparse)]));

it('holds: every station beats, those that charge meter, and each load counts for itself', async () => {
  await swarm();
  const first = await load(900);
  const seen = [...csms.texts.values()].map((texts) => texts.filter((text) => text.includes('"Heartbeat"')).length);
  // 900 ms are two whole intervals, and a part of the third.
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...seen)).toBeLessThanOrEqual(3);
  // Of a station whose answer is still to come, the last one is neither sent nor counted.
  expect(first.behind).toBeLessThan(20);
  const beats = seen.reduce((sum, n) => sum + n, 0);
  expect(counts(first.actions)['TransactionEvent Started']).toBe(10);
  expect(counts(first.actions).Heartbeat).toBeLessThanOrEqual(beats);
  expect(counts(first.actions).Heartbeat).toBeGreaterThan(beats - 20);
  expect(counts(first.actions)['TransactionEvent Updated']).toBeGreaterThan(10);
  const second = await load(450);
  // Transactions go on: none is begun again.
  expect(counts(second.actions)).not.toHaveProperty('TransactionEvent Started');
  expect(counts(second.actions).Heartbeat).toBeGreaterThanOrEqual(20);
  expect(counts(second.actions).Heartbeat).toBeLessThanOrEqual(40);
  await fleet.finish();
  const [done] = fleet.done;
  expect(done?.faults.examples).toEqual([]);
  expect(done?.ledger).toMatchObject({ transactions: 10, stopped: 10 });
});

it('takes expected losses for none of its faults, tells who was hit apart, and waits for them', async () => {
  const sockets: { terminate(): void }[] = [];
  await swarm({ connected: (socket) => sockets.push(socket) });
  fleet.go(Date.now(), 60_000);
  fleet.expectLosses();
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const socket of sockets.slice(0, 5)) socket.terminate();
  await new Promise((resolve) => setTimeout(resolve, 700));
  const [report] = await fleet.rest();
  expect(report?.counters).toMatchObject({ ready: 20, lost: 5, faults: 0 });
  expect(count(report!.back)).toBe(5);
  expect(report!.lastBackAt).toBeGreaterThan(Date.now() - 5000);
  expect(count(report!.hit)).toBeGreaterThan(0);
  expect(counts(report!.actions).Heartbeat).toBeGreaterThan(15);
  expect(counters.lost).toBeGreaterThanOrEqual(0);
  // After the load it is a fault again.
  sockets[6]?.terminate();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await fleet.finish();
  expect(fleet.done[0]?.faults.counts).toMatchObject({ unexpectedClose: 1 });
});

it('tells of sends that it could not make, as a station still waited', async () => {
  let silent = true;
  const held: (() => void)[] = [];
  await swarm({
    on: (call) => {
      if (silent) held.push(call.ok);
      else call.ok();
    },
  });
  fleet.go(Date.now(), 1000);
  await new Promise((resolve) => setTimeout(resolve, 1050));
  silent = false;
  const rested = fleet.rest();
  setTimeout(() => {
    for (const ok of held) ok();
  }, 50);
  const [report] = await rested;
  expect(report?.behind).toBe(20);
  expect(Object.values(counts(report!.actions)).reduce((sum, n) => sum + n, 0)).toBe(20);
});
