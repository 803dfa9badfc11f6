/** Display messages, grid control, battery swaps and settlements as chargers tell them. */
import type { RequestOf } from '@sigec/ocpp';
import type { SwapState } from '@sigec/store';
import { describe, expect, it } from 'vitest';
import { CallRefused } from '../../handler.js';
import { BATTERY, CURVE, FULL_MESSAGE, MESSAGE, REPORT, SETTLEMENT } from '../../testing/energy-samples.js';
import { at, type Message, NOW, openRequest, Plain } from '../../testing/plain.js';

const V = 'ocpp2.1' as const;
const asked = (requestId: number, action: string, more = {}) =>
  new Plain().know('request', { stationId: 1, requestId }, openRequest(requestId, action, more));
const kinds = (plain: Plain) => plain.events.map(({ kind }) => kind);

describe.each(['ocpp2.0.1', 'ocpp2.1'] as const)('NotifyDisplayMessages of %s', (version) => {
  const part = (messageInfo: object[], tbc?: boolean) => ({
    version,
    action: 'NotifyDisplayMessages',
    payload: { requestId: 4, messageInfo, ...(tbc === undefined ? {} : { tbc }) },
  });

  it('stores each message, gathers the parts, and ends with the last', () => {
    const plain = asked(4, 'GetDisplayMessages');
    expect(plain.batch(part([FULL_MESSAGE], true), part([MESSAGE]))).toEqual([{}, {}]);
    expect(plain.facts.displayMessage).toMatchObject([
      {
        messageId: 8,
        priority: 'AlwaysFront',
        state: 'Charging',
        startsAt: NOW,
        endsAt: NOW + 60_000,
        ocppTransactionId: 'T1',
        display: { name: 'Display' },
        contents: [{ format: 'UTF8', language: 'pt-BR', content: 'Carregando' }],
      },
      { messageId: 7, state: null, startsAt: null, display: null, contents: [{ format: 'UTF8', content: 'Olá' }] },
    ]);
    expect(plain.facts.requestPart).toMatchObject([{ seqNo: 0 }, { seqNo: 1 }]);
    expect(plain.facts.requestState?.at(-1)).toMatchObject({ status: 'complete', parts: 2 });
    expect(plain.facts.displaySweep).toEqual([{ request: 40 }]);
    expect(kinds(plain)).toEqual(['request.running', 'display.reported', 'request.complete', 'display.reported']);
  });

  it('takes a part that comes again once, in a batch or later', () => {
    const plain = asked(4, 'GetDisplayMessages');
    plain.batch(part([MESSAGE], true), part([MESSAGE], true));
    expect(plain.facts.requestPart).toHaveLength(1);
    const later = asked(4, 'GetDisplayMessages', { parts: 1 });
    later.know('lastPart', { stationId: 1, requestId: 4 }, [MESSAGE]);
    later.batch(part([MESSAGE], true));
    expect(later.facts).toEqual({});
  });

  it('changes nothing after the end', () => {
    const plain = asked(4, 'GetDisplayMessages', { status: 'complete', parts: 1, endedAt: NOW });
    expect(plain.batch(part([MESSAGE]))).toEqual([{}]);
    expect([plain.facts, plain.events]).toEqual([{}, []]);
  });

  it('is refused for a request that nobody made, or that asked for something else', () => {
    for (const plain of [new Plain(), asked(4, 'GetBaseReport')]) {
      expect(() => plain.batch(part([MESSAGE]))).toThrow(new CallRefused('property', 'requestId: no such request'));
      expect([plain.facts, plain.events]).toEqual([{}, []]);
    }
    const far = () => asked(4, 'GetDisplayMessages').batch(part([{ ...MESSAGE, id: 1e300 }]));
    expect(far).toThrow('messageInfo.0.id: a whole number of at most');
    const payload = { requestId: 1e300 };
    expect(() => new Plain().batch({ version, action: 'NotifyDisplayMessages', payload })).toThrow('no such request');
  });
});

