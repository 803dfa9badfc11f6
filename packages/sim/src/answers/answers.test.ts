import { describe, expect, it } from 'vitest';
import type { Version } from '../frame.js';
import type { JsonObject } from '../json.js';
import type { Answers } from '../station.js';
import { actionsOf, faultOf, leastRequest } from '../testing/schemas.js';
import { ANSWERS_16 } from './ocpp16.js';
import { ANSWERS_21 } from './ocpp21.js';
import { ANSWERS_201 } from './ocpp201.js';

/** Actions only a station sends; all the others are the CSMS's to send (DataTransfer is both's). */
const FROM_STATION = new Set([
  'Authorize',
  'BatterySwap',
  'BootNotification',
  'ClearedChargingLimit',
  'ClosePeriodicEventStream',
  'DiagnosticsStatusNotification',
  'FirmwareStatusNotification',
  'Get15118EVCertificate',
  'GetCertificateChainStatus',
  'GetCertificateStatus',
  'Heartbeat',
  'LogStatusNotification',
  'MeterValues',
  'NotifyChargingLimit',
  'NotifyCustomerInformation',
  'NotifyDERAlarm',
  'NotifyDERStartStop',
  'NotifyDisplayMessages',
  'NotifyEVChargingNeeds',
  'NotifyEVChargingSchedule',
  'NotifyEvent',
  'NotifyMonitoringReport',
  'NotifyPeriodicEventStream',
  'NotifyPriorityCharging',
  'NotifyReport',
  'NotifySettlement',
  'OpenPeriodicEventStream',
  'PublishFirmwareStatusNotification',
  'PullDynamicScheduleUpdate',
  'ReportChargingProfiles',
  'ReportDERControl',
  'ReservationStatusUpdate',
  'SecurityEventNotification',
  'SignCertificate',
  'SignedFirmwareStatusNotification',
  'StartTransaction',
  'StatusNotification',
  'StopTransaction',
  'TransactionEvent',
  'VatNumberValidation',
]);

const TABLES: [Version, Answers, number][] = [
  ['1.6', ANSWERS_16, 26],
  ['2.0.1', ANSWERS_201, 40],
  ['2.1', ANSWERS_21, 55],
];

describe.each(TABLES)('answers of %s', (version, table, count) => {
  it('has one for each action a CSMS sends, and for nothing else', () => {
    const wanted = actionsOf(version).filter((action) => !FROM_STATION.has(action));
    expect(Object.keys(table).sort()).toEqual(wanted.sort());
    expect(wanted).toHaveLength(count);
  });

  it.each(Object.keys(table))('%s: the answer is valid, and the needed fields are those of the schema', (action) => {
    const entry = table[action];
    const request = leastRequest(version, action) as JsonObject;
    expect(faultOf(version, action, 'request', request)).toBeNull();
    expect(Object.keys(entry?.needs ?? {}).sort()).toEqual(Object.keys(request).sort());
    expect(faultOf(version, action, 'response', entry?.answer(request))).toBeNull();
  });
});
