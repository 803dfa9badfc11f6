/** Transactions that last: what an event costs does not grow with those before it. */
import { expect, it } from 'vitest';
import { at, Plain } from '../testing/plain.js';

const EVENTS = 5_000;

/** How much of a transaction is read and written with each of its events. */
const sizeOf = (plain: Plain): number => JSON.stringify(plain.only).length;

it('34: an event late in a long transaction reads and writes as much as an early one', () => {
  const plain = new Plain();
  const event = (seqNo: number, eventType: 'Started' | 'Updated') =>
    plain.say('ocpp2.0.1', 'TransactionEvent', {
      eventType,
      timestamp: at(seqNo * 5),
      triggerReason: 'MeterValuePeriodic',
      seqNo,
      transactionInfo: { transactionId: 'long', chargingState: 'Charging' },
      evse: { id: 1, connectorId: 1 },
      meterValue: [{ timestamp: at(seqNo * 5), sampledValue: [{ value: 1_000 + seqNo }] }],
    });
  event(0, 'Started');
  for (let seqNo = 1; seqNo <= 20; seqNo++) event(seqNo, 'Updated');
  const early = sizeOf(plain);
  for (let seqNo = 21; seqNo <= EVENTS; seqNo++) event(seqNo, 'Updated');
  // A few digits more, no list of what was.
  expect(sizeOf(plain)).toBeLessThan(early + 60);
  expect(plain.energy).toBe(EVENTS);
  // One of them again changes nothing, however long ago it was.
  event(7, 'Updated');
  expect(plain.energy).toBe(EVENTS);
});

it('34: the same in 1.6, where samples have no numbers', () => {
  const plain = new Plain().token('CARD');
  plain.say('ocpp1.6', 'StartTransaction', { connectorId: 1, idTag: 'CARD', meterStart: 0, timestamp: at(0) });
  const transactionId = plain.only.id;
  const sample = (n: number) =>
    plain.say('ocpp1.6', 'MeterValues', {
      connectorId: 1,
      transactionId,
      meterValue: [{ timestamp: at(n * 5), sampledValue: [{ value: String(n) }] }],
    });
  for (let n = 1; n <= 100; n++) sample(n);
  const early = sizeOf(plain);
  for (let n = 101; n <= EVENTS; n++) sample(n);
  expect(sizeOf(plain)).toBeLessThan(early * 1.5 + 100);
  expect(plain.energy).toBe(EVENTS);
});
