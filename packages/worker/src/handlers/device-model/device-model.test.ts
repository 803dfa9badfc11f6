/** The handlers of the device model over plain data. */
import type { RequestState, StreamState } from '@sigec/store';
import { describe, expect, it } from 'vitest';
import { CallRefused } from '../../handler.js';
import { at, NOW, Plain } from '../../testing/plain.js';

const asked = (action: string, more: Partial<RequestState> = {}): RequestState => ({
  ...{ id: 9, stationId: 1, action, requestId: 7, status: 'accepted', detail: null, parts: 0, endedAt: null },
  ...more,
});

const plainAsked = (action: string, more: Partial<RequestState> = {}) =>
  new Plain().know('request', { stationId: 1, requestId: 7 }, asked(action, more));

const NAME = { componentInstance: null, evseId: null, connectorId: null, variableInstance: null };
const heartbeat = { component: { name: 'OCPPCommCtrlr' }, variable: { name: 'HeartbeatInterval' } };
const password = { component: { name: 'SecurityCtrlr' }, variable: { name: 'BasicAuthPassword' } };

const report = (seqNo: number, tbc: boolean | undefined, ...reportData: object[]) => ({
  requestId: 7,
  generatedAt: at(0),
  seqNo,
  ...(tbc === undefined ? {} : { tbc }),
  ...(reportData.length === 0 ? {} : { reportData }),
});

