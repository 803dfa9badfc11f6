/** For tests: messages of the device model, with and without their optional fields. */
import type { RequestMap } from '@sigec/ocpp';
import type { StreamState } from '@sigec/store';
import { at, NOW } from './plain.js';

type Samples2x = {
  readonly [A in keyof RequestMap['ocpp2.0.1'] & keyof RequestMap['ocpp2.1']]?: readonly (RequestMap['ocpp2.0.1'][A] &
    RequestMap['ocpp2.1'][A])[];
};

const NAMED = { component: { name: 'EVSE', evse: { id: 1 } }, variable: { name: 'Power' } };
const MONITORING = { id: 3, transaction: false, value: 1, type: 'Delta', severity: 4 } as const;
const EVENT = { eventId: 1, timestamp: at(0), trigger: 'Delta', actualValue: '1', ...NAMED } as const;

export const DEVICE_MODEL_SAMPLES_2X = {
  NotifyReport: [
    { requestId: 921, generatedAt: at(0), seqNo: 0, tbc: true },
    {
      requestId: 921,
      generatedAt: at(0),
      seqNo: 1,
      reportData: [
        {
          ...NAMED,
          variableAttribute: [{ value: '1' }],
          variableCharacteristics: { dataType: 'decimal', supportsMonitoring: true },
        },
      ],
    },
  ],
  NotifyMonitoringReport: [
    { requestId: 922, generatedAt: at(0), seqNo: 0, tbc: true },
    { requestId: 922, generatedAt: at(0), seqNo: 1 },
  ],
  NotifyEvent: [
    { generatedAt: at(0), seqNo: 0, eventData: [{ ...EVENT, eventNotificationType: 'HardWiredNotification' }] },
    {
      generatedAt: at(0),
      seqNo: 1,
      tbc: false,
      eventData: [
        {
          ...EVENT,
          eventId: 2,
          eventNotificationType: 'CustomMonitor',
          variableMonitoringId: 3,
          cause: 1,
          techCode: 'E',
        },
      ],
    },
  ],
} satisfies Samples2x;

export const DEVICE_MODEL_SAMPLES_21 = {
  NotifyMonitoringReport: [
    {
      requestId: 922,
      generatedAt: at(0),
      seqNo: 1,
      monitor: [{ ...NAMED, variableMonitoring: [{ ...MONITORING, eventNotificationType: 'CustomMonitor' }] }],
    },
  ],
  OpenPeriodicEventStream: [
    { constantStreamData: { id: 1, variableMonitoringId: 3, params: {} } },
    { constantStreamData: { id: 4, variableMonitoringId: 3, params: { interval: 5, values: 2 } } },
  ],
  NotifyPeriodicEventStream: [{ id: 4, pending: 0, basetime: at(0), data: [{ t: 0, v: '1' }] }],
  ClosePeriodicEventStream: [{ id: 4 }],
} satisfies { readonly [A in keyof RequestMap['ocpp2.1']]?: readonly RequestMap['ocpp2.1'][A][] };

/** The stream that the samples speak of. */
export const SAMPLE_STREAM: StreamState = {
  ...{ stationId: 1, streamId: 4, monitorId: 3, name: null, intervalS: 5, valuesEach: 2 },
  ...{ openedAt: NOW, closedAt: null },
};
