/** For tests: valid messages of every action that is handled, of every version. */
import type { OcppVersion, RequestMap } from '@sigec/ocpp';
import { CHARGING_REQUEST, CHARGING_SAMPLES_2X, CHARGING_SAMPLES_21 } from './charging-samples.js';
import { DEVICE_MODEL_SAMPLES_2X, DEVICE_MODEL_SAMPLES_21 } from './device-model-samples.js';
import { ENERGY_SAMPLES_2X, ENERGY_SAMPLES_21 } from './energy-samples.js';
import { at } from './plain.js';
import { SECURITY_SAMPLES_2X, SECURITY_SAMPLES_16, SECURITY_SAMPLES_21 } from './security-samples.js';

export type Samples = {
  readonly [V in OcppVersion]: { readonly [A in keyof RequestMap[V]]?: readonly RequestMap[V][A][] };
};

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

/** At least one of every handled action of every version, with and without optional fields. */
export const SAMPLES: Samples = {
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
export const ASKED: readonly (readonly [requestId: number, action: string])[] = [
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
