/** What real chargers do with data, by the lines 26-36 of the field notes (the number in each name). */
import { describe, expect, it } from 'vitest';
import { accepted, begun, type Event, event, reading, reading16, start, stop } from '../testing/field.js';
import { NOW, Plain } from '../testing/plain.js';

describe('26 timestamps', () => {
  const START_16 = [
    ['2025-06-01T12:00:05Z', NOW + 5000, []],
    ['2025-06-01T12:00:05', NOW + 5000, []],
    ['2025-06-01T15:00:05+03', NOW + 5000, []],
    ['1970-01-01T00:00:05Z', NOW + 9000, ['clock']],
    ['0001-01-01T00:00:00Z', NOW + 9000, ['clock']],
    ['soon', NOW + 9000, ['clock']],
  ] as const;

  it.each(START_16)('26: a start of 1.6 at %s', (timestamp, startedAt, flags) => {
    const plain = accepted();
    plain.say('ocpp1.6', 'StartTransaction', start(0, 0, { timestamp }), { received: 9 });
    expect(plain.only).toMatchObject({ startedAt, flags });
  });

  it.each(START_16)('26: a start of 2.x at %s', (timestamp, startedAt, flags) => {
    const plain = accepted();
    plain.say('ocpp2.0.1', 'TransactionEvent', event(0, 'Started', 0, { timestamp }), { received: 9 });
    expect(plain.only).toMatchObject({ startedAt, flags });
  });

  it('26: a stop of 1.6 without a usable time ends when it came, and says so', () => {
    const { plain, transactionId } = begun();
    const payload = stop(transactionId, 2000, 0, { timestamp: '1970-01-01T00:01:00Z' });
    plain.say('ocpp1.6', 'StopTransaction', payload, { received: 60 });
    expect(plain.only).toMatchObject({ endedAt: NOW + 60_000, flags: ['clock'] });
    expect(plain.energy).toBe(1000);
  });

  it('26: readings without a usable time count, and the session says so', () => {
    const { plain, transactionId } = begun();
    const meterValue = [{ timestamp: '0001-01-01T00:00:00Z', sampledValue: [{ value: '1500' }] }];
    plain.say('ocpp1.6', 'MeterValues', { connectorId: 1, transactionId, meterValue }, { received: 60 });
    expect(plain.energy).toBe(500);
    expect(plain.samples).toMatchObject([{ sampledAt: NOW + 60_000, value: 1500 }]);
    expect(plain.only.flags).toEqual(['clock']);
  });

  it('26: a whole session without a usable time is billed, although its register rose in no time', () => {
    const plain = accepted();
    const start = { connectorId: 1, idTag: 'TAG', timestamp: '1970-01-01T00:00:00Z', meterStart: 1_000 };
    const { transactionId } = plain.say('ocpp1.6', 'StartTransaction', start) as { transactionId: number };
    const end = { transactionId, timestamp: '1970-01-01T00:40:00Z', meterStop: 61_000 };
    plain.say('ocpp1.6', 'StopTransaction', end);
    expect(plain.energy).toBe(60_000);
    expect(plain.only.flags).toContain('clock');
    expect(plain.only.flags).not.toContain('register_jump');
  });

  it('26: a status without a usable time, or without any, is of the moment it came', () => {
    const plain = new Plain();
    const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
    for (const [connectorId, timestamp] of [
      [1, undefined],
      [2, '1970-01-01T00:00:00Z'],
    ] as const)
      plain.say('ocpp1.6', 'StatusNotification', { ...status, connectorId, timestamp }, { received: 7 });
    expect([...plain.connectors.values()].map((c) => c.at)).toEqual([NOW + 7000, NOW + 7000]);
  });
});

