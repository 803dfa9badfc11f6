/** The room of the messages that every question is asked with: those that make nearly all of a fleet's traffic. */
import { createHash } from 'node:crypto';
import type { OcppVersion } from '@sigec/ocpp';

export const NOW = Date.UTC(2025, 5, 1, 12);
const AT = new Date(NOW).toISOString();
const EVSE = { id: 1, connectorId: 1 };

const sampled = (wh: number, w: number) => [
  { value: wh, context: 'Sample.Periodic', measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh' } },
  { value: w, context: 'Sample.Periodic', measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'W' } },
];

/** TransactionEvent Updated of 2.x, with two sampled values. */
export const transactionEvent = (transactionId: string, seqNo: number): object => ({
  eventType: 'Updated',
  timestamp: AT,
  triggerReason: 'MeterValuePeriodic',
  seqNo,
  offline: false,
  transactionInfo: { transactionId, chargingState: 'Charging' },
  evse: EVSE,
  meterValue: [{ timestamp: AT, sampledValue: sampled(1000 + seqNo, 7200) }],
});

/** MeterValues, with the same two sampled values. */
export const meterValues = (version: OcppVersion, transactionId: number): object =>
  version === 'ocpp1.6'
    ? {
        connectorId: 1,
        transactionId,
        meterValue: [
          {
            timestamp: AT,
            sampledValue: [
              { value: '1000', context: 'Sample.Periodic', measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
              { value: '7200', context: 'Sample.Periodic', measurand: 'Power.Active.Import', unit: 'W' },
            ],
          },
        ],
      }
    : { evseId: 1, meterValue: [{ timestamp: AT, sampledValue: sampled(1000, 7200) }] };

export const HEARTBEAT = {};
export const CURRENT_TIME = { currentTime: AT };

/** Message ids as chargers make them: 36 characters, each its own. */
export function messageId(n: number): string {
  const hex = createHash('sha256').update(`message ${n}`).digest('hex');
  return [8, 13, 18, 23].reduce((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex.slice(0, 32));
}

/** Some of each, so that no two calls in a row see the same text. A power of two, for {@link pick}. */
export const VARIANTS = 64;

export function variants<T>(make: (n: number) => T): readonly T[] {
  return Array.from({ length: VARIANTS }, (_none, n) => make(n));
}

export function pick<T>(list: readonly T[], turn: number): T {
  return list[turn & (VARIANTS - 1)] as T;
}
