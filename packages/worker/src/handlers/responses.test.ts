/** Every handler of every version, with and without optional fields: its answer holds by the schema of its version. */
import { OCPP_VERSIONS, type OcppVersion, type RequestMap } from '@sigec/ocpp';
import type { ReservationState } from '@sigec/store';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../route.js';
import {
  CHARGING_REQUEST,
  CHARGING_SAMPLES_2X,
  CHARGING_SAMPLES_21,
  CHARGING_TRANSACTION,
} from '../testing/charging-samples.js';
import { DEVICE_MODEL_SAMPLES_2X, DEVICE_MODEL_SAMPLES_21, SAMPLE_STREAM } from '../testing/device-model-samples.js';
import { ENERGY_SAMPLES_2X, ENERGY_SAMPLES_21 } from '../testing/energy-samples.js';
import { at, CODECS, NOW, openRequest, Plain } from '../testing/plain.js';
import { SECURITY_SAMPLES_2X, SECURITY_SAMPLES_16, SECURITY_SAMPLES_21 } from '../testing/security-samples.js';
import { heartbeatSeconds } from './boot-notification.js';

type Samples = { readonly [V in OcppVersion]: { readonly [A in keyof RequestMap[V]]?: readonly RequestMap[V][A][] } };

const TOKEN = { idToken: 'CARD', type: 'ISO14443' } as const;
const READING = { timestamp: at(0), sampledValue: [{ value: 10 }] };

const SAMPLES_2X = {
  ...SECURITY_SAMPLES_2X,
  ...ENERGY_SAMPLES_2X,
  ...DEVICE_MODEL_SAMPLES_2X,
  ...CHARGING_SAMPLES_2X,
  Authorize: [{ idToken: TOKEN }, { idToken: { idToken: '', type: 'NoAuthorization' } }],
  BootNotification: [{ reason: 'PowerUp', chargingStation: { model: 'M', vendorName: 'V', serialNumber: 'S' } }],
  DataTransfer: [{ vendorId: 'V' }, { vendorId: 'V', messageId: 'M', data: { any: 1 } }],
  FirmwareStatusNotification: [{ status: 'Idle' }, { status: 'Installing', requestId: 901 }],
  Heartbeat: [{}],
  LogStatusNotification: [{ status: 'Uploading' }, { status: 'Uploaded', requestId: 902 }],
  MeterValues: [{ evseId: 1, meterValue: [READING] }],
  NotifyCustomerInformation: [{ data: 'D', seqNo: 0, generatedAt: at(0), requestId: 904, tbc: true }],
  PublishFirmwareStatusNotification: [
    { status: 'Downloading' },
    { status: 'Published', location: ['http://127.0.0.1/f'], requestId: 903 },
  ],
  ReservationStatusUpdate: [
    { reservationId: 3, reservationUpdateStatus: 'Expired' },
    { reservationId: 3, reservationUpdateStatus: 'Removed' },
  ],
  StatusNotification: [{ timestamp: at(0), connectorStatus: 'Occupied', evseId: 1, connectorId: 2 }],
  TransactionEvent: (['Started', 'Updated', 'Ended'] as const).flatMap((eventType) => [
    { eventType, timestamp: at(0), triggerReason: 'Trigger', seqNo: 0, transactionInfo: { transactionId: eventType } },
    {
      eventType,
      timestamp: at(0),
      triggerReason: 'Authorized',
      seqNo: 1,
      transactionInfo: { transactionId: eventType, chargingState: 'Charging', stoppedReason: 'EVDisconnected' },
      evse: { id: 1, connectorId: 1 },
      idToken: TOKEN,
      meterValue: [READING],
    },
  ]),
} satisfies Samples['ocpp2.0.1'] & Samples['ocpp2.1'];

