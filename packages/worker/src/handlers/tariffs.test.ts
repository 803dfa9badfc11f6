/** What sessions cost under tariffs that ask where, when and how long: from the messages of chargers to the money. */
import { costOf, DEFAULT_TARIFF, type Tariff, totalsOf } from '@sigec/domain';
import { describe, expect, it } from 'vitest';
import { accepted, type Event, event, reading, reading16, start, stop } from '../testing/field.js';
import { at, type Message, NOW, Plain } from '../testing/plain.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const TIMED: Tariff = {
  ...{ id: 4, version: 2, name: 'Rua', currency: 'BRL', perKwhMinor: 75, sessionFeeMinor: 200, perMinuteMinor: 10 },
  idle: { perMinuteMinor: 50, graceMinutes: 10 },
};
const priced = (perKwhMinor: number): Tariff => ({ currency: 'BRL', perKwhMinor });
const billOf = (plain: Plain) => {
  const { totalMinor, chargingMs, idleMs } = costOf(plain.only, plain.only.tariff);
  return { totalMinor, charging: chargingMs / 1000, idle: idleMs / 1000 };
};

type State = NonNullable<Event['transactionInfo']['chargingState']>;
/** An event that tells a state, and the meter's reading, in Wh. */
function told(seqNo: number, seconds: number, state: State, wh?: number, more: Partial<Event> = {}): Message {
  const eventType = seqNo === 0 ? 'Started' : 'Updated';
  const payload = event(seqNo, eventType, seconds, {
    triggerReason: 'ChargingStateChanged',
    transactionInfo: { transactionId: 'T1', chargingState: state },
    ...(wh !== undefined && { meterValue: [reading(seconds, wh)] }),
    ...more,
  });
  return { version: 'ocpp2.0.1', action: 'TransactionEvent', payload };
}

/** An hour of charging, a quarter held back by the station, half an hour of charging, an hour of standing. */
const SESSION: readonly Message[] = [
  told(0, 0, 'EVConnected', 1_000),
  told(1, 5 * MINUTE, 'Charging'),
  told(2, HOUR, 'Charging', 6_000, { triggerReason: 'MeterValuePeriodic' }),
  told(3, 65 * MINUTE, 'SuspendedEVSE', 6_500),
  told(4, 80 * MINUTE, 'Charging'),
  told(5, 110 * MINUTE, 'SuspendedEV', 11_000),
  told(6, 140 * MINUTE, 'SuspendedEV', 11_000, { triggerReason: 'MeterValuePeriodic' }),
  {
    ...{ version: 'ocpp2.0.1', action: 'TransactionEvent' },
    payload: event(7, 'Ended', 170 * MINUTE, { meterValue: [reading(170 * MINUTE, 11_000)] }),
  },
];
// 10 kWh, 60 and 30 minutes of charging, 60 of standing of which 10 are free.
const COST = 200 + 750 + 900 + 2500;

describe('a session under a tariff of its place', () => {
  it('2.x: is billed by energy, by the time it charged and by the time it stood, and says so to the charger', () => {
    const plain = accepted().assign(TIMED);
    const answers = SESSION.map(({ version, action, payload }) => plain.say(version, action, payload));
    expect(billOf(plain)).toEqual({ totalMinor: COST, charging: 90 * MINUTE, idle: HOUR });
    expect(answers.at(-1)).toEqual({ totalCost: COST / 100 });
    expect(plain.only.tariff).toEqual(TIMED);
  });

  it('38: costs the same in whatever order its events come, in one batch or many', () => {
    for (const step of [1, 3, 5, 7]) {
      const plain = accepted().assign(TIMED);
      const order = SESSION.map((_, i) => SESSION[(i * step + step) % SESSION.length] as Message);
      plain.batch(...order.slice(0, 3));
      plain.batch(...order.slice(3), ...order.slice(0, 2));
      expect(billOf(plain), String(step)).toEqual({ totalMinor: COST, charging: 90 * MINUTE, idle: HOUR });
    }
  });

  it('1.6: knows the flow by the status of its connector', () => {
    const plain = accepted().assign(TIMED);
    const status = (seconds: number, word: string, connectorId = 1) =>
      plain.say('ocpp1.6', 'StatusNotification', {
        ...{ connectorId, errorCode: 'NoError', status: word, timestamp: at(seconds) },
      });
    const { transactionId } = plain.say('ocpp1.6', 'StartTransaction', start(1_000));
    const values = (seconds: number, wh: number) =>
      plain.say('ocpp1.6', 'MeterValues', { connectorId: 1, transactionId, meterValue: [reading16(seconds, `${wh}`)] });
    // Of the session before, and of another connector.
    status(-5, 'Finishing');
    status(6, 'SuspendedEVSE', 2);
    status(5 * MINUTE, 'Charging');
    values(HOUR, 6_000);
    status(65 * MINUTE, 'SuspendedEVSE');
    status(80 * MINUTE, 'Charging');
    values(110 * MINUTE, 11_000);
    status(110 * MINUTE, 'SuspendedEV');
    plain.say('ocpp1.6', 'StopTransaction', stop(transactionId, 11_000, 170 * MINUTE));
    expect(billOf(plain)).toEqual({ totalMinor: COST, charging: 90 * MINUTE, idle: HOUR });
  });

  it('1.6: a charger that tells nothing of the flow is billed by its meter', () => {
    const plain = accepted().assign(TIMED);
    const { transactionId } = plain.say('ocpp1.6', 'StartTransaction', start(1_000));
    const meterValue = [reading16(HOUR, '11000'), reading16(2 * HOUR, '11000')];
    plain.say('ocpp1.6', 'MeterValues', { connectorId: 1, transactionId, meterValue });
    expect(billOf(plain)).toMatchObject({ charging: HOUR, idle: HOUR });
    plain.say('ocpp1.6', 'StopTransaction', stop(transactionId, 11_000, 3 * HOUR));
    expect(billOf(plain)).toMatchObject({ charging: HOUR, idle: 2 * HOUR });
  });

  it('takes the own one of an EVSE before that of its station, and the built-in one where there is none', () => {
    const plain = new Plain(1, 2).token('CARD').assign(priced(100)).assign(priced(200), 1, 2);
    const begin = (station: number, connectorId: number) =>
      plain.say('ocpp1.6', 'StartTransaction', { ...start(0), connectorId }, { station });
    for (const [station, connector] of [
      [1, 1],
      [1, 2],
      [2, 1],
    ] as const)
      begin(station, connector);
    const tariffs = [...plain.transactions.values()].map(({ tariff }) => tariff);
    expect(tariffs).toEqual([priced(100), priced(200), DEFAULT_TARIFF]);
  });

  it('keeps the tariff that it began under, also where its start came late', () => {
    const plain = accepted().assign(priced(100));
    const [began, ...rest] = SESSION as [Message, ...Message[]];
    plain.batch(rest[0] as Message);
    plain.assign(priced(500));
    plain.batch(began, ...rest.slice(1));
    expect(plain.only).toMatchObject({ tariff: priced(100), startedAt: NOW, flags: [] });
    expect(totalsOf(plain.only).costMinor).toBe(1000);
    // What is billed by energy alone remembers nothing of time.
    expect(plain.only.register).not.toHaveProperty('usage');
  });
});
