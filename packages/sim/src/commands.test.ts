import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { ANSWERS_16 } from './answers/ocpp16.js';
import { ANSWERS_21 } from './answers/ocpp21.js';
import { ANSWERS_201 } from './answers/ocpp201.js';
import type { Version } from './index.js';
import { leastRequest } from './testing/schemas.js';
import { closeAll, problemsOf, startCsms, startStation } from './testing/setup.js';

type Payload = Record<string, unknown>;
const TABLES: Record<Version, object> = { '1.6': ANSWERS_16, '2.0.1': ANSWERS_201, '2.1': ANSWERS_21 };
const VERSIONS = Object.keys(TABLES) as Version[];
const accepted = { status: 'Accepted' };

async function booted(version: Version, options: Parameters<typeof startStation>[1] = {}) {
  const csms = await startCsms(version);
  const station = startStation(csms, options);
  await station.boot();
  await csms.until(() => csms.of('StatusNotification').length >= (version === '1.6' ? 2 : 1));
  return { csms, station, old: version === '1.6' };
}

const startOf = (old: boolean, extra: Payload = {}): [string, Payload] =>
  old
    ? ['RemoteStartTransaction', { idTag: 'DRIVER', ...extra }]
    : ['RequestStartTransaction', { idToken: { idToken: 'DRIVER', type: 'Central' }, remoteStartId: 77, ...extra }];

afterEach(closeAll);

