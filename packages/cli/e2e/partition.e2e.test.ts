/** Three edges, of which some lose the bus while their chargers stay or move; and all of it restarted piece by piece. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeReal, type TcpProxy } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Charger } from './support/charger.js';
import { Busy, STEP_WH } from './support/chargers.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { tellOnFailure } from './support/failure.js';
import { healthOf } from './support/http.js';
import { endpoint, register, validToken } from './support/system.js';
import { eventually, quiet } from './support/wait.js';

const REPLACED = 4500;
const SOME = 5;

describeReal('edges cut off from the bus', ['nats', 'redis', 'postgres'], () => {
  let system: Cluster;
  beforeAll(async () => {
    system = await startCluster({ edges: 3, edgeLinks: true });
  });
  afterEach(async () => {
    for (const link of system.links) await link.heal();
    await system.mend();
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    await Charger.closeAll();
    await system?.close();
  });
  const away = (n: number) =>
    eventually(async () => expect(await healthOf(system.edges[n]?.url as string)).not.toBe(200));
  const back = (n: number) => eventually(async () => expect(await healthOf(system.edges[n]?.url as string)).toBe(200));

  it('a charger that moves on, and on again, is held by the last; what its first socket kept back counts for nothing', async () => {
    const device = await register(system);
    const tag = await validToken(system);
    const first = await Charger.connect(endpoint(system, 0), device.credentials, '2.0.1');
    await first.settle();
    const charge = await first.start(tag, 1_000);
    await first.meter(1_500);
    const link = system.links[0] as TcpProxy;
    await link.cut();
    await away(0);
    // Kept by the edge for when the bus is back: by then it is the word of an old session.
    const late = first.call([
      'TransactionEvent',
      {
        eventType: 'Updated',
        timestamp: new Date().toISOString(),
        triggerReason: 'MeterValuePeriodic',
        seqNo: 77,
        transactionInfo: { transactionId: charge.id as string },
        meterValue: [{ timestamp: new Date().toISOString(), sampledValue: [{ value: 999_000 }] }],
      },
    ]);
    late.catch(() => undefined);
    const second = await Charger.connect(endpoint(system, 1), device.credentials, '2.0.1');
    second.charges.push(charge);
    await second.meter(2_000);
    // The second edge is cut off in its turn.
    await (system.links[1] as TcpProxy).cut();
    await away(1);
    const third = await Charger.connect(endpoint(system, 2), device.credentials, '2.0.1');
    third.charges.push(charge);
    await third.meter(2_500);
    await link.heal();
    await (system.links[1] as TcpProxy).heal();
    await eventually(() => expect(first.closes).toMatchObject([{ code: REPLACED }]));
    await eventually(() => expect(second.closes).toMatchObject([{ code: REPLACED }]));
    await expect(late).rejects.toThrow();
    await quiet();
    expect((await system.rest.device(device.id)).online).toBe(true);
    third.answer('ClearCache', { status: 'Accepted' });
    await eventually(async () =>
      expect(await system.rest.command(device.id, 'ClearCache', {})).toMatchObject({ status: 200 }),
    );
    await third.stop(3_000);
    expect(await system.rest.history(device.id)).toMatchObject([{ energy_wh: 2_000, flags: [] }]);
    await third.close();
  });

  it('keeps its sockets, takes no new ones, acknowledges nothing, and goes on when the bus is back', async () => {
    const busy = await Busy.startEach(system, 0);
    await Promise.all(busy.map((one) => one.further(SOME)));
    await (system.links[0] as TcpProxy).cut();
    await away(0);
    const answered = busy.map((one) => one.samples);
    const device = await register(system);
    await expect(Charger.connect(endpoint(system, 0), device.credentials, '1.6')).rejects.toMatchObject({ code: 503 });
    await sleep(1_000);
    expect(busy.map((one) => one.samples)).toEqual(answered);
    for (const [n, one] of busy.entries()) {
      const [transaction] = await system.rest.history(one.device.id);
      expect(transaction?.energy_wh).toBeGreaterThanOrEqual((answered[n] as number) * STEP_WH);
    }
    await (system.links[0] as TcpProxy).heal();
    await back(0);
    await Promise.all(busy.map((one) => one.further(SOME)));
    for (const { charger } of busy) expect(charger.closes).toEqual([]);
    await Promise.all(busy.map((one) => one.endExactly(system)));
  });

  it('is told so by a link that swallows one direction: nothing is acknowledged that is not kept', async () => {
    const busy = await Busy.startEach(system, 0);
    await Promise.all(busy.map((one) => one.further(SOME)));
    const link = system.links[0] as TcpProxy;
    link.halfOpen('down');
    await sleep(2_000);
    await link.heal();
    await back(0);
    await Promise.all(busy.map((one) => one.further(SOME)));
    await Promise.all(busy.map((one) => one.endExactly(system)));
  });

  // Five processes start anew, one after the other: a loaded machine takes its time.
  it('every edge and worker restarted one after the other: nothing is lost, and no charger waits 30 s', {
    timeout: 240_000,
  }, async () => {
    const busy = (await Promise.all([0, 1, 2].map((edge) => Busy.startEach(system, edge)))).flat();
    await Promise.all(busy.map((one) => one.further(SOME)));
    for (const member of [...system.edges, ...system.workers]) {
      expect(await member.stop()).toEqual({ code: 0, signal: null });
      await member.start();
      await Promise.all(busy.map((one) => one.further(1)));
    }
    for (const one of busy) {
      for (const { code } of one.charger.closes) expect(code).toBe(1012);
      expect(one.gapMs).toBeLessThan(30_000);
    }
    await Promise.all(busy.map((one) => one.endExactly(system)));
  });
});
