/** The room of what the CSMS can make a 2.x station do. Each answer leaves first; what follows from it comes after. */

import { customers } from './customers.js';
import { displays2x } from './displays.js';
import type { Evse, IdToken } from './evse.js';
import { again, Firmware, firmwareOrder } from './firmware.js';
import { grid21 } from './grid.js';
import { type JsonObject, read } from './json.js';
import { OwnLog, upload } from './logs.js';
import { monitors2x } from './monitors2x.js';
import {
  cancelReservation,
  changeAvailability,
  evseOf,
  remoteProfile,
  reserveNow,
  say,
  startRemotely,
} from './operations.js';
import type { Profile } from './profiles.js';
import { publications } from './publications.js';
import { reports2x } from './reports2x.js';
import { security } from './security.js';
import { Job } from './simulated.js';
import { smartCharging2x } from './smart2x.js';
import type { Handler } from './station.js';
import type { Station2x } from './station2x.js';
import { swaps21 } from './swaps.js';
import { tariffs21 } from './tariffs.js';
import { getVariables, setVariables } from './variables2x.js';

const readToken = (raw: JsonObject): IdToken => ({ idToken: read.str(raw, 'idToken'), type: read.str(raw, 'type') });

/** Which installed profiles ClearChargingProfile means. */
function criteria(p: JsonObject): (profile: Profile) => boolean {
  const id = read.optInt(p, 'chargingProfileId');
  const c = read.optObj(p, 'chargingProfileCriteria') ?? {};
  const [evseId, level, purpose] = [
    read.optInt(c, 'evseId'),
    read.optInt(c, 'stackLevel'),
    read.optStr(c, 'chargingProfilePurpose'),
  ];
  return (profile) =>
    id !== undefined
      ? profile.id === id
      : (evseId === undefined || profile.evseId === evseId) &&
        (level === undefined || profile.stackLevel === level) &&
        (purpose === undefined || profile.purpose === purpose) &&
        profile.purpose !== 'ChargingStationExternalConstraints';
}

