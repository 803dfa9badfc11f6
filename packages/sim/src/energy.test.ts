import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, startCsms, startStation } from './testing/setup.js';

type Payload = Record<string, unknown>;
const accepted = { status: 'Accepted' };
afterEach(closeAll);

async function booted(version: '2.0.1' | '2.1', evses = 1) {
  const csms = await startCsms(version);
  const station = startStation(csms, { evses });
  await station.boot();
  return { csms, station };
}

describe.each(['2.0.1', '2.1'] as const)('displays of %s', (version) => {
  const message = (id: number, more: Payload = {}) => ({
    message: { id, priority: 'InFront', message: { format: 'UTF8', content: `m${id}` }, ...more },
  });

  it('messages are set, told of in parts, and cleared', async () => {
    const { csms } = await booted(version);
    for (const id of [1, 2, 3]) expect(await csms.call('SetDisplayMessage', message(id))).toEqual(accepted);
    expect(await csms.call('SetDisplayMessage', message(4, { priority: 'NormalCycle' }))).toEqual(accepted);
    expect(await csms.call('GetDisplayMessages', { requestId: 9, priority: 'InFront' })).toEqual(accepted);
    await csms.until(() => csms.of('NotifyDisplayMessages').length === 2, 'both parts');
    expect(csms.of('NotifyDisplayMessages').map(({ payload }) => [payload.requestId, payload.tbc])).toEqual([
      [9, true],
      [9, false],
    ]);
    expect(await csms.call('ClearDisplayMessage', { id: 1 })).toEqual(accepted);
    expect(await csms.call('ClearDisplayMessage', { id: 1 })).toEqual({ status: 'Unknown' });
    expect(await csms.call('GetDisplayMessages', { requestId: 10, id: [1] })).toEqual({ status: 'Unknown' });
    expect(csms.violations).toEqual([]);
  });

  it('one of a transaction goes with it', async () => {
    const { csms, station } = await booted(version);
    const none = await csms.call('SetDisplayMessage', message(1, { transactionId: 'none' }));
    expect(none).toEqual({ status: 'UnknownTransaction' });
    const { transactionId } = station.startTransaction({ auto: false });
    expect(await csms.call('SetDisplayMessage', message(1, { transactionId }))).toEqual(accepted);
    station.stopTransaction();
    expect(await csms.call('GetDisplayMessages', { requestId: 1 })).toEqual({ status: 'Unknown' });
    const html = { id: 2, priority: 'InFront', message: { format: 'HTML', content: 'x' } };
    expect(await csms.call('SetDisplayMessage', { message: html })).toEqual({ status: 'NotSupportedMessageFormat' });
  });
});

describe('grid control', () => {
  const limit = (controlId: string, priority: number, more: Payload = {}) => ({
    isDefault: false,
    controlId,
    controlType: 'LimitMaxDischarge',
    limitMaxDischarge: { priority, pctMaxDischargePower: 50, startTime: '2099-01-01T00:00:00Z', ...more },
  });
  const curve = { curveData: [{ x: 1, y: 2 }], priority: 0, yUnit: 'PctMaxVar' };

  it('a stronger control puts a weaker one aside, and all are told of in parts', async () => {
    const { csms } = await booted('2.1');
    expect(await csms.call('SetDERControl', limit('a', 2))).toEqual(accepted);
    expect(await csms.call('SetDERControl', limit('b', 1))).toEqual({ ...accepted, supersededIds: ['a'] });
    for (const id of ['c', 'd']) {
      const set = { isDefault: true, controlId: id, controlType: id === 'c' ? 'VoltVar' : 'WattVar', curve };
      expect(await csms.call('SetDERControl', set)).toEqual(accepted);
    }
    expect(await csms.call('GetDERControl', { requestId: 3 })).toEqual(accepted);
    await csms.until(() => csms.of('ReportDERControl').length === 2, 'both parts');
    const [first, last] = csms.of('ReportDERControl').map(({ payload }) => payload);
    expect(first).toMatchObject({
      tbc: true,
      limitMaxDischarge: [
        { id: 'a', isSuperseded: true, isDefault: false },
        { id: 'b', isSuperseded: false },
      ],
      curve: [{ id: 'c', curveType: 'VoltVar', isDefault: true }],
    });
    expect(last).toMatchObject({ tbc: false, curve: [{ id: 'd' }] });
    expect(await csms.call('ClearDERControl', { isDefault: false, controlId: 'a' })).toEqual(accepted);
    expect(await csms.call('ClearDERControl', { isDefault: false, controlId: 'a' })).toEqual({ status: 'NotFound' });
    expect(await csms.call('GetDERControl', { requestId: 4, controlId: 'a' })).toEqual({ status: 'NotFound' });
    expect(csms.violations).toEqual([]);
  });

  it('a scheduled control says when it begins and ends', async () => {
    const { csms } = await booted('2.1');
    const now = new Date().toISOString();
    expect(await csms.call('SetDERControl', limit('a', 2, { startTime: now, duration: 0.1 }))).toEqual(accepted);
    await csms.until(() => csms.of('NotifyDERStartStop').length === 2, 'begin and end');
    expect(csms.of('NotifyDERStartStop').map(({ payload }) => payload.started)).toEqual([true, false]);
    expect(await csms.call('GetDERControl', { requestId: 4 })).toEqual({ status: 'NotFound' });
    expect(csms.violations).toEqual([]);
  });
});

