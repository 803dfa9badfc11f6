/** Small valid requests, as stations of each version send them. For tests only. */
import type { ActionOf, OcppVersion, RequestOf } from '../version.js';
import { TIME } from './arbitrary.js';

type Samples<V extends OcppVersion> = { readonly [A in ActionOf<V>]?: RequestOf<V, A> };

const SAMPLES_2X = {
  BootNotification: { reason: 'PowerUp', chargingStation: { model: 'M', vendorName: 'V' } },
  Heartbeat: {},
  StatusNotification: { timestamp: TIME, connectorStatus: 'Available', evseId: 1, connectorId: 1 },
  Authorize: { idToken: { idToken: 'AABBCCDD', type: 'ISO14443' } },
  MeterValues: {
    evseId: 1,
    meterValue: [{ timestamp: TIME, sampledValue: [{ value: 1234.5, measurand: 'Energy.Active.Import.Register' }] }],
  },
  TransactionEvent: {
    eventType: 'Started',
    timestamp: TIME,
    triggerReason: 'Authorized',
    seqNo: 0,
    transactionInfo: { transactionId: 'c0ffee', chargingState: 'Charging' },
    evse: { id: 1, connectorId: 1 },
    idToken: { idToken: 'AABBCCDD', type: 'ISO14443' },
  },
} satisfies Samples<'ocpp2.0.1'> & Samples<'ocpp2.1'>;

export const SAMPLES: { readonly [V in OcppVersion]: Samples<V> } = {
  'ocpp1.6': {
    BootNotification: { chargePointVendor: 'V', chargePointModel: 'M' },
    Heartbeat: {},
    StatusNotification: { connectorId: 1, errorCode: 'NoError', status: 'Available' },
    Authorize: { idTag: 'AABBCCDD' },
    StartTransaction: { connectorId: 1, idTag: 'AABBCCDD', meterStart: 0, timestamp: TIME },
    StopTransaction: { transactionId: 1, meterStop: 100, timestamp: TIME, reason: 'Local' },
    MeterValues: {
      connectorId: 1,
      meterValue: [{ timestamp: TIME, sampledValue: [{ value: '12', measurand: 'Voltage', unit: 'V', phase: 'L1' }] }],
    },
  },
  'ocpp2.0.1': SAMPLES_2X,
  'ocpp2.1': SAMPLES_2X,
};