export function commands2x(station: Station2x): Record<string, Handler> {
  const ownLog = new OwnLog(station);
  const updates = new Firmware(station);
  const published = publications(station);
  const firmware = new Job(station, 'FirmwareStatusNotification', station.o.firmware.delayMs);
  const log = new Job(station, 'LogStatusNotification');
  const secured = security(station);

  /** The EVSE an optional EVSEType names: undefined for the whole station, null for one there is not. */
  const named = (p: JsonObject): Evse | undefined | null => {
    const evse = read.optObj(p, 'evse');
    if (evse === undefined) return undefined;
    const connector = read.optInt(evse, 'connectorId');
    if (connector !== undefined && connector !== 1) return null;
    return evseOf(station, read.int(evse, 'id')) ?? null;
  };

  const sample = (evse: Evse) => {
    station.integrate(evse);
    const meterValue = [station.meterValue(evse, 'Trigger')];
    station.background(() => station.send('MeterValues', { evseId: evse.id, meterValue }));
  };

  const trigger: Handler = (p) => {
    const evse = named(p);
    if (evse === null) return say('Rejected');
    const evses = evse === undefined ? station.evses : [evse];
    const actions: Record<string, () => void> = {
      BootNotification: () => station.triggerBoot(),
      Heartbeat: () => station.heartbeat(),
      StatusNotification: () => station.reportAgain(evse?.id),
      MeterValues: () => evses.forEach(sample),
      TransactionEvent: () => {
        for (const e of evses) if (e.charge !== null) station.sampleNow(e, 'Trigger');
      },
      FirmwareStatusNotification: () => firmware.trigger(),
      LogStatusNotification: () => log.trigger(),
      PublishFirmwareStatusNotification: published.trigger,
      ...secured.triggers,
    };
    const wanted = read.str(p, 'requestedMessage');
    const action = Object.hasOwn(actions, wanted) ? actions[wanted] : undefined;
    if (action === undefined) return say('NotImplemented');
    if (wanted === 'TransactionEvent' && !evses.some((e) => e.charge !== null)) return say('Rejected');
    // F06.FR.17: an accepted station does not boot again. One that is not accepted yet sends nothing else.
    const accepted = station.registration === 'Accepted';
    if (accepted === (wanted === 'BootNotification')) return say('Rejected');
    return say('Accepted', action);
  };

  const reset: Handler = (p) => {
    const type = read.word(p, 'type', ['Immediate', 'OnIdle', 'ImmediateAndResume']);
    const evseId = read.optInt(p, 'evseId');
    const evse = evseOf(station, evseId);
    // To resume a transaction after a reset is 2.1's own, and more than this station can do.
    if ((evseId !== undefined && evse === undefined) || type === 'ImmediateAndResume') return say('Rejected');
    if (evse !== undefined) {
      if (type === 'OnIdle' && evse.charge !== null) return say('Rejected');
      return say('Accepted', () => {
        if (evse.charge !== null) station.stopTransaction(evse.id, 'ImmediateReset');
      });
    }
    if (type === 'Immediate') return say('Accepted', () => station.reset('ImmediateReset', 'RemoteReset'));
    const later = () => station.resetWhenIdle('ImmediateReset', 'ScheduledReset');
    return say(station.isCharging ? 'Scheduled' : 'Accepted', later);
  };

  return {
    ...reports2x(station),
    ...smartCharging2x(station),
    ...customers(station),
    ...published.handlers,
    ...secured.handlers,
    ...displays2x(station),
    ...grid21(station),
    ...swaps21(station),
    ...tariffs21(station),
    ...monitors2x(station),
    CancelReservation: (p) => cancelReservation(station, read.int(p, 'reservationId')),
    ChangeAvailability: (p) => {
      const operative = read.word(p, 'operationalStatus', ['Operative', 'Inoperative']) === 'Operative';
      const evse = named(p);
      return evse === null ? say('Rejected') : changeAvailability(station, evse?.id, operative);
    },
    ClearCache: () => {
      station.tokens.clearCache();
      return say('Accepted');
    },
    ClearChargingProfile: (p) => say(station.profiles.clear(criteria(p)) > 0 ? 'Accepted' : 'Unknown'),
    GetLocalListVersion: () => ({ answer: { versionNumber: station.tokens.listVersion } }),
    GetLog: (p) => {
      const requestId = read.int(p, 'requestId');
      const filename = `${station.o.serialNumber}-${requestId}.log`;
      const location = read.str(read.obj(p, 'log'), 'remoteLocation');
      const order = { location, fileName: filename, folder: false, ...again(p), failed: 'UploadFailure' } as const;
      const status = log.isRunning ? 'AcceptedCanceled' : 'Accepted';
      return { answer: { status, filename }, after: () => upload(log, ownLog, order, { requestId }) };
    },
    GetTransactionStatus: (p) => {
      const id = read.optStr(p, 'transactionId');
      const messagesInQueue = station.link.keptCount > 0;
      if (id === undefined) return { answer: { messagesInQueue } };
      return { answer: { messagesInQueue, ongoingIndicator: station.evses.some((e) => e.charge?.ref === id) } };
    },
    GetVariables: (p) => {
      station.settings.put('ClockCtrlr.DateTime', new Date(station.clock.now()).toISOString());
      return { answer: getVariables(station.settings, p) };
    },
    RequestStartTransaction: (p) => {
      const token = readToken(read.obj(p, 'idToken'));
      const remoteStartId = read.int(p, 'remoteStartId');
      const evseId = read.optInt(p, 'evseId');
      const evse = evseId === undefined ? station.freeEvse(token) : evseOf(station, evseId);
      if (station.registration !== 'Accepted' || evse === undefined) return say('Rejected');
      if (station.hindrance(evse, token) !== null) return say('Rejected');
      const profile = remoteProfile(read.optObj(p, 'chargingProfile'), evse.id);
      const askFirst = station.settings.boolean('AuthCtrlr.AuthorizeRemoteStart');
      return say('Accepted', () => startRemotely(station, evse, { token, askFirst, remoteStartId, profile }));
    },
    RequestStopTransaction: (p) => {
      const id = read.str(p, 'transactionId');
      const evse = station.evses.find((e) => e.charge?.ref === id);
      if (evse === undefined || station.registration !== 'Accepted') return say('Rejected');
      return say('Accepted', () => station.stopTransaction(evse.id, 'Remote'));
    },
    ReserveNow: (p) => {
      const id = read.int(p, 'id');
      const group = read.optObj(p, 'groupIdToken');
      return reserveNow(station, {
        id,
        evseId: read.optInt(p, 'evseId'),
        token: readToken(read.obj(p, 'idToken')),
        groupId: group === undefined ? undefined : read.str(group, 'idToken'),
        expiresMs: read.optTime(p, 'expiryDateTime') ?? 0,
        expired: () =>
          station.background(() =>
            station.send('ReservationStatusUpdate', { reservationId: id, reservationUpdateStatus: 'Expired' }),
          ),
      });
    },
    Reset: reset,
    SendLocalList: (p) => {
      const status = station.tokens.update(p);
      station.settings.put('LocalAuthListCtrlr.Entries', String(station.tokens.listSize));
      return say(status);
    },
    SetVariables: (p) => ({ answer: setVariables(station.settings, p) }),
    TriggerMessage: trigger,
    UnlockConnector: (p) => {
      const evse = evseOf(station, read.int(p, 'evseId'));
      if (evse === undefined || read.int(p, 'connectorId') !== 1) return say('UnknownConnector');
      return say(evse.charge === null ? 'Unlocked' : 'OngoingAuthorizedTransaction');
    },
    UpdateFirmware: (p) => {
      const requestId = read.int(p, 'requestId');
      const order = firmwareOrder(p);
      const status = firmware.isRunning ? 'AcceptedCanceled' : 'Accepted';
      return say(status, () => updates.update(firmware, order, { requestId }));
    },
  };
}
