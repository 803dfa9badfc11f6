/** What real chargers do that touches money, by the lines 37-41 of the field notes (the number in each name). */
import { describe, expect, it } from 'vitest';
import { accepted, begun, type Event, event, reading, reading16, start, stop } from '../testing/field.js';
import { at, NOW, Plain } from '../testing/plain.js';

describe('37 register jumps', () => {
  it('37: an offline start with 0 against the lifetime of the meter is billed from its own samples, flagged (1.6)', () => {
    const { plain, transactionId } = begun(0);
    const meterValue = [reading16(60, '8000000')];
    plain.say('ocpp1.6', 'MeterValues', { connectorId: 1, transactionId, meterValue });
    plain.say('ocpp1.6', 'StopTransaction', stop(transactionId, 8_004_000, 3600));
    expect(plain.energy).toBe(4000);
    expect(plain.only.flags).toContain('register_jump');
  });

  it('37: the same for 2.x', () => {
    const plain = accepted();
    const say = (payload: Event) => plain.say('ocpp2.0.1', 'TransactionEvent', payload);
    say(event(0, 'Started', 0, { meterValue: [reading(0, 0, { context: 'Transaction.Begin' })] }));
    say(event(1, 'Updated', 60, { meterValue: [reading(60, 8_000_000)] }));
    say(event(2, 'Ended', 3600, { meterValue: [reading(3600, 8_004_000, { context: 'Transaction.End' })] }));
    expect(plain.energy).toBe(4000);
    expect(plain.only.flags).toContain('register_jump');
  });
});

describe('38 late and partial messages', () => {
  function session(): Plain {
    const plain = accepted();
    const say = (payload: Event) => plain.say('ocpp2.0.1', 'TransactionEvent', payload);
    say(event(0, 'Started', 0, { meterValue: [reading(0, 1000, { context: 'Transaction.Begin' })] }));
    say(event(1, 'Updated', 60, { meterValue: [reading(60, 4000)] }));
    return plain;
  }

  it('38: an end without a reading keeps the total', () => {
    const plain = session();
    plain.say('ocpp2.0.1', 'TransactionEvent', event(3, 'Ended', 120));
    expect(plain.energy).toBe(3000);
  });

  it('38: an event that came late, after the end, keeps it and does not reopen', () => {
    const plain = session();
    const end = { meterValue: [reading(120, 6000, { context: 'Transaction.End' })] };
    plain.say('ocpp2.0.1', 'TransactionEvent', event(3, 'Ended', 120, end));
    const info = { transactionInfo: { transactionId: 'T1', chargingState: 'Charging' as const } };
    plain.say('ocpp2.0.1', 'TransactionEvent', event(2, 'Updated', 90, { ...info, meterValue: [reading(90, 5000)] }));
    expect(plain.energy).toBe(5000);
    expect(plain.only).toMatchObject({ status: 'completed', endedAt: NOW + 120_000, seen: '0-3' });
  });

  it('38: readings of anything but the register change nothing', () => {
    const plain = session();
    const sampledValue = [
      { value: 230, measurand: 'Voltage' as const },
      { value: 1, measurand: 'Energy.Active.Import.Interval' as const },
      { value: 2, measurand: 'Energy.Active.Import.Register' as const, phase: 'L1' as const },
      { value: 3, measurand: 'Energy.Active.Import.Register' as const, location: 'Inlet' as const },
    ];
    const meterValue = [{ timestamp: at(90), sampledValue }] as Event['meterValue'];
    plain.say('ocpp2.0.1', 'TransactionEvent', event(2, 'Updated', 90, { meterValue }));
    expect(plain.energy).toBe(3000);
    expect(plain.samples).toHaveLength(6);
  });

  it('38: a stop of 1.6 that says 0 is billed from the samples, and readings after the stop count', () => {
    const { plain, transactionId } = begun(1000);
    const values = (seconds: number, value: string) => ({
      connectorId: 1,
      transactionId,
      meterValue: [reading16(seconds, value)],
    });
    plain.say('ocpp1.6', 'MeterValues', values(60, '4000'));
    plain.say('ocpp1.6', 'StopTransaction', stop(transactionId, 0, 120));
    expect(plain.energy).toBe(3000);
    plain.say('ocpp1.6', 'MeterValues', values(90, '4500'));
    expect(plain.energy).toBe(3500);
  });

  it('38: units and powers of ten are of one scale', () => {
    const plain = accepted();
    const say = (payload: Event) => plain.say('ocpp2.0.1', 'TransactionEvent', payload);
    say(event(0, 'Started', 0, { meterValue: [reading(0, 1.5, { unitOfMeasure: { unit: 'kWh' } })] }));
    say(event(1, 'Updated', 60, { meterValue: [reading(60, 20, { unitOfMeasure: { unit: 'Wh', multiplier: 2 } })] }));
    say(event(2, 'Ended', 90, { meterValue: [reading(90, 22505, { unitOfMeasure: { unit: 'Wh', multiplier: -1 } })] }));
    expect(plain.energy).toBe(750.5);
  });
});

