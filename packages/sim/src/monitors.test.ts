import { afterEach, describe, expect, it } from 'vitest';
import type { Version } from './index.js';
import { closeAll, startCsms, startStation } from './testing/setup.js';

type Payload = Record<string, unknown>;

async function booted(version: Version, options: Parameters<typeof startStation>[1] = {}) {
  const csms = await startCsms(version);
  const station = startStation(csms, options);
  await station.boot();
  return { csms, station };
}

afterEach(closeAll);

const power = { component: { name: 'EVSE', evse: { id: 1 } }, variable: { name: 'Power' } };
const state = { component: { name: 'EVSE', evse: { id: 1 } }, variable: { name: 'AvailabilityState' } };
const monitor = (more: Payload = {}) => ({ ...power, type: 'UpperThreshold', value: 60_000, severity: 2, ...more });

describe.each(['2.0.1', '2.1'] as const)('monitors of %s', (version) => {
  it('are set where they can be, reported, tell what they see, and are cleared', async () => {
    const { csms, station } = await booted(version);
    const setMonitoringData = [
      monitor(),
      monitor({ ...state, type: 'Delta', value: 1, severity: 5 }),
      monitor(),
      monitor({ ...state }),
      monitor({ component: { name: 'Nobody' } }),
      monitor({ variable: { name: 'Nothing' } }),
      monitor({ id: 99, severity: 3 }),
    ];
    const { setMonitoringResult } = await csms.call('SetVariableMonitoring', { setMonitoringData });
    expect((setMonitoringResult as Payload[]).map(({ status, id }) => [status, id])).toEqual([
      ...[
        ['Accepted', 1],
        ['Accepted', 2],
        ['Duplicate', undefined],
        ['UnsupportedMonitorType', undefined],
      ],
      ...[
        ['UnknownComponent', undefined],
        ['UnknownVariable', undefined],
        ['Rejected', undefined],
      ],
    ]);
    const ask = { requestId: 4, monitoringCriteria: ['DeltaMonitoring'] };
    expect(await csms.call('GetMonitoringReport', ask)).toEqual({ status: 'Accepted' });
    await csms.until(() => csms.of('NotifyMonitoringReport').length === 1);
    expect(csms.of('NotifyMonitoringReport')[0]?.payload).toMatchObject({
      ...{ requestId: 4, seqNo: 0, tbc: false },
      monitor: [{ variable: { name: 'AvailabilityState' }, variableMonitoring: [{ id: 2, type: 'Delta' }] }],
    });
    for (const watts of ['61000', '62000', '50000']) station.observe('EVSE@1.Power', watts);
    station.observe('EVSE@1.AvailabilityState', 'Faulted');
    await csms.until(() => csms.of('NotifyEvent').length === 3);
    const told = csms.of('NotifyEvent').flatMap((event) => event.payload.eventData as Payload[]);
    expect(told).toMatchObject([
      { eventId: 1, trigger: 'Alerting', actualValue: '61000', cleared: false, variableMonitoringId: 1 },
      { eventId: 2, trigger: 'Alerting', actualValue: '50000', cleared: true },
      { eventId: 3, trigger: 'Delta', actualValue: 'Faulted', variableMonitoringId: 2 },
    ]);
    expect(await csms.call('SetMonitoringLevel', { severity: 1 })).toEqual({ status: 'Accepted' });
    expect(await csms.call('SetMonitoringLevel', { severity: 10 })).toEqual({ status: 'Rejected' });
    const cleared = await csms.call('ClearVariableMonitoring', { id: [2, 7] });
    expect(cleared.clearMonitoringResult).toEqual([
      { id: 2, status: 'Accepted' },
      { id: 7, status: 'NotFound' },
    ]);
    expect(await csms.call('SetMonitoringBase', { monitoringBase: 'HardWiredOnly' })).toEqual({ status: 'Accepted' });
    expect(await csms.call('GetMonitoringReport', { requestId: 5 })).toEqual({ status: 'EmptyResultSet' });
    expect(csms.violations).toEqual([]);
    expect(() => station.observe('Nobody.X', '1')).toThrow(RangeError);
  });
});

describe('streams of values', () => {
  it('2.1: are opened by their monitor, filled, adjusted, and closed', async () => {
    const { csms } = await booted('2.1', { speed: 50 });
    csms.answer('OpenPeriodicEventStream', () => ({ status: 'Accepted' }));
    const item = monitor({ type: 'Periodic', value: 5, periodicEventStream: { interval: 2, values: 2 } });
    await csms.call('SetVariableMonitoring', { setMonitoringData: [item] });
    await csms.until(() => csms.of('NotifyPeriodicEventStream').length >= 2, 'values');
    const { payload } = csms.of('NotifyPeriodicEventStream')[0] ?? {};
    expect(payload).toMatchObject({ id: 1, pending: 0, data: [{ t: 0, v: '50000' }, { v: '50000' }] });
    const described = (interval: number) => ({
      constantStreamData: [{ id: 1, params: { interval, values: 2 }, variableMonitoringId: 1 }],
    });
    expect(csms.of('OpenPeriodicEventStream')[0]?.payload.constantStreamData).toEqual(
      described(2).constantStreamData[0],
    );
    expect(await csms.call('AdjustPeriodicEventStream', { id: 1, params: { interval: 4 } })).toEqual({
      status: 'Accepted',
    });
    expect(await csms.call('GetPeriodicEventStream', {})).toEqual(described(4));
    await csms.call('ClearVariableMonitoring', { id: [1] });
    await csms.until(() => csms.of('ClosePeriodicEventStream').length === 1, 'the close');
    expect(await csms.call('GetPeriodicEventStream', {})).toEqual({});
    expect(csms.violations).toEqual([]);
  });
});

describe('a large device model', () => {
  it.each(['1.6', '2.0.1'] as const)('%s: has so many variables, each told once', async (version) => {
    const { csms } = await booted(version, { variables: 300, evses: 2 });
    const names = new Set<string>();
    if (version === '1.6') {
      const { configurationKey } = await csms.call('GetConfiguration', {});
      for (const { key } of configurationKey as Payload[]) names.add(String(key));
    } else {
      await csms.call('GetBaseReport', { requestId: 8, reportBase: 'FullInventory' });
      await csms.until(() => csms.of('NotifyReport').some((r) => r.payload.tbc === false), 'the last page');
      for (const { payload } of csms.of('NotifyReport'))
        for (const { component, variable } of payload.reportData as Payload[])
          names.add(JSON.stringify([component, variable]));
    }
    expect(names.size).toBe(300);
    expect(csms.violations).toEqual([]);
  });
});