describe('28 unknown words', () => {
  it('28: a stop for a reason nobody knows stops', () => {
    const { plain, transactionId } = begun();
    plain.say('ocpp1.6', 'StopTransaction', stop(transactionId, 1500, 60, { reason: 'Boredom' }));
    expect(plain.only).toMatchObject({ status: 'completed', stopReason: 'Boredom' });
  });

  it('28: an unknown measurand or unit is kept, and never counted as energy of another scale', () => {
    const { plain, transactionId } = begun(1000);
    const meterValue = [
      reading16(10, '7', { measurand: 'Mood' }),
      reading16(20, '1.5', { unit: 'kWh' }),
      reading16(30, '9', { unit: 'MWh' }),
    ];
    plain.say('ocpp1.6', 'MeterValues', { connectorId: 1, transactionId, meterValue });
    expect(plain.energy).toBe(500);
    expect(plain.only.flags).toEqual([]);
    expect(plain.samples.map(({ measurand, unit, value }) => [measurand, unit, value])).toEqual([
      ['Mood', null, 7],
      ['Energy.Active.Import.Register', 'kWh', 1.5],
      ['Energy.Active.Import.Register', 'MWh', 9],
    ]);
  });

  it('28: values that are no numbers are kept as they came', () => {
    const { plain, transactionId } = begun(1000);
    const meterValue = [reading16(10, 'much'), reading16(11, ''), reading16(12, 'ff00', { format: 'SignedData' })];
    plain.say('ocpp1.6', 'MeterValues', { connectorId: 1, transactionId, meterValue });
    expect(plain.samples.map(({ value, raw }) => [value, raw])).toEqual([
      [null, 'much'],
      [null, ''],
      [null, 'ff00'],
    ]);
    expect(plain.energy).toBe(0);
  });
});

describe('29 transactionId -1 and zombies', () => {
  it.each([-1, 0])('29: a stop of transaction %i ends the one session of its card', (transactionId) => {
    const { plain } = begun();
    plain.say('ocpp1.6', 'StartTransaction', start(9000, 1, { connectorId: 2, idTag: 'OTHER' }));
    plain.say('ocpp1.6', 'StopTransaction', stop(transactionId, 1500, 60, { idTag: 'CARD' }));
    const [mine, other] = [...plain.transactions.values()];
    expect(mine).toMatchObject({ status: 'completed', idToken: 'CARD' });
    expect(other).toMatchObject({ status: 'started', idToken: 'OTHER' });
    expect(plain.transactions.size).toBe(2);
  });

  it('29: a stop of transaction -1 that fits two sessions, or none, ends neither', () => {
    const { plain } = begun();
    plain.say('ocpp1.6', 'StartTransaction', start(900, 1, { connectorId: 2 }));
    plain.say('ocpp1.6', 'StopTransaction', stop(-1, 1500, 60));
    expect([...plain.transactions.values()].map((t) => [t.status, ...t.flags])).toEqual([
      ['started'],
      ['started'],
      ['completed', 'orphan'],
    ]);
    const one = begun(5000).plain;
    one.say('ocpp1.6', 'StopTransaction', stop(-1, 100, 60));
    expect([...one.transactions.values()].map((t) => t.status)).toEqual(['started', 'completed']);
  });

  it('29: what still runs on a connector is closed by rule when another session begins there', () => {
    const { plain, transactionId } = begun(1000);
    const meterValue = [reading16(600, '3000')];
    plain.say('ocpp1.6', 'MeterValues', { connectorId: 1, transactionId, meterValue });
    plain.say('ocpp1.6', 'StartTransaction', start(3000, 9000));
    const [zombie, fresh] = [...plain.transactions.values()];
    expect(zombie).toMatchObject({ status: 'completed', flags: ['closed_by_rule'], endedAt: NOW + 600_000 });
    expect(fresh).toMatchObject({ status: 'started', endedAt: null, flags: [] });
  });

  it('29: a late real stop overrides the end made by rule, once', () => {
    const { plain, transactionId } = begun(1000);
    plain.say('ocpp1.6', 'StartTransaction', start(4000, 9000));
    const real = stop(transactionId, 4000, 8000, { reason: 'EVDisconnected' });
    plain.say('ocpp1.6', 'StopTransaction', real, { received: 9100 });
    plain.say('ocpp1.6', 'StopTransaction', real, { received: 9200 });
    const zombie = plain.transactions.get(Number(transactionId));
    expect(zombie).toMatchObject({ stopReason: 'EVDisconnected', endedAt: NOW + 8_000_000, flags: [] });
    expect(zombie?.register.last?.mWh).toBe(4_000_000);
  });

  it('29: the same for 2.x, and a start that comes late closes nothing that began after it', () => {
    const plain = accepted();
    const info = (transactionId: string) => ({ transactionInfo: { transactionId } });
    plain.say('ocpp2.0.1', 'TransactionEvent', event(0, 'Started', 0));
    plain.say('ocpp2.0.1', 'TransactionEvent', event(0, 'Started', 5000, info('T2')));
    plain.say('ocpp2.0.1', 'TransactionEvent', event(0, 'Started', -5000, info('T0')));
    plain.say(
      'ocpp2.0.1',
      'TransactionEvent',
      event(9, 'Started', 9000, { ...info('T9'), evse: { id: 2, connectorId: 1 } }),
    );
    expect(
      [...plain.transactions.values()].map((t) => [t.ocppTransactionId, t.status, t.flags.includes('closed_by_rule')]),
    ).toEqual([
      ['T1', 'completed', true],
      ['T2', 'started', false],
      ['T0', 'started', false],
      ['T9', 'started', false],
    ]);
  });
});

