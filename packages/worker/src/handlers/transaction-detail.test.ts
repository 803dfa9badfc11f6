/** TransactionEvent beside its meter: every reason, offline events, what 2.1 adds, and the cost in the answer to the end. */
import { describe, expect, it } from 'vitest';
import { at, Plain } from '../testing/plain.js';

const REASONS_201 = [
  ...['Authorized', 'CablePluggedIn', 'ChargingRateChanged', 'ChargingStateChanged', 'Deauthorized'],
  ...['EnergyLimitReached', 'EVCommunicationLost', 'EVConnectTimeout', 'MeterValueClock', 'MeterValuePeriodic'],
  ...['TimeLimitReached', 'Trigger', 'UnlockCommand', 'StopAuthorized', 'EVDeparted', 'EVDetected', 'RemoteStop'],
  ...['RemoteStart', 'AbnormalCondition', 'SignedDataReceived', 'ResetCommand'],
];
const REASONS_21 = [
  ...['CostLimitReached', 'LimitSet', 'OperationModeChanged', 'RunningCost', 'SoCLimitReached', 'TariffChanged'],
  ...['TariffNotAccepted', 'TxResumed'],
];

const event = (seqNo: number, eventType: string, more: object = {}, info: object = {}) => ({
  ...{ eventType, timestamp: at(seqNo * 60), triggerReason: 'MeterValuePeriodic', seqNo },
  ...{ transactionInfo: { transactionId: 'T1', ...info }, evse: { id: 1, connectorId: 1 } },
  ...more,
});
const reading = (seqNo: number, value: number) => ({
  meterValue: [{ timestamp: at(seqNo * 60), sampledValue: [{ value }] }],
});
const say = (plain: Plain, payload: object, version: 'ocpp2.0.1' | 'ocpp2.1' = 'ocpp2.1') =>
  plain.say(version, 'TransactionEvent', payload);

it('every reason is taken, and what is no mere reading is noted', () => {
  for (const [version, reasons] of [
    ['ocpp2.0.1', REASONS_201],
    ['ocpp2.1', [...REASONS_201, ...REASONS_21]],
  ] as const) {
    const plain = new Plain();
    say(plain, event(0, 'Started', { triggerReason: 'CablePluggedIn' }), version);
    reasons.forEach((triggerReason, n) => {
      say(plain, event(n + 1, 'Updated', { triggerReason }), version);
    });
    const noted = plain.facts.transactionDetail?.map((row) => row.lastTrigger);
    const news = reasons.filter((reason) => !reason.startsWith('MeterValue'));
    expect(noted).toEqual(['CablePluggedIn', ...news]);
    expect(plain.events.filter(({ kind }) => kind === 'transaction.noted').length).toBeGreaterThan(8);
  }
});

it('an ordinary event writes nothing beside its meter', () => {
  const plain = new Plain();
  say(plain, event(1, 'Updated', { ...reading(1, 5), offline: false }, { chargingState: 'Charging' }));
  expect(plain.facts).toEqual({});
});

it('what 2.1 adds is kept, and what was offline is marked, once per event', () => {
  const plain = new Plain();
  const costDetails = {
    totalCost: { currency: 'BRL', typeOfCost: 'NormalCost', total: { exclTax: 1, inclTax: 1.1 } },
    totalUsage: { energy: 1, chargingTime: 2, idleTime: 3 },
  };
  const limit = { maxCost: 20, maxEnergy: 5000, maxTime: 3600, maxSoC: 80 };
  const told = event(
    4,
    'Updated',
    {
      offline: true,
      costDetails,
      preconditioningStatus: 'Ready',
      evseSleep: true,
      numberOfPhasesUsed: 3,
      cableMaxCurrent: 32,
    },
    { operationMode: 'CentralSetpoint', tariffId: 'TF', transactionLimit: limit, timeSpentCharging: 61 },
  );
  say(plain, told);
  say(plain, told);
  expect(plain.facts.transactionDetail).toEqual([
    {
      transactionId: plain.only.id,
      offline: true,
      lastTrigger: 'MeterValuePeriodic',
      secondsCharging: 61,
      phasesUsed: 3,
      cableMaxA: 32,
      operationMode: 'CentralSetpoint',
      tariffId: 'TF',
      maxCost: 20,
      maxEnergyWh: 5000,
      maxSeconds: 3600,
      maxSoc: 80,
      preconditioning: 'Ready',
      evseSleep: true,
      costDetails,
    },
  ]);
});

describe('the cost', () => {
  it('stands in the answer to the end, as it is billed, also when that is told again', () => {
    const plain = new Plain().token('CARD');
    expect(say(plain, event(0, 'Started', reading(0, 1_000)))).toEqual({});
    expect(say(plain, event(1, 'Updated', reading(1, 5_000)))).toEqual({ totalCost: 3 });
    const end = event(2, 'Ended', { ...reading(2, 10_340), triggerReason: 'EVDeparted' });
    // 9 340 Wh x 0.075 = 700.5, half up.
    expect(say(plain, end)).toEqual({ totalCost: 7.01 });
    expect(say(plain, end)).toEqual({ totalCost: 7.01 });
    expect(plain.facts.transactionDetail?.at(-1)).toMatchObject({ stopTrigger: 'EVDeparted' });
  });

  it('is told as 0 where nothing was charged', () => {
    expect(say(new Plain(), event(0, 'Ended'))).toEqual({ totalCost: 0 });
  });
});

it('30: a stop of a number that another charger has ends nothing of the other', () => {
  const plain = new Plain(1, 2).token('CARD');
  const start = { connectorId: 1, idTag: 'CARD', meterStart: 0, timestamp: at(0) };
  const { transactionId } = plain.say('ocpp1.6', 'StartTransaction', start);
  const stop = { transactionId, meterStop: 900, timestamp: at(60) };
  expect(plain.say('ocpp1.6', 'StopTransaction', stop, { station: 2 })).toEqual({});
  const [mine, orphan] = [...plain.transactions.values()];
  expect(mine).toMatchObject({ stationId: 1, endedAt: null, flags: [] });
  expect(orphan).toMatchObject({ stationId: 2, status: 'completed', flags: ['orphan'] });
});

it('39: MeterValues of 2.x that come again are kept once, among the events too', () => {
  const plain = new Plain();
  say(plain, event(0, 'Started', reading(0, 1_000)));
  const values = (value: number) => ({ evseId: 1, ...reading(1, value) });
  for (const value of [2_000, 2_000, 2_500, 2_000]) plain.say('ocpp2.0.1', 'MeterValues', values(value));
  say(plain, event(1, 'Updated', reading(2, 3_000)));
  plain.say('ocpp2.0.1', 'MeterValues', values(2_500));
  expect(plain.samples.map(({ value }) => value)).toEqual([1_000, 2_000, 2_500, 3_000]);
  // Told again, what it costs so far is the same again.
  expect(say(plain, event(1, 'Updated', reading(2, 9_000)))).toEqual({ totalCost: 1.5 });
  expect(plain.energy).toBe(2_000);
});
