/** The room of what the CSMS can make a 1.6 station do. Each answer leaves first; what follows from it comes after. */
import type { Evse, IdToken } from './evse.js';
import { again, Firmware, firmwareOrder } from './firmware.js';
import { FieldError, type Json, type JsonObject, read } from './json.js';
import { OwnLog, upload } from './logs.js';
import {
  cancelReservation,
  changeAvailability,
  evseOf,
  remoteProfile,
  reserveNow,
  say,
  startRemotely,
  takeProfile,
} from './operations.js';
import { security } from './security.js';
import { Job } from './simulated.js';
import type { Handler } from './station.js';
import type { Station16 } from './station16.js';

const PURPOSES = ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'] as const;

export function commands16(station: Station16): Record<string, Handler> {
  const ownLog = new OwnLog(station);
  const updates = new Firmware(station);
  const { delayMs } = station.o.firmware;
  const firmware = new Job(station, 'FirmwareStatusNotification', delayMs);
  const signedFirmware = new Job(station, 'SignedFirmwareStatusNotification', delayMs);
  const diagnostics = new Job(station, 'DiagnosticsStatusNotification');
  const log = new Job(station, 'LogStatusNotification');
  const secured = security(station);
  const token = (idTag: string): IdToken => ({ idToken: idTag, type: 'Central' });

  const sample = (evse: Evse) => {
    if (evse.charge !== null) return station.sampleNow(evse, 'Trigger');
    const meterValue = [station.meterValue(evse, 'Trigger')];
    station.background(() => station.send('MeterValues', { connectorId: evse.id, meterValue }));
  };

  const trigger: Handler = (payload) => {
    const connectorId = read.optInt(payload, 'connectorId');
    const evse = evseOf(station, connectorId);
    if (connectorId !== undefined && connectorId !== 0 && evse === undefined) return say('Rejected');
    const actions: Record<string, () => void> = {
      BootNotification: () => station.triggerBoot(),
      Heartbeat: () => station.heartbeat(),
      StatusNotification: () => station.reportAgain(connectorId),
      MeterValues: () => (evse === undefined ? station.evses : [evse]).forEach(sample),
      DiagnosticsStatusNotification: () => diagnostics.trigger(),
      FirmwareStatusNotification: () => firmware.trigger(),
      LogStatusNotification: () => log.trigger(),
      ...secured.triggers,
    };
    const wanted = read.str(payload, 'requestedMessage');
    const action = Object.hasOwn(actions, wanted) ? actions[wanted] : undefined;
    if (action === undefined) return say('NotImplemented');
    // Before it is accepted this station sends nothing but its BootNotification, triggered or not (1.6 4.2).
    if (station.registration !== 'Accepted' && wanted !== 'BootNotification') return say('Rejected');
    return say('Accepted', action);
  };

  return {
    ...secured.handlers,
    CancelReservation: (p) => cancelReservation(station, read.int(p, 'reservationId')),
    ChangeAvailability: (p) => {
      const id = read.int(p, 'connectorId');
      const operative = read.word(p, 'type', ['Operative', 'Inoperative']) === 'Operative';
      return changeAvailability(station, id === 0 ? undefined : id, operative);
    },
    ChangeConfiguration: (p) => {
      const result = station.settings.set(read.str(p, 'key'), read.str(p, 'value'));
      return say(result === 'Unknown' ? 'NotSupported' : result === 'ReadOnly' ? 'Rejected' : result);
    },
    ClearCache: () => {
      station.tokens.clearCache();
      return say('Accepted');
    },
    ClearChargingProfile: (p) => {
      const [id, connector, level] = [
        read.optInt(p, 'id'),
        read.optInt(p, 'connectorId'),
        read.optInt(p, 'stackLevel'),
      ];
      const purpose =
        p.chargingProfilePurpose === undefined ? undefined : read.word(p, 'chargingProfilePurpose', PURPOSES);
      const cleared = station.profiles.clear(
        (c) =>
          (id === undefined || c.id === id) &&
          (connector === undefined || c.evseId === connector) &&
          (level === undefined || c.stackLevel === level) &&
          (purpose === undefined || c.purpose === purpose),
      );
      return say(cleared > 0 ? 'Accepted' : 'Unknown');
    },
    ExtendedTriggerMessage: trigger,
    GetCompositeSchedule: (p) => {
      const connectorId = read.int(p, 'connectorId');
      const duration = read.int(p, 'duration');
      const unit = p.chargingRateUnit === undefined ? 'W' : read.word(p, 'chargingRateUnit', ['A', 'W']);
      const evse = evseOf(station, connectorId);
      if ((connectorId !== 0 && evse === undefined) || duration <= 0) return say('Rejected');
      const now = station.clock.now();
      const maxW = station.o.curve.maxPowerW * (evse === undefined ? station.evses.length : 1);
      const periods = station.profiles.composite(station.place(evse ?? null), now, duration, unit, maxW);
      const scheduleStart = new Date(now).toISOString();
      const chargingSchedule: JsonObject = {
        duration,
        startSchedule: scheduleStart,
        chargingRateUnit: unit,
        chargingSchedulePeriod: periods.map((x) => ({ startPeriod: x.startS, limit: x.limit, numberPhases: x.phases })),
      };
      return { answer: { status: 'Accepted', connectorId, scheduleStart, chargingSchedule } };
    },
    GetConfiguration: (p) => {
      const asked: Json[] = Array.isArray(p.key) ? p.key : [];
      if (p.key !== undefined && !Array.isArray(p.key)) throw new FieldError('key', 'type', 'array');
      const all = station.settings.names();
      const names = asked.length === 0 ? all : asked.map(String);
      const configurationKey = names.flatMap((key) => {
        const s = station.settings.get(key);
        if (s === undefined) return [];
        // A key that may only be written is shown without its value.
        return [{ key, readonly: s.access === 'ro', ...(s.access === 'wo' ? {} : { value: s.value.slice(0, 500) }) }];
      });
      const unknownKey = names.filter((key) => station.settings.get(key) === undefined).map((key) => key.slice(0, 50));
      return { answer: unknownKey.length > 0 ? { configurationKey, unknownKey } : { configurationKey } };
    },
    GetDiagnostics: (p) => {
      const fileName = `${station.o.serialNumber}.log`;
      const order = {
        location: read.str(p, 'location'),
        fileName,
        folder: true,
        ...again(p),
        failed: 'UploadFailed',
      } as const;
      return { answer: { fileName }, after: () => upload(diagnostics, ownLog, order) };
    },
    GetLocalListVersion: () => ({ answer: { listVersion: station.tokens.listVersion } }),
    GetLog: (p) => {
      const requestId = read.int(p, 'requestId');
      const filename = `${station.o.serialNumber}-${requestId}.log`;
      const location = read.str(read.obj(p, 'log'), 'remoteLocation');
      const order = { location, fileName: filename, folder: false, ...again(p), failed: 'UploadFailure' } as const;
      const status = log.isRunning ? 'AcceptedCanceled' : 'Accepted';
      return { answer: { status, filename }, after: () => upload(log, ownLog, order, { requestId }) };
    },
    RemoteStartTransaction: (p) => {
      const driver = token(read.str(p, 'idTag'));
      const connectorId = read.optInt(p, 'connectorId');
      const evse = connectorId === undefined ? station.freeEvse(driver) : evseOf(station, connectorId);
      if (station.registration !== 'Accepted' || evse === undefined) return say('Rejected');
      if (station.hindrance(evse, driver) !== null) return say('Rejected');
      const profile = remoteProfile(read.optObj(p, 'chargingProfile'), evse.id);
      const askFirst = station.settings.boolean('AuthorizeRemoteTxRequests');
      return say('Accepted', () => startRemotely(station, evse, { token: driver, askFirst, profile }));
    },
    RemoteStopTransaction: (p) => {
      const id = read.int(p, 'transactionId');
      const evse = station.evses.find((e) => e.charge?.csmsId === id);
      if (evse === undefined || station.registration !== 'Accepted') return say('Rejected');
      return say('Accepted', () => station.stopTransaction(evse.id, 'Remote'));
    },
    ReserveNow: (p) => {
      const expiresMs = read.optTime(p, 'expiryDate') ?? 0;
      return reserveNow(station, {
        id: read.int(p, 'reservationId'),
        evseId: read.int(p, 'connectorId'),
        token: token(read.str(p, 'idTag')),
        groupId: read.optStr(p, 'parentIdTag'),
        expiresMs,
        expired: () => {},
      });
    },
    Reset: (p) => {
      const hard = read.word(p, 'type', ['Hard', 'Soft']) === 'Hard';
      return say('Accepted', () => station.reset(hard ? 'HardReset' : 'SoftReset', 'RemoteReset'));
    },
    SendLocalList: (p) => say(station.tokens.update(p)),
    SetChargingProfile: (p) => takeProfile(station, read.obj(p, 'csChargingProfiles'), read.int(p, 'connectorId')),
    SignedUpdateFirmware: (p) => {
      const requestId = read.int(p, 'requestId');
      const order = firmwareOrder(p);
      const status = signedFirmware.isRunning ? 'AcceptedCanceled' : 'Accepted';
      return say(status, () => updates.update(signedFirmware, order, { requestId }));
    },
    TriggerMessage: trigger,
    UnlockConnector: (p) => {
      const evse = evseOf(station, read.int(p, 'connectorId'));
      if (evse === undefined) return say('NotSupported');
      return say('Unlocked', () => {
        if (evse.charge !== null) station.stopTransaction(evse.id, 'UnlockCommand');
      });
    },
    UpdateFirmware: (p) => {
      const order = {
        ...{ location: read.str(p, 'location'), retrieveAtMs: read.optTime(p, 'retrieveDate'), installAtMs: undefined },
        ...{ signature: undefined, signingCertificate: undefined, wordy: false, ...again(p) },
      };
      return { answer: {}, after: () => updates.update(firmware, order) };
    },
  };
}
