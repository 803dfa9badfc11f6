/** For tests of what real chargers do: the messages of a session, as the field notes' lines need them. */
import type { RequestOf } from '@sigec/ocpp';
import { at, Plain } from './plain.js';

export type Event = RequestOf<'ocpp2.0.1', 'TransactionEvent'>;

export const start = (meterStart: number, seconds = 0, more: object = {}) => ({
  connectorId: 1,
  idTag: 'CARD',
  meterStart,
  timestamp: at(seconds),
  ...more,
});
export const stop = (transactionId: unknown, meterStop: number, seconds: number, more: object = {}) => ({
  transactionId,
  meterStop,
  timestamp: at(seconds),
  ...more,
});
export const reading16 = (seconds: number, value: string, more: object = {}) => ({
  timestamp: at(seconds),
  sampledValue: [{ value, ...more }],
});
export const reading = (seconds: number, value: number, more: object = {}) => ({
  timestamp: at(seconds),
  sampledValue: [{ value, ...more }],
});
export function event(seqNo: number, eventType: Event['eventType'], seconds: number, more: Partial<Event> = {}): Event {
  return {
    eventType,
    timestamp: at(seconds),
    triggerReason: 'Trigger',
    seqNo,
    transactionInfo: { transactionId: 'T1' },
    evse: { id: 1, connectorId: 1 },
    ...more,
  };
}
export const accepted = () => new Plain().token('CARD');
export const begun = (meterStart = 1000) => {
  const plain = accepted();
  const { transactionId } = plain.say('ocpp1.6', 'StartTransaction', start(meterStart));
  return { plain, transactionId };
};