/** What was refused, and that nothing came of it. */
function refusal(plain: Plain, version: 'ocpp2.0.1' | 'ocpp2.1', action: string, payload: object): CallRefused {
  try {
    plain.say(version, action, payload);
  } catch (error) {
    expect([plain.facts, plain.events]).toEqual([{}, []]);
    if (error instanceof CallRefused) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe.each(['ocpp2.0.1', 'ocpp2.1'] as const)('%s NotifyReport', (version) => {
  it('stores each attribute with what is said of it, and ends the request with its last part', () => {
    const plain = plainAsked('GetBaseReport');
    const variableCharacteristics = { dataType: 'integer', unit: 's', minLimit: 1, supportsMonitoring: true };
    const first = {
      ...heartbeat,
      component: { name: 'OCPPCommCtrlr', evse: { id: 2 } },
      variableAttribute: [
        { value: '300', mutability: 'ReadWrite', persistent: true },
        { type: 'Target', value: '600' },
      ],
      variableCharacteristics,
    };
    expect(plain.say(version, 'NotifyReport', report(0, true, first))).toEqual({});
    const named = { stationId: 1, ...NAME, component: 'OCPPCommCtrlr', variable: 'HeartbeatInterval', evseId: 2 };
    expect(plain.facts.variable).toMatchObject([
      {
        ...named,
        attribute: 'Actual',
        value: '300',
        persistent: true,
        unit: 's',
        minLimit: 1,
        supportsMonitoring: true,
      },
      { ...named, attribute: 'Target', value: '600', mutability: 'ReadWrite', constant: false },
    ]);
    expect(plain.facts.inventoryEnd).toBeUndefined();
    expect(plain.facts.requestState).toMatchObject([{ status: 'running', parts: 1 }]);
    plain.know('request', { stationId: 1, requestId: 7 }, asked('GetBaseReport', { status: 'running', parts: 1 }));
    plain.say(version, 'NotifyReport', report(1, undefined));
    expect(plain.facts.requestState?.at(-1)).toMatchObject({ status: 'complete', parts: 2, endedAt: NOW });
    expect(plain.facts.inventoryEnd).toEqual([{ request: 9 }]);
    expect(plain.events.map((event) => event.kind)).toEqual([
      ...['request.running', 'variables.reported', 'request.complete', 'variables.reported'],
    ]);
  });

  it('keeps no secret, neither as a variable nor in the gathered answer', () => {
    const plain = plainAsked('GetReport');
    const attribute = (value: string, mutability?: string) => ({ variableAttribute: [{ value, mutability }] });
    const pin = { component: { name: 'Panel' }, variable: { name: 'Code' } };
    const told = [
      { ...password, ...attribute('hunter2-1') },
      { ...pin, ...attribute('hunter2-2', 'WriteOnly') },
    ];
    plain.say(version, 'NotifyReport', JSON.parse(JSON.stringify(report(0, false, ...told))));
    expect(plain.facts.variable).toMatchObject([{ value: null }, { value: null, mutability: 'WriteOnly' }]);
    expect(JSON.stringify([plain.facts, plain.events])).not.toContain('hunter2');
  });

  it('takes a part once', () => {
    const plain = plainAsked('GetBaseReport', { status: 'running', parts: 3 });
    const told = { ...heartbeat, variableAttribute: [{ value: '1' }] };
    expect(plain.say(version, 'NotifyReport', report(2, true, told))).toEqual({});
    expect([plain.facts, plain.events]).toEqual([{}, []]);
  });

  it('33: refuses a report that nobody asked for, and what cannot be stored', () => {
    const told = { ...heartbeat, variableAttribute: [{ value: '1' }] };
    const nowhere = { ...told, component: { name: 'EVSE', evse: { id: 2 ** 40 } } };
    expect(refusal(new Plain(), version, 'NotifyReport', report(0, false, told))).toMatchObject({
      meaning: 'property',
      message: 'requestId: no such request',
    });
    const asks = (action: string, payload: object) => refusal(plainAsked(action), version, 'NotifyReport', payload);
    expect(asks('GetMonitoringReport', report(0, false, told)).meaning).toBe('property');
    expect(asks('GetBaseReport', report(1e9, false, told)).message).toContain('seqNo');
    expect(asks('GetBaseReport', report(0, false, told, nowhere)).message).toContain('reportData/1/component/evse/id');
  });
});

describe('NotifyMonitoringReport', () => {
  const monitoring = { id: 3, transaction: false, value: 10, type: 'UpperThreshold', severity: 4 };

  it('stores each monitor, with whose it is where 2.1 says so', () => {
    const plain = plainAsked('GetMonitoringReport');
    const monitor = [{ ...heartbeat, variableMonitoring: [{ ...monitoring, eventNotificationType: 'CustomMonitor' }] }];
    const payload = { requestId: 7, generatedAt: at(0), seqNo: 0, monitor };
    expect(plain.say('ocpp2.1', 'NotifyMonitoringReport', payload)).toEqual({});
    expect(plain.facts.monitor).toMatchObject([
      { monitorId: 3, variable: 'HeartbeatInterval', type: 'UpperThreshold', value: 10, severity: 4 },
    ]);
    expect(plain.facts.monitor?.[0]?.notificationType).toBe('CustomMonitor');
    expect(plain.facts.monitoringEnd).toEqual([{ request: 9 }]);
    expect(plain.events.at(-1)).toMatchObject({ kind: 'monitors.reported', payload: { monitors: 1 } });
  });

  it('refuses what was not asked for, and an id that is no number of a row', () => {
    const monitor = [{ ...heartbeat, variableMonitoring: [{ ...monitoring, id: 1e300 }] }];
    const payload = { requestId: 7, generatedAt: at(0), seqNo: 0, monitor };
    expect(refusal(new Plain(), 'ocpp2.0.1', 'NotifyMonitoringReport', payload).message).toContain('requestId');
    const plain = plainAsked('GetMonitoringReport');
    expect(refusal(plain, 'ocpp2.0.1', 'NotifyMonitoringReport', payload).message).toContain('variableMonitoring/0/id');
  });
});

describe('NotifyEvent', () => {
  const event = {
    ...{ eventId: 5, timestamp: at(0), trigger: 'Alerting', actualValue: '81', eventNotificationType: 'CustomMonitor' },
    ...{ component: { name: 'EVSE', evse: { id: 1 } }, variable: { name: 'Temperature' }, variableMonitoringId: 3 },
  };
  const payload = (...eventData: object[]) => ({ generatedAt: at(0), seqNo: 0, eventData });

  it('stores and tells each event once, with the severity of its monitor', () => {
    const plain = new Plain().know(
      'monitorName',
      { stationId: 1, monitorId: 3 },
      {
        ...NAME,
        ...{ component: 'EVSE', variable: 'Temperature', evseId: 1, severity: 2 },
      },
    );
    const cleared = { ...event, eventId: 6, cause: 5, cleared: true, techInfo: 'fan' };
    expect(plain.say('ocpp2.0.1', 'NotifyEvent', payload(event, cleared, event))).toEqual({});
    expect(plain.facts.toldEvent).toMatchObject([
      { eventId: 5, occurredAt: NOW, trigger: 'Alerting', actualValue: '81', severity: 2, evseId: 1, cleared: null },
      { eventId: 6, cause: 5, cleared: true, techInfo: 'fan', monitorId: 3 },
    ]);
    expect(plain.events.map(({ kind, payload: told }) => [kind, told.event_id])).toEqual([
      ['event.notified', 5],
      ['event.notified', 6],
    ]);
    const again = new Plain().know('knownEvent', { stationId: 1, eventId: 5, occurredAt: NOW }, true);
    expect(again.say('ocpp2.1', 'NotifyEvent', payload({ ...event, severity: 1 }))).toEqual({});
    expect([again.facts, again.events]).toEqual([{}, []]);
  });

  it('keeps no secret, and refuses numbers that are none', () => {
    const plain = new Plain();
    plain.say('ocpp2.0.1', 'NotifyEvent', payload({ ...event, ...password, actualValue: 'hunter2' }));
    expect(plain.facts.toldEvent).toMatchObject([{ variable: 'BasicAuthPassword', actualValue: null }]);
    const wrong = refusal(new Plain(), 'ocpp2.0.1', 'NotifyEvent', payload(event, { ...event, eventId: 1e300 }));
    expect(wrong.message).toContain('eventData/1/eventId');
  });
});

describe('streams of values', () => {
  const open = (id: number) => ({
    constantStreamData: { id, variableMonitoringId: 3, params: { interval: 5, values: 2 } },
  });
  const name = { ...NAME, component: 'EVSE', variable: 'Power', evseId: 1 };
  const stream: StreamState = {
    ...{ stationId: 1, streamId: 4, monitorId: 3, name, intervalS: 5, valuesEach: 2, openedAt: NOW, closedAt: null },
  };
  const values = {
    id: 4,
    pending: 1,
    basetime: at(0),
    data: [
      { t: 0, v: '1' },
      { t: 1.5, v: '2' },
    ],
  };
  const known = (state: StreamState = stream) => new Plain().know('stream', { stationId: 1, streamId: 4 }, state);

  it('are opened with the variable of their monitor, once', () => {
    const plain = new Plain().know('monitorName', { stationId: 1, monitorId: 3 }, { ...name, severity: 2 });
    const twice = { version: 'ocpp2.1', action: 'OpenPeriodicEventStream', payload: open(4) } as const;
    expect(plain.batch(twice, twice)).toEqual([{ status: 'Accepted' }, { status: 'Accepted' }]);
    expect(plain.facts.eventStream?.at(-1)).toMatchObject({ streamId: 4, intervalS: 5, name: { variable: 'Power' } });
    expect(plain.events.map((told) => told.kind)).toEqual(['stream.opened']);
  });

  it('are refused where a station has too many, and no number is one', () => {
    const plain = new Plain().know('streamCount', { stationId: 1 }, 200);
    expect(plain.say('ocpp2.1', 'OpenPeriodicEventStream', open(5))).toMatchObject({ status: 'Rejected' });
    expect(plain.facts).toEqual({});
    expect(refusal(new Plain(), 'ocpp2.1', 'OpenPeriodicEventStream', open(1e300)).message).toContain('/id');
  });

  it('bring values while they are open', () => {
    const plain = known();
    plain.say('ocpp2.1', 'NotifyPeriodicEventStream', values);
    expect(plain.facts.streamValue).toEqual([
      { stationId: 1, streamId: 4, at: NOW, value: '1', pending: 1 },
      { stationId: 1, streamId: 4, at: NOW + 1500, value: '2', pending: 1 },
    ]);
    expect(plain.events).toMatchObject([
      { kind: 'stream.values', payload: { values: 2, value: '2', variable: 'Power' } },
    ]);
    const closed = known({ ...stream, closedAt: NOW });
    expect(refusal(closed, 'ocpp2.1', 'NotifyPeriodicEventStream', values).meaning).toBe('property');
    expect(refusal(new Plain(), 'ocpp2.1', 'NotifyPeriodicEventStream', values).meaning).toBe('property');
    const far = { ...values, data: [{ t: 1e12, v: '1' }] };
    expect(refusal(known(), 'ocpp2.1', 'NotifyPeriodicEventStream', far).message).toContain('data/0/t');
  });

  it('are closed once; one that never was is refused', () => {
    const plain = known();
    const close = { version: 'ocpp2.1', action: 'ClosePeriodicEventStream', payload: { id: 4 } } as const;
    expect(plain.batch(close, close)).toEqual([{}, {}]);
    expect(plain.facts.eventStream).toMatchObject([{ streamId: 4, closedAt: NOW }]);
    expect(plain.events.map((told) => told.kind)).toEqual(['stream.closed']);
    expect(refusal(new Plain(), 'ocpp2.1', 'ClosePeriodicEventStream', { id: 4 }).message).toContain('no such stream');
  });
});