const SAMPLES: Samples = {
  'ocpp1.6': {
    ...SECURITY_SAMPLES_16,
    Authorize: [{ idTag: 'CARD' }],
    BootNotification: [
      { chargePointVendor: 'V', chargePointModel: 'M' },
      { chargePointVendor: 'V', chargePointModel: 'M', chargeBoxSerialNumber: 'S', firmwareVersion: '1' },
    ],
    DataTransfer: [{ vendorId: 'V' }, { vendorId: 'V', messageId: 'M', data: 'D' }],
    DiagnosticsStatusNotification: [{ status: 'Idle' }, { status: 'Uploaded' }],
    FirmwareStatusNotification: [{ status: 'Idle' }, { status: 'Installed' }],
    Heartbeat: [{}],
    LogStatusNotification: [{ status: 'Uploading' }, { status: 'Uploaded', requestId: 902 }],
    MeterValues: [
      { connectorId: 0, meterValue: [{ timestamp: at(0), sampledValue: [{ value: '1' }] }] },
      { connectorId: 1, transactionId: 4, meterValue: [{ timestamp: at(0), sampledValue: [{ value: '1' }] }] },
    ],
    SignedFirmwareStatusNotification: [{ status: 'Idle' }, { status: 'InvalidSignature', requestId: 905 }],
    StartTransaction: [
      { connectorId: 1, idTag: 'CARD', meterStart: 0, timestamp: at(0) },
      { connectorId: 2, idTag: 'CARD', meterStart: -5, timestamp: at(0), reservationId: 3 },
    ],
    StatusNotification: [
      { connectorId: 0, errorCode: 'NoError', status: 'Available' },
      {
        connectorId: 1,
        errorCode: 'GroundFailure',
        status: 'Faulted',
        info: 'i',
        vendorErrorCode: 'E',
        timestamp: at(0),
      },
    ],
    StopTransaction: [
      { transactionId: 4, meterStop: 10, timestamp: at(0) },
      { transactionId: -1, meterStop: -10, timestamp: at(0), idTag: 'CARD', reason: 'Remote' },
    ],
  },
  'ocpp2.0.1': SAMPLES_2X,
  'ocpp2.1': {
    ...SAMPLES_2X,
    ...SECURITY_SAMPLES_21,
    ...ENERGY_SAMPLES_21,
    ...DEVICE_MODEL_SAMPLES_21,
    ...CHARGING_SAMPLES_21,
  },
};

/** What the station was asked for: messages that answer it name its number. */
const ASKED: readonly (readonly [requestId: number, action: string])[] = [
  [901, 'UpdateFirmware'],
  [902, 'GetLog'],
  [903, 'PublishFirmware'],
  [904, 'CustomerInformation'],
  [905, 'SignedUpdateFirmware'],
  [911, 'GetDisplayMessages'],
  [912, 'GetDERControl'],
  [921, 'GetBaseReport'],
  [922, 'GetMonitoringReport'],
  [CHARGING_REQUEST, 'GetChargingProfiles'],
];

const RESERVATION: ReservationState = {
  ...{ id: 1, stationId: 1, reservationId: 3, transactionId: null, endedAt: null, detail: null },
  status: 'active',
};

const CARDS: [string, (plain: Plain) => void][] = [
  ['unknown', () => undefined],
  ['accepted', (plain) => plain.token('card')],
  ['blocked', (plain) => plain.token('card', { status: 'blocked' })],
  ['expired', (plain) => plain.token('card', { expiresAt: NOW - 1 })],
  ['in a group with a long name', (plain) => plain.token('card', { groupId: 'G'.repeat(60), expiresAt: NOW + 1 })],
];

describe.each(OCPP_VERSIONS)('%s', (version) => {
  it.each([...ROUTES[version].keys()])(
    '%s: its answers hold by the schema, whatever is known of the card',
    (action) => {
      const samples = (SAMPLES[version] as Record<string, readonly object[] | undefined>)[action] ?? [];
      expect(samples.length).toBeGreaterThan(0);
      for (const [card, prepare] of CARDS) {
        const plain = new Plain();
        prepare(plain);
        if (action === 'NotifyPriorityCharging') {
          const transactionInfo = { transactionId: CHARGING_TRANSACTION };
          const started = {
            eventType: 'Started',
            timestamp: at(0),
            triggerReason: 'Trigger',
            seqNo: 0,
            transactionInfo,
          };
          plain.say(version, 'TransactionEvent', started);
        }
        plain.know('reservation', { stationId: 1, reservationId: 3 }, RESERVATION);
        for (const [requestId, asked] of ASKED)
          plain.know('request', { stationId: 1, requestId }, openRequest(requestId, asked));
        plain.know('stream', SAMPLE_STREAM, SAMPLE_STREAM);
        for (const payload of samples) {
          expect(CODECS[version].validateRequest(action, payload).ok, `${card} ${JSON.stringify(payload)}`).toBe(true);
          // Twice, for the answer to a repeated message is an answer too. Plain checks it and throws where it does not hold.
          const first = plain.say(version, action, payload);
          expect(plain.say(version, action, payload)).toEqual(first);
        }
      }
    },
  );

  it('answers a boot with the time, the interval, and what the session learns of it', () => {
    const [payload] = SAMPLES[version].BootNotification as readonly object[];
    const plain = new Plain();
    const answer = plain.say(version, 'BootNotification', payload as object);
    expect(answer).toEqual({ status: 'Accepted', currentTime: at(0), interval: heartbeatSeconds(300, 1) });
    expect(ROUTES[version].get('BootNotification')?.booted?.(answer)).toBe(true);
    expect(plain.boots).toMatchObject([{ vendor: 'V', model: 'M', version, registration: 'accepted', at: NOW }]);
    expect(plain.events.map((event) => event.kind)).toEqual(['station.booted']);
  });
});
