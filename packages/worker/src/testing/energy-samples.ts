/** For tests: messages of display, grid control (DER), battery swap and payment, with and without optional fields. */
import type { RequestMap, RequestOf } from '@sigec/ocpp';
import { at } from './plain.js';

type Samples<V extends keyof RequestMap, A extends keyof RequestMap[V]> = { [K in A]: RequestMap[V][K][] };
type Message201 = NonNullable<RequestOf<'ocpp2.0.1', 'NotifyDisplayMessages'>['messageInfo']>[number];
type Message21 = NonNullable<RequestOf<'ocpp2.1', 'NotifyDisplayMessages'>['messageInfo']>[number];

export const MESSAGE = {
  id: 7,
  priority: 'InFront',
  message: { format: 'UTF8', content: 'Olá' },
} as const satisfies Message201;

export const FULL_MESSAGE = {
  id: 8,
  priority: 'AlwaysFront',
  state: 'Charging',
  startDateTime: at(0),
  endDateTime: at(60),
  transactionId: 'T1',
  display: { name: 'Display', evse: { id: 1 } },
  message: { format: 'UTF8', language: 'pt-BR', content: 'Carregando' },
} as const satisfies Message201;

const DISPLAY = [
  { requestId: 911 },
  { requestId: 911, tbc: true, messageInfo: [MESSAGE, FULL_MESSAGE] },
] satisfies RequestOf<'ocpp2.0.1', 'NotifyDisplayMessages'>[];

const EXTRA: Message21 = {
  ...FULL_MESSAGE,
  state: 'Suspended',
  messageExtra: [{ format: 'UTF8', language: 'en', content: 'Charging' }],
};

export const BATTERY = { evseId: 1, serialNumber: 'B-1', soC: 12, soH: 97 } as const;

export const CURVE = {
  curve: {
    curveData: [
      { x: 92, y: 30 },
      { x: 108, y: -30 },
    ],
    priority: 1,
    yUnit: 'PctMaxVar',
  },
  id: 'volt-var',
  curveType: 'VoltVar',
  isDefault: true,
  isSuperseded: false,
} as const;

const reported = { id: 'c', isDefault: false, isSuperseded: true };
const planned = { priority: 0, startTime: at(0), duration: 600 };

/** One of each kind. */
export const REPORT: RequestOf<'ocpp2.1', 'ReportDERControl'> = {
  requestId: 912,
  tbc: true,
  curve: [{ ...CURVE, curve: { ...CURVE.curve, curveData: [...CURVE.curve.curveData] } }],
  enterService: [
    { id: 'enter', enterService: { priority: 0, highVoltage: 105, lowVoltage: 90, highFreq: 61, lowFreq: 59 } },
  ],
  fixedPFAbsorb: [{ ...reported, id: 'pf-a', fixedPF: { ...planned, displacement: 0.95, excitation: true } }],
  fixedPFInject: [{ ...reported, id: 'pf-i', fixedPF: { ...planned, displacement: 0.95, excitation: false } }],
  fixedVar: [{ ...reported, id: 'var', fixedVar: { ...planned, setpoint: 10, unit: 'PctMaxVar' } }],
  freqDroop: [
    {
      ...reported,
      id: 'droop',
      freqDroop: { ...planned, overFreq: 60.1, underFreq: 59.9, overDroop: 5, underDroop: 5, responseTime: 3 },
    },
  ],
  gradient: [{ id: 'gradient', gradient: { priority: 3, gradient: 100, softGradient: 10 } }],
  limitMaxDischarge: [{ ...reported, id: 'limit', limitMaxDischarge: { ...planned, pctMaxDischargePower: 50 } }],
};

export const SETTLEMENT = {
  pspRef: 'PSP-1',
  status: 'Settled',
  settlementAmount: 12.34,
  settlementTime: at(0),
} as const satisfies RequestOf<'ocpp2.1', 'NotifySettlement'>;

const COMPANY = { name: 'ACME', address1: 'Rua 1', city: 'São Paulo', country: 'BR' };

export const ENERGY_SAMPLES_2X: Samples<'ocpp2.0.1', 'NotifyDisplayMessages'> = { NotifyDisplayMessages: DISPLAY };

export const ENERGY_SAMPLES_21: Samples<
  'ocpp2.1',
  | 'NotifyDisplayMessages'
  | 'BatterySwap'
  | 'NotifyDERAlarm'
  | 'NotifyDERStartStop'
  | 'NotifySettlement'
  | 'ReportDERControl'
  | 'VatNumberValidation'
> = {
  NotifyDisplayMessages: [...DISPLAY, { requestId: 911, tbc: true, messageInfo: [EXTRA] }],
  BatterySwap: (['BatteryIn', 'BatteryOut', 'BatteryOutTimeout'] as const).map((eventType) => ({
    batteryData: [BATTERY, { ...BATTERY, serialNumber: 'B-2', productionDate: at(-9e6), vendorInfo: 'V' }],
    eventType,
    idToken: { idToken: 'CARD', type: 'ISO14443' },
    requestId: 5,
  })),
  NotifyDERAlarm: [
    { controlType: 'HVMustTrip', timestamp: at(0) },
    { controlType: 'HVMustTrip', timestamp: at(0), gridEventFault: 'OverVoltage', extraInfo: 'x', alarmEnded: false },
    { controlType: 'HVMustTrip', timestamp: at(9), alarmEnded: true },
  ],
  NotifyDERStartStop: [
    { controlId: 'limit', started: true, timestamp: at(0) },
    { controlId: 'limit', started: false, timestamp: at(9), supersededIds: ['volt-var'] },
  ],
  NotifySettlement: [
    SETTLEMENT,
    {
      ...SETTLEMENT,
      transactionId: 'T1',
      statusInfo: 'ok',
      receiptId: 'R',
      receiptUrl: 'https://example.test/r',
      vatCompany: COMPANY,
      vatNumber: '11222333000181',
    },
  ],
  ReportDERControl: [{ requestId: 912 }, REPORT],
  VatNumberValidation: [{ vatNumber: '11.222.333/0001-81' }, { vatNumber: 'x', evseId: 1 }, { vatNumber: 'ZZ12345' }],
};
