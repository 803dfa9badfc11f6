/** Valid frames of a charger, by version: what a fuzzer begins with. `@ID@` stands where the id of the message goes. */

const at = '2026-01-02T03:04:05.678Z';
const call = (action: string, payload: object, type = 2): string => JSON.stringify([type, '@ID@', action, payload]);

const sample16 = (value: string) => ({
  timestamp: at,
  sampledValue: [
    { value, measurand: 'Energy.Active.Import.Register', unit: 'Wh', context: 'Sample.Periodic' },
    { value: '16.1', measurand: 'Current.Import', phase: 'L1', unit: 'A' },
  ],
});
const sample2x = (value: number) => ({
  timestamp: at,
  sampledValue: [{ value, measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh', multiplier: 0 } }],
});
const token = { idToken: 'CARD-1', type: 'ISO14443', additionalInfo: [{ additionalIdToken: 'x', type: 'y' }] };
const transaction = (eventType: string, seqNo: number) =>
  call('TransactionEvent', {
    eventType,
    timestamp: at,
    triggerReason: 'Authorized',
    seqNo,
    transactionInfo: { transactionId: 'tx-1', chargingState: 'Charging' },
    evse: { id: 1, connectorId: 1 },
    idToken: token,
    meterValue: [sample2x(1000 + seqNo)],
  });

const ANSWERS = [
  '[3,"@ID@",{"status":"Accepted"}]',
  '[3,"@ID@",{"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"300"}],"unknownKey":["x"]}]',
  '[4,"@ID@","NotSupported","not known",{"info":"none"}]',
];

const FRAMES_16: readonly string[] = [
  call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M', firmwareVersion: '1.0' }),
  call('Heartbeat', {}),
  call('Authorize', { idTag: 'CARD-1' }),
  call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: at, info: 'ção' }),
  call('StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 100, timestamp: at, reservationId: 7 }),
  call('MeterValues', { connectorId: 1, transactionId: 7, meterValue: [sample16('1200.5')] }),
  call('StopTransaction', { transactionId: 7, meterStop: 900, timestamp: at, transactionData: [sample16('900')] }),
  call('DataTransfer', { vendorId: 'V', messageId: 'M', data: '{"a":[1,2,3]}' }),
  call('FirmwareStatusNotification', { status: 'Installed' }),
  call('DiagnosticsStatusNotification', { status: 'Uploaded' }),
  ...ANSWERS,
];

const FRAMES_2X: readonly string[] = [
  call('BootNotification', {
    reason: 'PowerUp',
    chargingStation: { model: 'M', vendorName: 'V', modem: { iccid: '1' } },
  }),
  call('Heartbeat', {}),
  call('Authorize', { idToken: token }),
  call('StatusNotification', { timestamp: at, connectorStatus: 'Available', evseId: 1, connectorId: 1 }),
  transaction('Started', 0),
  transaction('Updated', 1),
  transaction('Ended', 2),
  call('MeterValues', { evseId: 1, meterValue: [sample2x(5)] }),
  call('DataTransfer', { vendorId: 'V', data: { any: [1, 'two', null] } }),
  call('NotifyEvent', {
    generatedAt: at,
    seqNo: 0,
    eventData: [
      {
        eventId: 1,
        timestamp: at,
        trigger: 'Alerting',
        actualValue: '42',
        eventNotificationType: 'HardWiredMonitor',
        component: { name: 'Connector', evse: { id: 1 } },
        variable: { name: 'Temperature' },
      },
    ],
  }),
  call('SecurityEventNotification', { type: 'SettingSystemTime', timestamp: at }),
  call('ReservationStatusUpdate', { reservationId: 7, reservationUpdateStatus: 'Expired' }),
  ...ANSWERS,
];

/** By subprotocol. */
export const CHARGER_FRAMES: Readonly<Record<'ocpp1.6' | 'ocpp2.0.1' | 'ocpp2.1', readonly string[]>> = {
  'ocpp1.6': FRAMES_16,
  'ocpp2.0.1': FRAMES_2X,
  'ocpp2.1': [
    ...FRAMES_2X,
    call('TransactionEvent', {
      ...{ eventType: 'Updated', timestamp: at, triggerReason: 'LimitSet', seqNo: 9, reservationId: 7 },
      ...{ preconditioningStatus: 'Ready', evseSleep: true, numberOfPhasesUsed: 3, cableMaxCurrent: 32 },
      costDetails: {
        totalCost: { currency: 'BRL', typeOfCost: 'NormalCost' },
        totalUsage: { energy: 1.5, chargingTime: 2, idleTime: 3 },
      },
      transactionInfo: {
        transactionId: 'T1',
        operationMode: 'CentralSetpoint',
        transactionLimit: { maxCost: 20.5, maxEnergy: 5000, maxTime: 3600, maxSoC: 80 },
      },
    }),
    call('NotifyPeriodicEventStream', { id: 1, pending: 0, basetime: at, data: [{ t: 0.5, v: '1' }] }, 6),
    '[5,"@ID@","FormatViolation","broken",{}]',
  ],
};
