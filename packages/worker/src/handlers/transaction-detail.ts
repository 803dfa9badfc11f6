/** What a TransactionEvent tells beside the meter (2.x 1.60; 2.1 adds cost, limits, operation mode), as far as it is news. */
import type { TransactionState } from '@sigec/domain';
import type { RequestOf } from '@sigec/ocpp';
import type { Unit } from '../unit.js';
import { INT32_MAX } from '../whole.js';

type Event = RequestOf<'ocpp2.1', 'TransactionEvent'>;

/** Reasons of the meter's own: the event holds readings and no more. */
const ORDINARY: ReadonlySet<string> = new Set(['MeterValuePeriodic', 'MeterValueClock']);

/** Reasons that somebody may want to hear of at once, for the event stream. */
const NEWS: ReadonlySet<string> = new Set([
  ...['AbnormalCondition', 'CostLimitReached', 'Deauthorized', 'EnergyLimitReached', 'EVCommunicationLost'],
  ...['EVConnectTimeout', 'EVDeparted', 'LimitSet', 'OperationModeChanged', 'ResetCommand', 'SoCLimitReached'],
  ...['TariffChanged', 'TariffNotAccepted', 'TimeLimitReached', 'TxResumed', 'UnlockCommand'],
]);

/** More of the charger's own reckoning than this is not kept. */
const MAX_COST_DETAILS = 32_768;

const whole = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.max(-INT32_MAX, Math.min(INT32_MAX, Math.round(value)));

/** Most events tell nothing but what was measured, and write nothing here. */
function isOrdinary(event: Event): boolean {
  return (
    event.eventType === 'Updated' &&
    ORDINARY.has(event.triggerReason) &&
    event.offline !== true &&
    event.costDetails === undefined &&
    event.preconditioningStatus === undefined &&
    event.evseSleep === undefined &&
    event.transactionInfo.operationMode === undefined &&
    event.transactionInfo.tariffId === undefined &&
    event.transactionInfo.transactionLimit === undefined
  );
}

function costDetails({ costDetails: told }: Event): unknown {
  return told === undefined || JSON.stringify(told).length > MAX_COST_DETAILS ? undefined : told;
}

/** Notes what an event told of the transaction, once per event. */
export function noteDetail(unit: Unit, { id, stationId }: TransactionState, event: Event): void {
  if (isOrdinary(event)) return;
  const { transactionInfo: info, eventType, triggerReason } = event;
  const limit = info.transactionLimit;
  unit.add('transactionDetail', {
    transactionId: id,
    offline: event.offline === true ? true : undefined,
    startTrigger: eventType === 'Started' ? triggerReason : undefined,
    stopTrigger: eventType === 'Ended' ? triggerReason : undefined,
    lastTrigger: triggerReason,
    chargingState: info.chargingState,
    secondsCharging: whole(info.timeSpentCharging),
    phasesUsed: whole(event.numberOfPhasesUsed),
    cableMaxA: whole(event.cableMaxCurrent),
    operationMode: info.operationMode,
    tariffId: info.tariffId,
    maxCost: limit?.maxCost,
    maxEnergyWh: limit?.maxEnergy,
    maxSeconds: whole(limit?.maxTime),
    maxSoc: whole(limit?.maxSoC),
    preconditioning: event.preconditioningStatus,
    evseSleep: event.evseSleep,
    costDetails: costDetails(event),
  });
  if (NEWS.has(triggerReason))
    unit.tell(stationId, 'transaction.noted', { transaction_id: String(id), trigger_reason: triggerReason });
}