describe('39 MeterValues beside the events', () => {
  const values = (evseId: number, seconds: number, value: number) => ({
    evseId,
    meterValue: [reading(seconds, value)],
  });
  function session(): Plain {
    const plain = accepted();
    const meterValue = [reading(0, 1000)];
    plain.say('ocpp2.0.1', 'TransactionEvent', event(0, 'Started', 0, { meterValue }));
    return plain;
  }

  it('39: count for the session that runs on their EVSE', () => {
    const plain = session();
    plain.say('ocpp2.0.1', 'MeterValues', values(1, 60, 3000));
    plain.say('ocpp2.0.1', 'MeterValues', values(1, 60, 3000));
    expect(plain.energy).toBe(2000);
    expect(plain.samples.at(-1)).toMatchObject({ transactionId: plain.only.id, evseId: 1, value: 3000 });
  });

  it('39: of another EVSE, or of none that charges, are kept beside it', () => {
    const plain = session();
    plain.say('ocpp2.0.1', 'MeterValues', values(2, 60, 3000));
    plain.say('ocpp2.0.1', 'MeterValues', values(0, 60, 9_000_000));
    expect(plain.energy).toBe(0);
    expect(plain.samples.slice(1).map((s) => [s.transactionId, s.evseId, s.connectorId])).toEqual([
      [null, 2, 1],
      [null, 0, 0],
    ]);
  });

  it('39: measured before the session began are not of it', () => {
    const plain = session();
    plain.say('ocpp2.0.1', 'MeterValues', values(1, -600, 200));
    plain.say('ocpp2.0.1', 'MeterValues', values(1, 60, 3000));
    expect(plain.energy).toBe(2000);
    expect(plain.samples.map((s) => s.transactionId)).toEqual([plain.only.id, null, plain.only.id]);
  });

  it('39: of the main meter are not of a session whose EVSE is not known yet', () => {
    const plain = accepted();
    const more = { evse: undefined as never, meterValue: [reading(0, 1000)] };
    plain.say('ocpp2.0.1', 'TransactionEvent', event(1, 'Updated', 0, more));
    plain.say('ocpp2.0.1', 'MeterValues', values(0, 60, 9_000_000));
    expect(plain.energy).toBe(0);
    expect(plain.only.register.last?.mWh).toBe(1_000_000);
  });

  it('39: of 1.6 without a transactionId count for the session of their connector, from its start on', () => {
    const { plain } = begun(1000);
    const meterValue = (seconds: number, value: string) => ({
      connectorId: 1,
      meterValue: [reading16(seconds, value)],
    });
    plain.say('ocpp1.6', 'MeterValues', meterValue(60, '3000'));
    plain.say('ocpp1.6', 'MeterValues', meterValue(60, '3000'));
    expect(plain.energy).toBe(2000);
    expect(plain.samples).toHaveLength(1);
    expect(plain.only.status).toBe('charging');
    plain.say('ocpp1.6', 'MeterValues', { ...meterValue(90, '9000'), connectorId: 2 });
    expect(plain.energy).toBe(2000);
  });
});

describe('41 the exact status', () => {
  const CARDS = [
    ['Accepted', {}],
    ['Blocked', { status: 'blocked' }],
    ['Expired', { expiresAt: NOW }],
    ['Blocked', { status: 'blocked', expiresAt: NOW - 1 }],
  ] as const;

  it.each(CARDS)('41: %s is told as such in each answer of each version (%j)', (status, state) => {
    const plain = new Plain().token('CARD', state);
    const token = { idToken: 'card', type: 'ISO14443' } as const;
    expect(plain.say('ocpp1.6', 'Authorize', { idTag: 'card' })).toMatchObject({ idTagInfo: { status } });
    const { idTagInfo, transactionId } = plain.say('ocpp1.6', 'StartTransaction', start(0));
    expect(idTagInfo).toMatchObject({ status });
    expect(plain.only.flags).toEqual(status === 'Accepted' ? [] : ['unauthorized']);
    expect(plain.say('ocpp1.6', 'StopTransaction', stop(transactionId, 1, 1, { idTag: 'CARD' }))).toMatchObject({
      idTagInfo: { status },
    });
    for (const version of ['ocpp2.0.1', 'ocpp2.1'] as const) {
      expect(plain.say(version, 'Authorize', { idToken: token })).toMatchObject({ idTokenInfo: { status } });
      const info = { idToken: token, transactionInfo: { transactionId: version } };
      expect(plain.say(version, 'TransactionEvent', event(0, 'Started', 0, info))).toMatchObject({
        idTokenInfo: { status },
      });
    }
  });

  it('41: nobody is Invalid, a start without any card is Accepted, and the group and the expiry are told', () => {
    const plain = new Plain().token('CARD', { groupId: 'FLEET', expiresAt: NOW + 1000 });
    expect(plain.say('ocpp1.6', 'Authorize', { idTag: 'other' })).toEqual({ idTagInfo: { status: 'Invalid' } });
    expect(plain.say('ocpp1.6', 'Authorize', { idTag: 'CARD' })).toEqual({
      idTagInfo: { status: 'Accepted', expiryDate: at(1), parentIdTag: 'FLEET' },
    });
    expect(plain.say('ocpp2.1', 'Authorize', { idToken: { idToken: 'CARD', type: 'ISO14443' } })).toEqual({
      idTokenInfo: {
        status: 'Accepted',
        cacheExpiryDateTime: at(1),
        groupIdToken: { idToken: 'FLEET', type: 'Central' },
      },
    });
    expect(plain.say('ocpp2.1', 'Authorize', { idToken: { idToken: '', type: 'NoAuthorization' } })).toEqual({
      idTokenInfo: { status: 'Accepted' },
    });
  });
});
