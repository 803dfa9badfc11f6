/** Processes that die in the middle: what was acknowledged is there, and charging goes on. */
import { afterAll, afterEach, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import { Busy, STEP_WH } from '../support/chargers.js';
import type { Cluster, Member } from '../support/cluster.js';
import type { Embedded } from '../support/embedded.js';
import { endpoint, register } from '../support/system.js';
import { eventually } from '../support/wait.js';

/** Samples between two events of a test. */
const SOME = 5;

const each = (busy: readonly Busy[], work: (one: Busy) => Promise<void>) => Promise.all(busy.map(work));

export function embeddedRestartSuite(get: () => Embedded): void {
  afterAll(() => Charger.closeAll());

  it('kill -9 of all there is: after the restart sessions go on, totals are exact, who stays away is offline', async () => {
    const system = get();
    const lost = await register(system);
    const silent = await Charger.connect(endpoint(system), lost.credentials, '1.6');
    await silent.settle();
    expect((await system.rest.device(lost.id)).online).toBe(true);
    const busy = await Busy.startEach(system);
    await each(busy, (one) => one.further(SOME));
    const answered = busy.map((one) => one.samples);
    await system.kill9();
    await system.start();
    // Nothing that was acknowledged is missing the moment it is back.
    for (const [index, one] of busy.entries()) {
      const [transaction] = await system.rest.history(one.device.id);
      expect(transaction?.energy_wh).toBeGreaterThanOrEqual((answered[index] as number) * STEP_WH);
    }
    await each(busy, (one) => one.further(SOME));
    await eventually(async () => expect((await system.rest.device(lost.id)).online).toBe(false));
    for (const one of busy) expect((await system.rest.device(one.device.id)).online).toBe(true);
    await each(busy, (one) => one.endExactly(system));
  });

  it('SIGTERM ends it with code 0 and its sockets with 1012, and it comes back as it was', async () => {
    const system = get();
    const busy = await Busy.startEach(system);
    await each(busy, (one) => one.further(SOME));
    expect(await system.stop()).toEqual({ code: 0, signal: null });
    for (const { charger } of busy) expect(charger.closes).toMatchObject([{ code: 1012 }]);
    await system.start();
    await each(busy, (one) => one.further(SOME));
    await each(busy, (one) => one.endExactly(system));
  });
}

export function clusterRestartSuite(get: () => Cluster): void {
  afterEach(async () => {
    await Charger.closeAll();
    await get().mend();
  });

  it('kill -9 of a worker: the others go on, and so does it when it is back', async () => {
    const system = get();
    const busy = await Busy.startEach(system);
    for (const worker of system.workers) {
      await each(busy, (one) => one.further(SOME));
      await worker.kill9();
      await each(busy, (one) => one.further(SOME));
      await worker.start();
    }
    for (const { charger } of busy) expect(charger.closes).toEqual([]);
    await each(busy, (one) => one.endExactly(system));
  });

  it('kill -9 of every worker: chargers wait on their sockets, and are answered when one is back', async () => {
    const system = get();
    const busy = await Busy.startEach(system);
    await each(busy, (one) => one.further(SOME));
    await Promise.all(system.workers.map((worker) => worker.kill9()));
    const waiting = busy.map((one) => one.samples);
    // A heartbeat, too, has to wait; and nobody gets an error for it.
    const heartbeats = busy.map((one) => one.charger.heartbeat());
    await system.workers[0]?.start();
    await Promise.all(heartbeats);
    await each(busy, (one) => one.further(SOME));
    busy.forEach((one, n) => {
      expect(one.samples).toBeGreaterThan(waiting[n] as number);
      expect(one.charger.closes).toEqual([]);
    });
    await each(busy, (one) => one.endExactly(system));
  });

  it('NATS restarted: sockets stay, and charging goes on', async () => {
    const system = get();
    const busy = await Busy.startEach(system);
    await each(busy, (one) => one.further(SOME));
    await system.nats.kill();
    await system.nats.restart();
    await each(busy, (one) => one.further(SOME));
    for (const { charger } of busy) expect(charger.closes).toEqual([]);
    // Commands find the chargers again.
    for (const { charger, device } of busy) {
      charger.answer('ClearCache', { status: 'Accepted' });
      expect(await system.rest.command(device.id, 'ClearCache', {})).toMatchObject({ status: 200 });
    }
    await each(busy, (one) => one.endExactly(system));
  });

  it('kill -9 of the control: nothing of it reaches the chargers', async () => {
    const system = get();
    const busy = await Busy.startEach(system);
    await system.control.kill9();
    await each(busy, (one) => one.further(SOME));
    await system.control.start();
    for (const { charger } of busy) expect(charger.closes).toEqual([]);
    await each(busy, (one) => one.endExactly(system));
  });

  it('SIGTERM of a worker in mid-session: code 0, and the other goes on', async () => {
    const system = get();
    const busy = await Busy.startEach(system);
    await each(busy, (one) => one.further(SOME));
    expect(await system.workers[0]?.stop()).toEqual({ code: 0, signal: null });
    await each(busy, (one) => one.further(SOME));
    for (const { charger } of busy) expect(charger.closes).toEqual([]);
    await each(busy, (one) => one.endExactly(system));
  });

  it('SIGTERM of an edge: code 0, its sockets end with 1012, and its chargers are served by the other', async () => {
    const system = get();
    const busy = await Busy.startEach(system, 0);
    await each(busy, (one) => one.further(SOME));
    for (const { charger } of busy) moveTo(charger, endpoint(system, 1));
    expect(await system.edges[0]?.stop()).toEqual({ code: 0, signal: null });
    for (const { charger } of busy) expect(charger.closes).toMatchObject([{ code: 1012 }]);
    await each(busy, (one) => one.further(SOME));
    for (const one of busy) expect((await system.rest.device(one.device.id)).online).toBe(true);
    await each(busy, (one) => one.endExactly(system));
  });

  it('kill -9 of an edge: who comes to the other is online there, who does not is offline', async () => {
    const system = get();
    const lost = await register(system);
    const silent = await Charger.connect(endpoint(system, 0), lost.credentials, '1.6');
    await silent.settle();
    const busy = await Busy.startEach(system, 0);
    await each(busy, (one) => one.further(SOME));
    for (const { charger } of busy) moveTo(charger, endpoint(system, 1));
    const edge = system.edges[0] as Member;
    await edge.kill9();
    await each(busy, (one) => one.further(SOME));
    for (const { charger, device } of busy) {
      expect(await system.rest.device(device.id)).toMatchObject({ online: true });
      charger.answer('ClearCache', { status: 'Accepted' });
      expect(await system.rest.command(device.id, 'ClearCache', {})).toMatchObject({ status: 200 });
    }
    await eventually(async () => expect((await system.rest.device(lost.id)).online).toBe(false));
    for (const { device } of busy) expect(await system.rest.device(device.id)).toMatchObject({ online: true });
    await each(busy, (one) => one.endExactly(system));
  });
}

/** Where a charger goes when it connects the next time. */
function moveTo(charger: Charger, url: string): void {
  const { client } = charger;
  client.once('disconnect', () => {
    // The client builds its address when it first connects and keeps it; a charger has a list of them.
    Object.assign(client, { _connectionUrl: `${url}/${encodeURIComponent(client.identity ?? '')}` });
  });
}