describe.each(VERSIONS)('commands to a station of %s', (version) => {
  it('each action gets a valid answer from the running station', async () => {
    const { csms, station } = await booted(version);
    const problems = problemsOf(station);
    // Those that end the connection come last.
    const actions = Object.keys(TABLES[version]).filter((action) => action !== 'Reset');
    for (const action of [...actions, 'Reset']) {
      const answer = await csms.call(action, leastRequest(version, action));
      expect([action, answer.callError]).toEqual([action, undefined]);
    }
    expect(csms.violations).toEqual([]);
    expect(problems.filter((text) => !/offline|station closed/.test(text))).toEqual([]);
  });

  it('a remote start charges and a remote stop ends it', async () => {
    const { csms, station, old } = await booted(version, { evses: 2 });
    expect(await csms.call(...startOf(old, old ? { connectorId: 2 } : { evseId: 2 }))).toEqual(accepted);
    const sample = () =>
      csms.received.some((r) => JSON.stringify(r.payload.meterValue ?? '').includes('Sample.Periodic'));
    await csms.until(sample, 'a periodic sample');
    expect(await csms.call(...startOf(old, old ? { connectorId: 2 } : { evseId: 2 }))).toEqual({ status: 'Rejected' });
    const stopped = once(station, 'stopped');
    if (old) {
      expect(csms.of('StartTransaction')[0]?.payload).toMatchObject({ connectorId: 2, idTag: 'DRIVER' });
      expect(await csms.call('RemoteStopTransaction', { transactionId: 999 })).toEqual({ status: 'Rejected' });
      expect(await csms.call('RemoteStopTransaction', { transactionId: 101 })).toEqual(accepted);
    } else {
      const started = csms.of('TransactionEvent')[0]?.payload;
      expect(started).toMatchObject({ triggerReason: 'RemoteStart', transactionInfo: { remoteStartId: 77 } });
      const { transactionId } = (started as { transactionInfo: Payload }).transactionInfo;
      expect(await csms.call('RequestStopTransaction', { transactionId: 'none' })).toEqual({ status: 'Rejected' });
      expect(await csms.call('RequestStopTransaction', { transactionId })).toEqual(accepted);
    }
    expect(await stopped).toMatchObject([{ reason: 'Remote', evse: 2, remote: true }]);
    await station.flush(2000);
    const last = old
      ? csms.of('StopTransaction')[0]?.payload
      : (csms.of('TransactionEvent').at(-1)?.payload.transactionInfo as Payload);
    expect(last?.[old ? 'reason' : 'stoppedReason']).toBe('Remote');
    expect(csms.violations).toEqual([]);
  });

  it('a reset ends transactions, comes back and boots again', async () => {
    const { csms, station, old } = await booted(version);
    station.startTransaction({ auto: false });
    await station.flush(2000);
    expect(await csms.call('Reset', { type: old ? 'Soft' : 'Immediate' })).toEqual(accepted);
    await csms.until(() => csms.of('BootNotification').length === 2, 'the second boot');
    await station.flush(2000);
    expect(csms.connections).toBe(2);
    const end = csms.received.find((r) => r.action === 'StopTransaction' || r.payload.eventType === 'Ended');
    expect(end?.connection).toBe(1);
    if (old) expect(end?.payload.reason).toBe('SoftReset');
    else
      expect(end?.payload).toMatchObject({
        triggerReason: 'ResetCommand',
        transactionInfo: { stoppedReason: 'ImmediateReset' },
      });
    if (!old) expect(csms.of('BootNotification')[1]?.payload.reason).toBe('RemoteReset');
    expect(csms.violations).toEqual([]);
  });

  it('a change of availability waits for the transaction, and statuses follow', async () => {
    const { csms, station, old } = await booted(version);
    const change = (operative: boolean) => {
      const word = operative ? 'Operative' : 'Inoperative';
      return csms.call('ChangeAvailability', old ? { connectorId: 1, type: word } : { operationalStatus: word });
    };
    const status = () => csms.of('StatusNotification').at(-1)?.payload[old ? 'status' : 'connectorStatus'];
    station.startTransaction({ auto: false });
    expect(await change(false)).toEqual({ status: 'Scheduled' });
    station.stopTransaction();
    await csms.until(() => status() === 'Unavailable');
    expect(await csms.call(...startOf(old))).toEqual({ status: 'Rejected' });
    expect(() => station.startTransaction()).toThrow('unavailable');
    expect(await change(true)).toEqual(accepted);
    await csms.until(() => status() === 'Available');
    expect(csms.violations).toEqual([]);
  });

  it('a limit really lowers the power, and the composite schedule tells it', async () => {
    const { csms, station, old } = await booted(version, { maxPowerW: 50_000 });
    const profile = (purpose: string, id: number, limit: number): Payload => ({
      [old ? 'chargingProfileId' : 'id']: id,
      stackLevel: 0,
      chargingProfilePurpose: purpose,
      chargingProfileKind: 'Relative',
      chargingSchedule: old ? schedule(limit) : [{ id, ...schedule(limit) }],
    });
    const schedule = (limit: number) => ({
      chargingRateUnit: 'W',
      chargingSchedulePeriod: [
        { startPeriod: 0, limit },
        { startPeriod: 3600, limit: limit * 2 },
      ],
    });
    const set = (p: Payload, evse: number) =>
      csms.call(
        'SetChargingProfile',
        old ? { connectorId: evse, csChargingProfiles: p } : { evseId: evse, chargingProfile: p },
      );
    expect(await set(profile('TxProfile', 1, 7000), 1)).toEqual({ status: 'Rejected' });
    station.startTransaction({ auto: false });
    expect(station.snapshot().evses[0]?.powerW).toBe(50_000);
    expect(await set(profile('TxProfile', 1, 7000), 1)).toEqual(accepted);
    await csms.until(() => station.snapshot().evses[0]?.powerW === 7000);
    const maximum = old ? 'ChargePointMaxProfile' : 'ChargingStationMaxProfile';
    expect(await set(profile(maximum, 2, 5000), 0)).toEqual(accepted);
    await csms.until(() => station.snapshot().evses[0]?.powerW === 5000);
    const asked = await csms.call('GetCompositeSchedule', { [old ? 'connectorId' : 'evseId']: 1, duration: 7200 });
    const told = (old ? asked.chargingSchedule : asked.schedule) as { chargingSchedulePeriod: { limit: number }[] };
    expect(told.chargingSchedulePeriod.map((p) => p.limit)).toEqual([5000, 10_000]);
    if (!old) {
      const request = { requestId: 5, chargingProfile: {} };
      expect(await csms.call('GetChargingProfiles', request)).toEqual(accepted);
      await csms.until(() => csms.of('ReportChargingProfiles').length === 2);
      expect(csms.of('ReportChargingProfiles').map((r) => r.payload.tbc)).toEqual([true, false]);
    }
    expect(await csms.call('ClearChargingProfile', { [old ? 'id' : 'chargingProfileId']: 1 })).toEqual(accepted);
    expect(await csms.call('ClearChargingProfile', { [old ? 'id' : 'chargingProfileId']: 2 })).toEqual(accepted);
    expect(await csms.call('ClearChargingProfile', {})).toEqual({ status: 'Unknown' });
    await csms.until(() => station.snapshot().evses[0]?.powerW === 50_000);
    expect(csms.violations).toEqual([]);
  });

  it('a reservation holds the EVSE for its token, and is used up by it', async () => {
    const { csms, station, old } = await booted(version);
    const expiry = new Date(Date.now() + 60_000).toISOString();
    const reserve = old
      ? { connectorId: 1, expiryDate: expiry, idTag: 'HOLDER', reservationId: 4 }
      : { id: 4, expiryDateTime: expiry, idToken: { idToken: 'HOLDER', type: 'Central' }, evseId: 1 };
    expect(await csms.call('ReserveNow', reserve)).toEqual(accepted);
    const key = old ? 'status' : 'connectorStatus';
    await csms.until(() => csms.of('StatusNotification').at(-1)?.payload[key] === 'Reserved');
    expect(await csms.call(...startOf(old))).toEqual({ status: 'Rejected' });
    expect(await csms.call('CancelReservation', { reservationId: 5 })).toEqual({ status: 'Rejected' });
    expect(await csms.call('CancelReservation', { reservationId: 4 })).toEqual(accepted);
    await csms.until(() => csms.of('StatusNotification').at(-1)?.payload[key] === 'Available');
    expect(await csms.call('ReserveNow', reserve)).toEqual(accepted);
    station.startTransaction({ idToken: 'HOLDER', auto: false });
    await station.flush(2000);
    const start = csms.received.find((r) => r.action === 'StartTransaction' || r.payload.eventType === 'Started');
    expect(start?.payload.reservationId).toBe(4);
    expect(csms.violations).toEqual([]);
  });

  it('a reservation for a group is for each of it, and ends where its EVSE cannot be used', async () => {
    const { csms, station, old } = await booted(version, { idToken: 'MEMBER' });
    const expiry = new Date(Date.now() + 60_000).toISOString();
    const reserve = old
      ? { connectorId: 1, expiryDate: expiry, idTag: 'HOLDER', parentIdTag: 'FLEET', reservationId: 4 }
      : {
          ...{ id: 4, expiryDateTime: expiry, idToken: { idToken: 'HOLDER', type: 'Central' }, evseId: 1 },
          groupIdToken: { idToken: 'FLEET', type: 'Central' },
        };
    const entry = old
      ? { idTag: 'MEMBER', idTagInfo: { status: 'Accepted', parentIdTag: 'fleet' } }
      : {
          idToken: { idToken: 'MEMBER', type: 'Central' },
          idTokenInfo: { status: 'Accepted', groupIdToken: { idToken: 'fleet', type: 'Central' } },
        };
    expect(await csms.call('ReserveNow', reserve)).toEqual(accepted);
    expect(() => station.startTransaction({ auto: false })).toThrow('reserved');
    const list = { [old ? 'listVersion' : 'versionNumber']: 1, updateType: 'Full', localAuthorizationList: [entry] };
    expect(await csms.call('SendLocalList', list)).toEqual(accepted);
    station.startTransaction({ auto: false });
    station.stopTransaction();
    expect(await csms.call('ReserveNow', old ? { ...reserve, reservationId: 5 } : { ...reserve, id: 5 })).toEqual(
      accepted,
    );
    await station.setStatus(1, 'Faulted');
    await station.flush(2000);
    if (old) expect(csms.of('ReservationStatusUpdate')).toEqual([]);
    else {
      await csms.until(() => csms.of('ReservationStatusUpdate').length > 0, 'the update');
      expect(csms.of('ReservationStatusUpdate').map((r) => r.payload)).toEqual([
        { reservationId: 5, reservationUpdateStatus: 'Removed' },
      ]);
    }
    expect(csms.violations).toEqual([]);
  });

  it('sends what it is triggered to send, and plays firmware and log jobs', async () => {
    const { csms, station, old } = await booted(version);
    csms.received.length = 0;
    const trigger = (requestedMessage: string) => csms.call('TriggerMessage', { requestedMessage });
    for (const message of ['Heartbeat', 'StatusNotification', 'MeterValues', 'FirmwareStatusNotification']) {
      expect(await trigger(message)).toEqual(accepted);
      await csms.until(() => csms.of(message).length > 0, message);
    }
    const firmware = old
      ? { location: 'ftp://csms.example/fw', retrieveDate: new Date().toISOString() }
      : { requestId: 1, firmware: { location: 'ftp://csms.example/fw', retrieveDateTime: new Date().toISOString() } };
    await csms.call('UpdateFirmware', firmware);
    const statuses = () => csms.of('FirmwareStatusNotification').map((r) => r.payload.status);
    await csms.until(() => statuses().length === 5, 'the firmware steps');
    expect(statuses()).toEqual(['Idle', 'Downloading', 'Downloaded', 'Installing', 'Installed']);
    const log = { log: { remoteLocation: 'ftp://csms.example/log' }, logType: 'DiagnosticsLog', requestId: 3 };
    expect(await csms.call('GetLog', log)).toMatchObject(accepted);
    await csms.until(() => csms.of('LogStatusNotification').length === 2, 'the log steps');
    expect(csms.of('LogStatusNotification').map((r) => r.payload.requestId)).toEqual([3, 3]);
    const sign = old ? 'SignChargePointCertificate' : 'SignChargingStationCertificate';
    expect(await csms.call(old ? 'ExtendedTriggerMessage' : 'TriggerMessage', { requestedMessage: sign })).toEqual(
      accepted,
    );
    await csms.until(() => csms.of('SignCertificate').length === 1);
    expect(csms.of('SignCertificate')[0]?.payload.csr).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
    expect(await csms.call('CertificateSigned', { certificateChain: 'no certificate' })).toEqual({
      status: 'Rejected',
    });
    // A security event for what really happened: the start, and the certificate that is none.
    const invalid = old ? 'InvalidChargePointCertificate' : 'InvalidChargingStationCertificate';
    await csms.until(() => csms.of('SecurityEventNotification').length === 2, 'security events');
    expect(csms.of('SecurityEventNotification').map((r) => r.payload.type)).toEqual(['StartupOfTheDevice', invalid]);
    expect(station.certificate()).toBeNull();
    station.startTransaction({ auto: false });
    if (!old) expect(await trigger('TransactionEvent')).toEqual(accepted);
    if (!old) expect(await trigger('BootNotification')).toEqual({ status: 'Rejected' });
    await station.flush(2000);
    if (!old) expect(csms.of('TransactionEvent').at(-1)?.payload.triggerReason).toBe('Trigger');
    expect(csms.violations).toEqual([]);
  });

  it('keeps a local list, and lives by it offline', async () => {
    const { csms, station, old } = await booted(version);
    const entry = (token: string, status?: string): Payload =>
      old
        ? { idTag: token, ...(status ? { idTagInfo: { status } } : {}) }
        : { idToken: { idToken: token, type: 'Central' }, ...(status ? { idTokenInfo: { status } } : {}) };
    const send = (n: number, updateType: string, list: Payload[]) =>
      csms.call('SendLocalList', {
        [old ? 'listVersion' : 'versionNumber']: n,
        updateType,
        localAuthorizationList: list,
      });
    expect(await send(3, 'Full', [entry('GOOD', 'Accepted'), entry('BAD', 'Blocked')])).toEqual(accepted);
    expect(await send(3, 'Differential', [entry('GOOD')])).toEqual({ status: 'VersionMismatch' });
    expect(await send(4, 'Differential', [entry('MORE', 'Accepted')])).toEqual(accepted);
    const known = await csms.call('GetLocalListVersion', {});
    expect(known).toEqual({ [old ? 'listVersion' : 'versionNumber']: 4 });
    const gone = once(station, 'close');
    await csms.stop();
    await gone;
    expect(await station.authorize('bad')).toBe('Blocked');
    expect(await station.authorize('GOOD')).toBe('Accepted');
    expect(csms.violations).toEqual([]);
  });
});

