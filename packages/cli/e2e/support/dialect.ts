/** The messages of a charging session as each OCPP version spells them, written from the specification. */
export type Version = '1.6' | '2.0.1' | '2.1';
export const VERSIONS: readonly Version[] = ['1.6', '2.0.1', '2.1'];

export type Json = Readonly<Record<string, unknown>>;
export type Message = readonly [action: string, payload: Json];

/** A transaction as the charger keeps it. `id` is undefined until 1.6's CSMS has given one. */
export interface Charge {
  readonly evse: number;
  readonly tag: string;
  id: string | number | undefined;
  readonly remoteStartId: number | undefined;
  seqNo: number;
}

export interface Dialect {
  boot(): Message;
  status(evse: number, word: 'Available' | 'Occupied'): Message;
  authorize(tag: string): Message;
  /** The status in the answer to Authorize. */
  verdict(answer: Json): string;
  begin(charge: Charge, wh: number, at: Date): Message;
  meter(charge: Charge, wh: number, at: Date): Message;
  end(charge: Charge, wh: number, at: Date, reason: string): Message;
}

const iso = (at: Date): string => at.toISOString();
const REGISTER = 'Energy.Active.Import.Register';

const ocpp16: Dialect = {
  boot: () => [
    'BootNotification',
    { chargePointVendor: 'Acme', chargePointModel: 'One', chargePointSerialNumber: 'SN-1', firmwareVersion: '1.2.3' },
  ],
  status: (evse, word) => [
    'StatusNotification',
    {
      connectorId: evse,
      errorCode: 'NoError',
      status: word === 'Occupied' ? 'Charging' : word,
      timestamp: iso(new Date()),
    },
  ],
  authorize: (tag) => ['Authorize', { idTag: tag }],
  verdict: (answer) => String((answer.idTagInfo as Json).status),
  begin: ({ evse, tag }, wh, at) => [
    'StartTransaction',
    { connectorId: evse, idTag: tag, meterStart: wh, timestamp: iso(at) },
  ],
  meter: ({ evse, id }, wh, at) => [
    'MeterValues',
    {
      connectorId: evse,
      transactionId: id,
      meterValue: [
        {
          timestamp: iso(at),
          sampledValue: [
            { value: String(wh), context: 'Sample.Periodic', measurand: REGISTER, unit: 'Wh' },
            { value: '7400', context: 'Sample.Periodic', measurand: 'Power.Active.Import', unit: 'W' },
          ],
        },
      ],
    },
  ],
  end: ({ id, tag }, wh, at, reason) => [
    'StopTransaction',
    { transactionId: id, idTag: tag, meterStop: wh, timestamp: iso(at), reason },
  ],
};

/** @param kilo whether the register is told in kWh */
function ocpp2x(kilo: boolean): Dialect {
  const sample = (wh: number, at: Date, context: string) => [
    {
      timestamp: iso(at),
      sampledValue: [
        {
          value: kilo ? wh / 1000 : wh,
          context,
          measurand: REGISTER,
          unitOfMeasure: { unit: kilo ? 'kWh' : 'Wh' },
        },
      ],
    },
  ];
  const event = (
    charge: Charge,
    eventType: string,
    triggerReason: string,
    at: Date,
    info: Json,
    more: Json,
  ): Message => [
    'TransactionEvent',
    {
      eventType,
      timestamp: iso(at),
      triggerReason,
      seqNo: charge.seqNo++,
      transactionInfo: { transactionId: charge.id, ...info },
      ...more,
    },
  ];
  return {
    boot: () => [
      'BootNotification',
      {
        reason: 'PowerUp',
        chargingStation: { vendorName: 'Acme', model: 'One', serialNumber: 'SN-1', firmwareVersion: '1.2.3' },
      },
    ],
    status: (evse, word) => [
      'StatusNotification',
      { timestamp: iso(new Date()), connectorStatus: word, evseId: evse, connectorId: 1 },
    ],
    authorize: (tag) => ['Authorize', { idToken: { idToken: tag, type: 'ISO14443' } }],
    verdict: (answer) => String((answer.idTokenInfo as Json).status),
    begin: (charge, wh, at) => {
      const { evse, tag, remoteStartId } = charge;
      const remote = remoteStartId !== undefined;
      return event(
        charge,
        'Started',
        remote ? 'RemoteStart' : 'Authorized',
        at,
        { chargingState: 'Charging', ...(remote && { remoteStartId }) },
        {
          evse: { id: evse, connectorId: 1 },
          idToken: { idToken: tag, type: remote ? 'Central' : 'ISO14443' },
          meterValue: sample(wh, at, 'Transaction.Begin'),
        },
      );
    },
    meter: (charge, wh, at) =>
      event(
        charge,
        'Updated',
        'MeterValuePeriodic',
        at,
        { chargingState: 'Charging' },
        { meterValue: sample(wh, at, 'Sample.Periodic') },
      ),
    end: (charge, wh, at, reason) =>
      event(
        charge,
        'Ended',
        reason === 'Remote' ? 'RemoteStop' : 'StopAuthorized',
        at,
        { chargingState: 'Idle', stoppedReason: reason },
        { meterValue: sample(wh, at, 'Transaction.End') },
      ),
  };
}

export const DIALECTS: Readonly<Record<Version, Dialect>> = {
  '1.6': ocpp16,
  '2.0.1': ocpp2x(false),
  '2.1': ocpp2x(true),
};