describe('30 a stop without its start', () => {
  it('30: of 1.6 becomes a provisional session, once', () => {
    const plain = accepted();
    const transactionData = [
      reading16(-3600, '1000', { context: 'Transaction.Begin' }),
      reading16(0, '9000', { context: 'Transaction.End' }),
    ];
    const payload = stop(77, 9000, 0, { idTag: 'CARD', transactionData });
    const answers = [1, 2].map(() => plain.say('ocpp1.6', 'StopTransaction', payload));
    expect(answers[0]).toEqual({ idTagInfo: { status: 'Accepted' } });
    expect(answers[1]).toEqual(answers[0]);
    expect(plain.only).toMatchObject({
      status: 'completed',
      startedAt: NOW - 3_600_000,
      endedAt: NOW,
      flags: ['orphan'],
    });
    expect(plain.energy).toBe(8000);
    expect(plain.samples).toHaveLength(2);
  });

  it('30: of 2.x too, and its late start makes it whole', () => {
    const plain = accepted();
    const say = (payload: Event) => plain.say('ocpp2.0.1', 'TransactionEvent', payload);
    say(event(1, 'Updated', 60, { meterValue: [reading(60, 2000)], evse: undefined as never }));
    expect(plain.only).toMatchObject({ evseId: 0, status: 'started', flags: ['orphan'] });
    say(event(2, 'Ended', 120, { meterValue: [reading(120, 5000)] }));
    expect(plain.only).toMatchObject({ evseId: 1, status: 'completed', flags: ['orphan'] });
    expect(plain.energy).toBe(3000);
    const token = { idToken: 'card', type: 'ISO14443' } as const;
    say(event(0, 'Started', 0, { meterValue: [reading(0, 1000)], idToken: token }));
    expect(plain.only).toMatchObject({
      status: 'completed',
      startedAt: NOW,
      endedAt: NOW + 120_000,
      flags: [],
      idToken: 'card',
      seen: '0-2',
    });
    expect(plain.energy).toBe(4000);
  });
});

describe('31 repeated StartTransaction', () => {
  it('31: the same start gets the same number, in one batch, in two, and after its stop', () => {
    const plain = accepted();
    const message = { version: 'ocpp1.6', action: 'StartTransaction', payload: start(1000) } as const;
    const [first, second] = plain.batch(message, message);
    expect(second).toEqual(first);
    expect(plain.batch(message)[0]).toEqual(first);
    plain.say('ocpp1.6', 'StopTransaction', stop(first?.transactionId, 1500, 60));
    expect(plain.batch(message)[0]).toEqual(first);
    expect(plain.only).toMatchObject({ status: 'completed' });
  });

  it('31: another reading, time, card or connector is another session', () => {
    const plain = accepted();
    const others = [
      start(1000),
      start(1001),
      start(1000, 1),
      start(1000, 0, { idTag: 'X' }),
      start(1000, 0, { connectorId: 2 }),
    ];
    const ids = others.map((payload) => plain.say('ocpp1.6', 'StartTransaction', payload).transactionId);
    expect(new Set(ids).size).toBe(5);
  });
});

it('32: what a charger kept for months is taken at its own times', () => {
  const plain = accepted();
  const days = -100 * 86_400;
  const { transactionId } = plain.say('ocpp1.6', 'StartTransaction', start(0, days));
  plain.say('ocpp1.6', 'StopTransaction', stop(transactionId, 7000, days + 3600));
  plain.say('ocpp2.0.1', 'TransactionEvent', event(0, 'Started', days));
  for (const t of plain.transactions.values()) expect(t).toMatchObject({ startedAt: NOW + days * 1000, flags: [] });
  expect([...plain.transactions.values()][0]).toMatchObject({ endedAt: NOW + (days + 3600) * 1000 });
});