describe('configuration', () => {
  it('1.6: reads and writes keys, hides the password, and obeys', async () => {
    const { csms } = await booted('1.6');
    const asked = await csms.call('GetConfiguration', { key: ['HeartbeatInterval', 'AuthorizationKey', 'Nonsense'] });
    expect(asked).toEqual({
      configurationKey: [
        { key: 'HeartbeatInterval', readonly: false, value: '300' },
        { key: 'AuthorizationKey', readonly: false },
      ],
      unknownKey: ['Nonsense'],
    });
    const set = async (key: string, value: string) => (await csms.call('ChangeConfiguration', { key, value })).status;
    expect(await set('HeartbeatInterval', '1')).toBe('Accepted');
    expect(await set('HeartbeatInterval', 'soon')).toBe('Rejected');
    expect(await set('NumberOfConnectors', '9')).toBe('Rejected');
    expect(await set('Nonsense', '1')).toBe('NotSupported');
    await csms.until(() => csms.of('Heartbeat').length > 0, 'a heartbeat');
    expect(csms.violations).toEqual([]);
  });

  it('2.0.1: reads, writes and reports variables in pages', async () => {
    const { csms } = await booted('2.0.1');
    const heartbeat = { component: { name: 'OCPPCommCtrlr' }, variable: { name: 'HeartbeatInterval' } };
    const nobody = { component: { name: 'Nobody' }, variable: { name: 'X' } };
    const secret = { component: { name: 'SecurityCtrlr' }, variable: { name: 'BasicAuthPassword' } };
    const { getVariableResult } = await csms.call('GetVariables', { getVariableData: [heartbeat, nobody, secret] });
    expect(getVariableResult).toMatchObject([
      { attributeStatus: 'Accepted', attributeValue: '300' },
      { attributeStatus: 'UnknownComponent' },
      { attributeStatus: 'Rejected' },
    ]);
    const { setVariableResult } = await csms.call('SetVariables', {
      setVariableData: [
        { ...heartbeat, attributeValue: '1' },
        { ...heartbeat, attributeValue: '0' },
        { ...heartbeat, variable: { name: 'X' }, attributeValue: '1' },
      ],
    });
    expect((setVariableResult as Payload[]).map((r) => r.attributeStatus)).toEqual([
      'Accepted',
      'Rejected',
      'UnknownVariable',
    ]);
    expect(await csms.call('GetBaseReport', { requestId: 8, reportBase: 'FullInventory' })).toEqual(accepted);
    await csms.until(() => csms.of('NotifyReport').some((r) => r.payload.tbc === false), 'the last page');
    const pages = csms.of('NotifyReport').map((r) => r.payload);
    expect(pages.map((p) => p.seqNo)).toEqual(pages.map((_, i) => i));
    expect(pages.length).toBeGreaterThan(2);
    await csms.until(() => csms.of('Heartbeat').length > 0, 'a heartbeat');
    expect(csms.violations).toEqual([]);
  });
});
