/** End to end: grid control (DER), battery swap, display messages, tariffs and payments. */
import { createStation, type JsonObject, type Station, type TransactionInfo } from '@sigec/sim';
import { afterEach, describe, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import type { CommandAnswer, Problem } from '../support/rest.js';
import { endpoint, register, type System, validToken } from '../support/system.js';
import { eventually } from '../support/wait.js';

type Items = Readonly<Record<string, unknown>>[];
interface Requested {
  readonly status: string;
  readonly items: Items;
}

export function energySuite(get: () => System): void {
  const stations: Station[] = [];
  afterEach(async () => {
    await Promise.all(stations.splice(0).map((station) => station.close()));
    await Charger.closeAll();
  });

  /** A simulated charger, and what REST says of it. */
  async function simulated(version: '2.0.1' | '2.1', idToken?: string) {
    const system = get();
    const device = await register(system);
    const { username: identity, password } = device.credentials;
    const options = { url: endpoint(system), identity, password, version, evses: 2, idToken };
    const station = createStation(options);
    stations.push(station);
    await station.boot();
    const items = async (path: string) =>
      (await system.rest.ok<{ items: Items }>('GET', `/devices/${device.id}/${path}`)).items;
    const command = async (action: string, payload: object) => {
      const { status, body } = await system.rest.command<CommandAnswer & { request_id?: number }>(
        device.id,
        action,
        payload,
      );
      if (status !== 200) throw new Error(`${action}: ${status} ${JSON.stringify(body)}`);
      return body;
    };
    const requested = ({ request_id }: { request_id?: number }) =>
      system.rest.ok<Requested>('GET', `/devices/${device.id}/requests/${request_id}?wait=15`);
    return { system, device, station, items, command, requested };
  }

  it.each(['2.0.1', '2.1'] as const)(
    '%s: messages on a display are set, told of in parts, and cleared',
    async (version) => {
      const { system, device, items, command, requested } = await simulated(version);
      const path = `/devices/${device.id}/display-messages`;
      const made: string[] = [];
      for (const message of ['um', 'dois', 'três'])
        made.push((await system.rest.ok<{ id: string }>('POST', path, { message, language: 'pt-BR' })).id);
      // One of which we know nothing until the station tells.
      const own = { id: 900_000_001, priority: 'AlwaysFront', message: { format: 'UTF8', content: 'own' } };
      await command('SetDisplayMessage', { message: own });
      const told = await requested(await command('GetDisplayMessages', {}));
      expect([told.status, told.items.length]).toEqual(['complete', 4]);
      expect((await items('display-messages')).map((m) => m.id)).toEqual([...made, '900000001']);
      expect(await items('display-messages')).toMatchObject([
        { contents: [{ content: 'um', language: 'pt-BR' }], priority: 'NormalCycle', source: 'set' },
        {},
        {},
        { priority: 'AlwaysFront' },
      ]);
      await system.rest.ok('DELETE', `${path}/${made[0]}`);
      expect((await items('display-messages')).map((m) => m.id)).toEqual([made[1], made[2], '900000001']);
      expect((await system.rest.send('DELETE', `${path}/${made[0]}`)).status).toBe(404);
    },
  );

  it('1.6 has no display, and says so', async () => {
    const system = get();
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '1.6');
    await charger.settle();
    const answer = await system.rest.send<Problem>('POST', `/devices/${device.id}/display-messages`, { message: 'x' });
    expect([answer.status, answer.body.code]).toEqual([409, 'not-supported-by-version']);
  });

  it('a report for a request that nobody made is refused, and leaves nothing behind', async () => {
    const system = get();
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '2.1');
    await charger.settle();
    const messageInfo = [{ id: 1, priority: 'InFront', message: { format: 'UTF8', content: 'x' } }];
    for (const [action, payload] of [
      ['NotifyDisplayMessages', { requestId: 77, messageInfo }],
      ['ReportDERControl', { requestId: 77 }],
    ] as const)
      await expect(charger.call([action, payload])).rejects.toMatchObject({
        rpcErrorCode: 'PropertyConstraintViolation',
      });
    const { items } = await system.rest.ok<{ items: Items }>('GET', `/devices/${device.id}/display-messages`);
    expect(items).toEqual([]);
    expect(charger.violations).toEqual([]);
  });

  it('2.1: a grid control is set, begins, puts another aside, is told of and cleared', async () => {
    const { station, items, command, requested } = await simulated('2.1');
    const limit = { priority: 2, pctMaxDischargePower: 50, startTime: '2099-01-01T00:00:00Z', duration: 600 };
    const set = { isDefault: false, controlType: 'LimitMaxDischarge' };
    await command('SetDERControl', { ...set, controlId: 'later', limitMaxDischarge: limit });
    const now = { ...limit, priority: 1, startTime: new Date().toISOString() };
    await command('SetDERControl', { ...set, controlId: 'now', limitMaxDischarge: now });
    await eventually(async () => {
      expect(await items('der-controls')).toMatchObject([
        { control_id: 'later', superseded: true, source: 'set' },
        { control_id: 'now', superseded: false, started: true },
      ]);
    });
    expect(await items('der-events')).toMatchObject([{ control_id: 'now', started: true }]);
    const told = await requested(await command('GetDERControl', {}));
    expect(told.items).toMatchObject([
      { control_id: 'later', is_superseded: true },
      { control_id: 'now', content: { priority: 1 } },
    ]);
    await command('ClearDERControl', { isDefault: false, controlId: 'later' });
    expect((await items('der-controls')).map((c) => c.control_id)).toEqual(['now']);

    const alarm = { controlType: 'HVMustTrip', gridEventFault: 'OverVoltage', timestamp: new Date().toISOString() };
    expect(await station.send('NotifyDERAlarm', alarm)).toEqual({});
    expect(await station.send('NotifyDERAlarm', alarm)).toEqual({});
    expect(await items('der-alarms')).toMatchObject([{ grid_event_fault: 'OverVoltage', ended_at: null }]);
    const ended = { controlType: 'HVMustTrip', alarmEnded: true, timestamp: new Date().toISOString() };
    expect(await station.send('NotifyDERAlarm', ended)).toEqual({});
    expect(await items('der-alarms')).toMatchObject([{ ended_at: ended.timestamp }]);
  });

  it('2.1: a battery swap that was asked for, and one of the station alone', async () => {
    const { station, items, command } = await simulated('2.1');
    const idToken = { idToken: 'CARD', type: 'ISO14443' };
    const { request_id } = await command('RequestBatterySwap', { idToken });
    await eventually(async () => {
      expect(await items('battery-swaps')).toMatchObject([
        {
          request_id,
          source: 'requested',
          status: 'out',
          batteries: [{ event: 'BatteryIn' }, { event: 'BatteryOut' }],
        },
      ]);
    });
    const batteryData = [{ evseId: 1, serialNumber: 'OWN', soC: 10, soH: 90 }];
    const event = { eventType: 'BatteryIn', requestId: 2_000_000_000, idToken, batteryData };
    expect(await station.send('BatterySwap', event)).toEqual({});
    expect(await station.send('BatterySwap', event)).toEqual({});
    expect((await items('battery-swaps'))[0]).toMatchObject({
      source: 'station',
      status: 'in',
      batteries: [{ serial_number: 'OWN', soc_percent: 10, soh_percent: 90 }],
    });
  });

  it('2.1: our tariff at the station, the running cost, and what a terminal settled', async () => {
    const token = await validToken(get());
    const { system, device, station, items, command } = await simulated('2.1', token);
    await command('SetDefaultTariff', {});
    await command('GetTariffs', { evseId: 0 });
    expect((await items('tariffs')).map((t) => [t.tariff_id, t.content !== null])).toContainEqual(['brl-75-kwh', true]);

    const { transactionId }: TransactionInfo = station.startTransaction({ auto: false });
    await eventually(async () => expect(await system.rest.history(device.id)).toHaveLength(1));
    const [running] = await system.rest.history(device.id);
    const costs: JsonObject[] = [];
    station.on('frame', ({ frame, action, direction }) => {
      if (direction === 'in' && action === 'CostUpdated' && frame.kind === 'call') costs.push(frame.payload);
    });
    await system.rest.ok('PUT', `/devices/${device.id}/cost-display`, { enabled: true, every_s: 5 });
    await eventually(() => expect(costs).toEqual([{ transactionId, totalCost: 0 }]));
    await eventually(async () =>
      expect(await items('cost-updates')).toMatchObject([
        { ocpp_transaction_id: transactionId, cost: { amount_minor: 0, currency: 'BRL' } },
      ]),
    );
    station.stopTransaction();

    const settled = { pspRef: 'PSP-1', status: 'Settled', settlementAmount: 12.34, transactionId };
    const settlement = { ...settled, settlementTime: new Date().toISOString(), vatNumber: '11222333000181' };
    expect(await station.send('NotifySettlement', settlement)).toEqual({});
    expect(await station.send('NotifySettlement', settlement)).toEqual({});
    const amount = { amount_minor: 1234, currency: 'BRL' };
    const [kept, ...others] = await items('settlements');
    expect([kept, others]).toMatchObject([
      { psp_ref: 'PSP-1', amount, transaction_id: running?.id, rounded: false },
      [],
    ]);
    const ofAll = await system.rest.ok<{ items: Items }>('GET', '/settlements');
    expect(ofAll.items).toContainEqual(kept);
  });

  it('2.1: a tariff of the device, from REST to the final cost at the charger', async () => {
    const { system, device, station } = await simulated('2.1');
    const { rest } = system;
    const terms = { name: 'Rua', currency: 'BRL', per_kwh_minor: 80, session_fee_minor: 200, per_minute_minor: 10 };
    const { id } = await rest.ok<{ id: string }>('POST', '/tariffs', terms);
    await rest.ok('PUT', '/tariff-assignments', { tariff_id: id, device_id: device.id });
    const began = Date.now() - 3_600_000;
    const tell = (seqNo: number, eventType: string, minutes: number, value: number) => {
      const timestamp = new Date(began + minutes * 60_000).toISOString();
      return station.send('TransactionEvent', {
        ...{ eventType, seqNo, timestamp, triggerReason: 'ChargingStateChanged', evse: { id: 1, connectorId: 1 } },
        transactionInfo: { transactionId: 'TARIFF', chargingState: 'Charging' },
        meterValue: [{ timestamp, sampledValue: [{ value }] }],
      });
    };
    expect(await tell(0, 'Started', 0, 1_000)).toEqual({});
    // What runs keeps its price.
    await rest.ok('PATCH', `/tariffs/${id}`, { per_kwh_minor: 500 });
    expect(await tell(1, 'Updated', 30, 6_000)).toEqual({ totalCost: 9 });
    expect(await tell(2, 'Ended', 60, 11_000)).toEqual({ totalCost: 16 });
    const [ended] = await rest.history(device.id);
    expect(ended?.cost).toEqual({ amount_minor: 1600, currency: 'BRL' });
    const { bill } = await rest.ok<{ bill: { lines: Items } }>('GET', `/transactions/${ended?.id}`);
    expect(bill.lines.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['session_fee', { amount_minor: 200, currency: 'BRL' }],
      ['energy', { amount_minor: 800, currency: 'BRL' }],
      ['charging_time', { amount_minor: 600, currency: 'BRL' }],
    ]);
  });

  describe('2.1: a tax number', () => {
    it.each([
      ['11.222.333/0001-81', 'Accepted'],
      ['11.222.333/0001-82', 'Rejected'],
    ])('%s: %s', async (vatNumber, status) => {
      const { station, items } = await simulated('2.1');
      expect(await station.send('VatNumberValidation', { vatNumber, evseId: 1 })).toMatchObject({
        vatNumber,
        evseId: 1,
        status,
      });
      expect(await items('vat-checks')).toMatchObject([{ evse_id: 1, accepted: status === 'Accepted' }]);
    });
  });
}