describe('grid control', () => {
  it('a report names each control, whichever list it stood in', () => {
    const plain = asked(912, 'GetDERControl');
    expect(plain.say(V, 'ReportDERControl', { ...REPORT, tbc: false })).toEqual({});
    const controls = plain.facts.derControl ?? [];
    expect(controls.map((c) => [c.controlId, c.controlType, c.isDefault, c.superseded])).toEqual([
      ['volt-var', 'VoltVar', true, false],
      ['enter', 'EnterService', true, false],
      ['pf-a', 'FixedPFAbsorb', false, true],
      ['pf-i', 'FixedPFInject', false, true],
      ['var', 'FixedVar', false, true],
      ['droop', 'FreqDroop', false, true],
      ['gradient', 'Gradients', true, false],
      ['limit', 'LimitMaxDischarge', false, true],
    ]);
    expect(controls[0]).toMatchObject({ priority: 1, startsAt: null, content: CURVE.curve });
    expect(controls.at(-1)).toMatchObject({ startsAt: NOW, durationS: 600, content: { pctMaxDischargePower: 50 } });
    expect(plain.facts.derSweep).toEqual([{ request: 9120 }]);
    expect(plain.facts.requestState).toMatchObject([{ status: 'complete', parts: 1 }]);
    expect(() => new Plain().say(V, 'ReportDERControl', REPORT)).toThrow('requestId: no such request');
  });

  const alarm = (seconds: number, more: object = {}): Message => ({
    version: V,
    action: 'NotifyDERAlarm',
    payload: { controlType: 'HVMustTrip', timestamp: at(seconds), ...more },
  });

  it('an alarm begins once and ends once', () => {
    const plain = new Plain();
    const raised = alarm(0, { gridEventFault: 'OverVoltage', extraInfo: 'L1' });
    const ended = alarm(5, { alarmEnded: true });
    plain.batch(raised, raised, ended, ended);
    expect(plain.facts.derAlarm).toMatchObject([
      { raisedAt: NOW, endedAt: null, gridEventFault: 'OverVoltage', extraInfo: 'L1' },
      { raisedAt: NOW, endedAt: NOW + 5000, gridEventFault: 'OverVoltage', extraInfo: 'L1' },
    ]);
    expect(kinds(plain)).toEqual(['der-alarm.raised', 'der-alarm.ended']);
  });

  it('an end alone is an alarm whose beginning nobody told; an end of before ends nothing', () => {
    const plain = new Plain();
    plain.batch(alarm(5, { alarmEnded: true }), alarm(10), alarm(7, { alarmEnded: true }));
    expect(plain.facts.derAlarm).toMatchObject([
      { raisedAt: NOW + 5000, endedAt: NOW + 5000 },
      { raisedAt: NOW + 10_000, endedAt: null },
    ]);
  });

  it('a control starts, and says what it puts aside', () => {
    const plain = new Plain();
    const payload = { controlId: 'limit', started: true, timestamp: at(0), supersededIds: ['volt-var'] };
    expect(plain.say(V, 'NotifyDERStartStop', payload)).toEqual({});
    expect(plain.facts.derStartStop).toMatchObject([
      { controlId: 'limit', started: true, at: NOW, supersededIds: ['volt-var'] },
    ]);
    expect(kinds(plain)).toEqual(['der-control.started']);
  });
});

describe('BatterySwap', () => {
  type Swap = RequestOf<'ocpp2.1', 'BatterySwap'>;
  const swap = (eventType: Swap['eventType'], serialNumber: string, requestId = 5): Message & { payload: object } => ({
    version: V,
    action: 'BatterySwap',
    payload: {
      eventType,
      requestId,
      idToken: { idToken: 'CARD', type: 'ISO14443' },
      batteryData: [{ ...BATTERY, serialNumber }],
    },
  });
  const known: SwapState = {
    stationId: 1,
    requestId: 5,
    round: 1,
    status: 'accepted',
    source: 'requested',
    idToken: 'CARD',
    idTokenType: 'ISO14443',
    lastEvent: null,
    serials: [],
  };
  const key = { stationId: 1, requestId: 5 };
  const states = (plain: Plain) => plain.facts.batterySwap?.map((s) => [s.round, s.source, s.status]);

  it('one that was asked for goes on under its number', () => {
    const plain = new Plain().know('swap', key, known);
    plain.batch(swap('BatteryIn', 'A'), swap('BatteryIn', 'A'), swap('BatteryOut', 'B'), swap('BatteryOut', 'B'));
    expect(states(plain)).toEqual([
      [1, 'requested', 'in'],
      [1, 'requested', 'out'],
    ]);
    expect(plain.facts.batterySwapBattery?.map((b) => [b.event, b.serialNumber, b.soc, b.soh])).toEqual([
      ['BatteryIn', 'A', 12, 97],
      ['BatteryOut', 'B', 12, 97],
    ]);
    expect(kinds(plain)).toEqual(['battery-swap.in', 'battery-swap.out']);
  });

  it('one that nobody asked for is the own of the station, which may use its number again', () => {
    const plain = new Plain();
    plain.batch(swap('BatteryIn', 'A'), swap('BatteryOutTimeout', 'B'), swap('BatteryIn', 'C'));
    expect(states(plain)).toEqual([
      [1, 'station', 'in'],
      [1, 'station', 'timeout'],
      [2, 'station', 'in'],
    ]);
  });

  it('takes several batteries under one number, and an event after a refusal as a swap of its own', () => {
    const plain = new Plain().know('swap', key, { ...known, status: 'rejected' });
    plain.batch(swap('BatteryIn', 'A'), swap('BatteryIn', 'B'));
    expect(states(plain)).toEqual([
      [2, 'station', 'in'],
      [2, 'station', 'in'],
    ]);
  });

  it('is refused where its numbers cannot be kept', () => {
    const plain = new Plain();
    expect(() => plain.batch(swap('BatteryIn', 'A', 1e300))).toThrow('requestId: a whole number of at most');
    const many = Array.from({ length: 201 }, () => BATTERY);
    const payload = { ...swap('BatteryIn', 'A').payload, batteryData: many };
    expect(() => plain.say(V, 'BatterySwap', payload)).toThrow('batteryData: too many');
    expect([plain.facts, plain.events]).toEqual([{}, []]);
  });
});