it('a battery swap that was asked for: one in, one out, and one at a time', async () => {
  const { csms } = await booted('2.1', 2);
  const request = { requestId: 5, idToken: { idToken: 'CARD', type: 'ISO14443' } };
  expect(await csms.call('RequestBatterySwap', request)).toEqual(accepted);
  expect(await csms.call('RequestBatterySwap', { ...request, requestId: 6 })).toEqual({ status: 'Rejected' });
  await csms.until(() => csms.of('BatterySwap').length === 2, 'both events');
  expect(csms.of('BatterySwap').map(({ payload }) => [payload.eventType, payload.requestId])).toEqual([
    ['BatteryIn', 5],
    ['BatteryOut', 5],
  ]);
  expect(csms.violations).toEqual([]);
});

it('tariffs hold where they were set, until they are cleared', async () => {
  const { csms, station } = await booted('2.1', 2);
  const tariff = (tariffId: string, price: number, currency = 'BRL') => ({
    tariffId,
    currency,
    energy: { prices: [{ priceKwh: price }] },
  });
  const set = (evseId: number, of: Payload) => csms.call('SetDefaultTariff', { evseId, tariff: of });
  expect(await set(0, tariff('a', 1))).toEqual(accepted);
  expect(await set(0, tariff('a', 1))).toEqual(accepted);
  expect(await set(1, tariff('a', 2))).toEqual({ status: 'DuplicateTariffId' });
  expect(await set(1, { ...tariff('b', 2), validFrom: '2099-01-01T00:00:00Z' })).toEqual(accepted);
  expect(await set(9, tariff('c', 2))).toEqual({ status: 'Rejected' });
  expect(await csms.call('GetTariffs', { evseId: 0 })).toMatchObject({
    status: 'Accepted',
    tariffAssignments: [
      { tariffId: 'a', evseIds: [1, 2] },
      { tariffId: 'b', evseIds: [1], validFrom: '2099-01-01T00:00:00Z' },
    ],
  });
  const { transactionId } = station.startTransaction({ auto: false });
  const change = (id: string, of: Payload) => csms.call('ChangeTransactionTariff', { transactionId: id, tariff: of });
  expect(await change('none', tariff('d', 1))).toEqual({ status: 'TxNotFound' });
  expect(await change(transactionId, tariff('d', 1, 'USD'))).toEqual({ status: 'NoCurrencyChange' });
  expect(await change(transactionId, tariff('d', 1))).toEqual(accepted);
  expect(await csms.call('CostUpdated', { transactionId, totalCost: 1.5 })).toEqual({});
  expect(await csms.call('ClearTariffs', { tariffIds: ['b', 'x'] })).toEqual({
    clearTariffsResult: [
      { tariffId: 'b', status: 'Accepted' },
      { tariffId: 'x', status: 'NoTariff' },
    ],
  });
  expect(await csms.call('ClearTariffs', {})).toEqual({ clearTariffsResult: [accepted] });
  expect(await csms.call('GetTariffs', { evseId: 0 })).toEqual({ status: 'NoTariff' });
  expect(csms.violations).toEqual([]);
});
