/** What messages tell alarms in their own batch: faults, critical events of security, monitors that struck. */
import { explainError } from '@sigec/domain';
import { loadSchemas } from '@sigec/ocpp';
import { describe, expect, it } from 'vitest';
import { at, Plain } from '../testing/plain.js';

describe('a status', () => {
  const of16 = (status: string, errorCode = 'NoError') => ({ connectorId: 1, errorCode, status, timestamp: at(0) });

  it('tells a fault, and nothing else, in every version', () => {
    const plain = new Plain();
    plain.say('ocpp1.6', 'StatusNotification', of16('Available'));
    // A warning while all goes on is no fault.
    plain.say('ocpp1.6', 'StatusNotification', of16('Charging', 'WeakSignal'));
    expect(plain.facts).toEqual({});
    plain.say('ocpp1.6', 'StatusNotification', of16('Faulted', 'GroundFailure'));
    const told = { evseId: 1, connectorId: 1, connectorStatus: 'Faulted', timestamp: at(0) };
    for (const version of ['ocpp2.0.1', 'ocpp2.1'] as const) plain.say(version, 'StatusNotification', told);
    expect(plain.facts).toEqual({ faultedStation: [{ stationId: 1 }, { stationId: 1 }, { stationId: 1 }] });
  });

  it('has words for every error code of 1.6', async () => {
    const { requests } = await loadSchemas('ocpp1.6');
    const { properties } = requests.StatusNotification as unknown as { properties: { errorCode: { enum: string[] } } };
    expect(properties.errorCode.enum.length).toBeGreaterThan(10);
    for (const code of properties.errorCode.enum) expect(explainError(code, null), code).not.toBeNull();
  });
});

describe('an event of security', () => {
  it('is an alarm where it is critical, once', () => {
    const plain = new Plain();
    const message = (type: string) => ({
      ...{ version: 'ocpp2.0.1' as const, action: 'SecurityEventNotification' },
      payload: { type, timestamp: at(0), techInfo: 'door' },
    });
    const tamper = message('TamperDetectionActivated');
    plain.batch(tamper, tamper, message('InvalidMessages'), message('OfAVendor'));
    expect(plain.facts.toldAlarm).toMatchObject([
      {
        ...{ stationId: 1, kind: 'security_event', subject: 'TamperDetectionActivated', level: null, cleared: false },
        detail: { type: 'TamperDetectionActivated', tech_info: 'door' },
      },
    ]);
  });
});

describe('an event of the device model', () => {
  const event = {
    ...{ eventId: 5, timestamp: at(0), trigger: 'Alerting', actualValue: '81', eventNotificationType: 'CustomMonitor' },
    ...{ component: { name: 'EVSE', evse: { id: 2 } }, variable: { name: 'Temperature' }, techCode: 'CX003' },
  };
  const say = (plain: Plain, ...eventData: object[]) =>
    plain.say('ocpp2.1', 'NotifyEvent', { generatedAt: at(0), seqNo: 0, eventData });

  it('is an alarm where a monitor struck, known by its number or its variable, and ends by the same', () => {
    const plain = new Plain();
    const other = { ...event, eventId: 6, trigger: 'Delta' };
    const numbered = { ...event, eventId: 7, variableMonitoringId: 9, severity: 1 };
    say(plain, event, event, other, numbered, { ...numbered, eventId: 8, cleared: true });
    expect(plain.facts.toldAlarm).toMatchObject([
      { subject: '["evse",null,2,null,"temperature",null]', cause: 'CX003', level: null, evseId: 2, cleared: false },
      { subject: 'monitor 9', level: 1, cleared: false, detail: { monitor_id: 9, severity: 1, actual_value: '81' } },
      { subject: 'monitor 9', level: 1, cleared: true },
    ]);
  });

  it('shows no secret', () => {
    const plain = new Plain();
    say(plain, { ...event, component: { name: 'SecurityCtrlr' }, variable: { name: 'BasicAuthPassword' } });
    expect(plain.facts.toldAlarm).toMatchObject([{ detail: { variable: 'BasicAuthPassword', actual_value: null } }]);
  });
});
