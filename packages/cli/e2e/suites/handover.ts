/** The same charger on a second socket while the first is open: the newest wins, and the old one counts no more. */
import { startTcpProxy, type TcpProxy } from '@sigec/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import type { Cluster } from '../support/cluster.js';
import { Raw } from '../support/raw.js';
import type { CreatedDevice } from '../support/rest.js';
import { endpoint, register, type System, validToken } from '../support/system.js';
import { eventually, quiet } from '../support/wait.js';

const REPLACED = 4500;
const CONFIGURATION = { configurationKey: [] };

/** A meter reading that would be money if it counted. */
const late = (transactionId: number | string | undefined, id = 'late') => [
  2,
  id,
  'MeterValues',
  {
    connectorId: 1,
    transactionId,
    meterValue: [{ timestamp: new Date().toISOString(), sampledValue: [{ value: '999000' }] }],
  },
];

/** Where it stands when nothing of the old socket counted. */
async function holds(system: System, device: CreatedDevice, second: Charger): Promise<void> {
  expect((await system.rest.device(device.id)).online).toBe(true);
  second.answer('GetConfiguration', CONFIGURATION);
  expect(await system.rest.command(device.id, 'GetConfiguration', {})).toMatchObject({
    status: 200,
    body: { response: CONFIGURATION },
  });
  expect(await second.heartbeat()).toHaveProperty('currentTime');
  expect(second.closes).toEqual([]);
}

export function handoverSuite(get: () => System): void {
  let proxy: TcpProxy | undefined;
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });
  afterAll(async () => {
    Raw.closeAll();
    await Charger.closeAll();
  });

  it('closes the first with 4500, and the second serves', async () => {
    const system = get();
    const device = await register(system);
    const first = await Charger.connect(endpoint(system, 0), device.credentials, '2.0.1');
    await first.settle();
    first.answer('ClearCache', { status: 'Rejected' });
    const second = await Charger.connect(endpoint(system, 1), device.credentials, '2.0.1');
    await eventually(() => expect(first.closes).toMatchObject([{ code: REPLACED }]));
    second.answer('ClearCache', { status: 'Accepted' });
    expect(await system.rest.command(device.id, 'ClearCache', {})).toMatchObject({
      status: 200,
      body: { response: { status: 'Accepted' } },
    });
    await second.settle();
    expect((await system.rest.device(device.id)).online).toBe(true);
    // And back again, so that it is the newer that wins and not the higher edge.
    const third = await Charger.connect(endpoint(system, 0), device.credentials, '2.0.1');
    await eventually(() => expect(second.closes).toMatchObject([{ code: REPLACED }]));
    expect(await third.heartbeat()).toHaveProperty('currentTime');
    await third.close();
    await eventually(async () => expect((await system.rest.device(device.id)).online).toBe(false));
  });

  it('of a first on a network that swallows, a late CALL and a late close change nothing', async () => {
    const system = get();
    const { rest } = system;
    const device = await register(system);
    const tag = await validToken(system);
    const direct = endpoint(system, 0);
    proxy = await startTcpProxy(Number(new URL(direct).port));
    const lost = await Charger.connect(`ws://127.0.0.1:${proxy.port}/ocpp`, device.credentials, '1.6');
    await lost.settle();
    const charge = await lost.start(tag, 1_000);
    await lost.meter(1_500);

    proxy.hold();
    const second = await Charger.connect(endpoint(system, 1), device.credentials, '1.6');
    await second.boot();
    second.charges.push(charge);
    // Sent while nothing passes: it reaches the edge long after the second took over, and the close right behind it.
    lost.client.sendRaw(JSON.stringify(late(charge.id)));
    await second.meter(2_000);
    await proxy.heal();
    await eventually(() => expect(lost.closes).toHaveLength(1));
    await quiet();

    const [transaction] = await rest.history(device.id);
    expect(transaction).toMatchObject({ status: 'charging', energy_wh: 1_000 });
    await holds(system, device, second);
    await second.stop(3_000);
    expect(await rest.history(device.id)).toMatchObject([
      { energy_wh: 2_000, cost: { amount_minor: 150 }, flags: [], end_time: expect.any(String) },
    ]);
    await second.close();
  });

  it('ten connections at once leave one session, and it serves', async () => {
    const system = get();
    const device = await register(system);
    const chargers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => Charger.connect(endpoint(system, n), device.credentials, '1.6')),
    );
    await eventually(() => expect(chargers.filter((charger) => charger.connected)).toHaveLength(1));
    for (const charger of chargers) if (!charger.connected) expect(charger.closes).toMatchObject([{ code: REPLACED }]);
    const last = chargers.find((charger) => charger.connected) as Charger;
    await last.settle();
    await holds(system, device, last);
    await Promise.all(chargers.map((charger) => charger.close()));
    await eventually(async () => expect((await system.rest.device(device.id)).online).toBe(false));
  });

  it('a device that is blocked loses its session at once', async () => {
    const system = get();
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '1.6');
    await charger.settle();
    await system.rest.ok('PATCH', `/devices/${device.id}`, { blocked: true });
    await eventually(() => expect(charger.closes).toHaveLength(1));
    await expect(Charger.connect(endpoint(system), device.credentials, '1.6')).rejects.toMatchObject({ code: 403 });
  });
}

/** Only where there are two edges, one of which can be frozen. */
export function frozenEdgeSuite(get: () => Cluster): void {
  describe('an edge that was frozen while its charger moved', () => {
    it('does nothing with what its old socket still says', async () => {
      const system = get();
      const device = await register(system);
      const tag = await validToken(system);
      const url = `${endpoint(system, 0)}/${device.identity}`;
      const first = await Raw.connect(url, ['ocpp1.6'], device.credentials);
      const boot = { chargePointVendor: 'Acme', chargePointModel: 'One' };
      expect(await first.ask([2, 'b', 'BootNotification', boot])).toMatchObject([3, 'b', { status: 'Accepted' }]);
      const start = { connectorId: 1, idTag: tag, meterStart: 0, timestamp: new Date().toISOString() };
      const [, , begun] = await first.ask([2, 's', 'StartTransaction', start]);
      const { transactionId } = begun as { transactionId: number };

      const frozen = system.edges[0];
      frozen?.process.signal('SIGSTOP');
      let second: Charger;
      try {
        first.send(late(transactionId));
        second = await Charger.connect(endpoint(system, 1), device.credentials, '1.6');
        await second.boot();
      } finally {
        frozen?.process.signal('SIGCONT');
      }
      expect(await first.closed).toBe(REPLACED);
      await quiet();
      expect(first.received).toHaveLength(2);
      expect(await system.rest.history(device.id)).toMatchObject([{ energy_wh: 0, status: 'started' }]);
      await holds(system, device, second);
      await second.close();
    });
  });
}