describe('NotifySettlement', () => {
  const settled = (more: object = {}): Message => ({
    version: V,
    action: 'NotifySettlement',
    payload: { ...SETTLEMENT, ...more },
  });

  it('is kept once, in minor units of the currency of its session', () => {
    const plain = new Plain().token('CARD');
    const transactionInfo = { transactionId: 'T1' };
    const begin = { eventType: 'Started', timestamp: at(0), triggerReason: 'Authorized', seqNo: 0, transactionInfo };
    plain.say(V, 'TransactionEvent', { ...begin, evse: { id: 1 }, idToken: { idToken: 'CARD', type: 'ISO14443' } });
    const told = settled({ transactionId: 'T1' });
    expect(plain.batch(told, told)).toEqual([{}, {}]);
    expect(plain.facts.settlement).toMatchObject([
      { amountMinor: 1234, currency: 'BRL', rounded: false, status: 'Settled', transactionId: plain.only.id },
    ]);
    expect(plain.events.at(-1)).toMatchObject({
      kind: 'settlement.settled',
      payload: { psp_ref: 'PSP-1', amount: { amount_minor: 1234, currency: 'BRL' } },
    });
  });

  it('says so where the charger told a fraction of a centavo, or a session that nobody knows', () => {
    const plain = new Plain();
    plain.batch(settled({ settlementAmount: 1.005, transactionId: 'T9' }));
    expect(plain.facts.settlement).toMatchObject([
      { amountMinor: 101, rounded: true, transactionId: null, ocppTransactionId: 'T9' },
    ]);
  });

  it('may succeed after it failed, and is never changed once it did', () => {
    const plain = new Plain();
    plain.batch(
      settled({ status: 'Failed' }),
      settled(),
      settled({ settlementAmount: 1 }),
      settled({ settlementAmount: 2 }),
    );
    expect(plain.facts.settlement?.map((s) => s.status)).toEqual(['Failed', 'Settled']);
    expect(plain.facts.settlementConflict).toEqual([{ stationId: 1, pspRef: 'PSP-1' }]);
    expect(kinds(plain)).toEqual(['settlement.failed', 'settlement.settled', 'settlement.conflict']);
  });

  it('is refused where the amount is beyond all money', () => {
    const plain = new Plain();
    expect(() => plain.batch(settled({ settlementAmount: 1e300 }))).toThrow('settlementAmount: too large');
    expect(plain.facts).toEqual({});
  });
});

describe('VatNumberValidation', () => {
  it.each([
    ['11.222.333/0001-81', { status: 'Accepted' }],
    ['NL123456789B01', { status: 'Accepted' }],
    ['11.222.333/0001-80', { status: 'Rejected', statusInfo: { reasonCode: 'InvalidCheckDigits' } }],
    ['abc', { status: 'Rejected', statusInfo: { reasonCode: 'InvalidFormat' } }],
    ['ZZ12345', { status: 'Rejected', statusInfo: { reasonCode: 'UnknownCountry' } }],
  ])('%s: %j, and nothing of the number is kept', (vatNumber, answer) => {
    const plain = new Plain();
    expect(plain.say(V, 'VatNumberValidation', { vatNumber, evseId: 1 })).toMatchObject({
      ...answer,
      vatNumber,
      evseId: 1,
    });
    expect(JSON.stringify([plain.events, plain.facts])).not.toContain(vatNumber);
    expect(plain.events).toHaveLength(1);
  });
});
