/** The room of the least a 2.1 station answers to the actions 2.1 added to those of 2.0.1. */
import { type Json, read } from '../json.js';
import type { Answer, Answers } from '../station.js';
import { ANSWERS_201 } from './ocpp201.js';

const status = (word: string, needs: Answer['needs'] = {}): Answer => ({ needs, answer: () => ({ status: word }) });

export const ANSWERS_21: Answers = {
  ...ANSWERS_201,
  AdjustPeriodicEventStream: status('Rejected', { id: 'integer', params: 'object' }),
  AFRRSignal: status('Rejected', { timestamp: 'string', signal: 'integer' }),
  ChangeTransactionTariff: status('TxNotFound', { transactionId: 'string', tariff: 'object' }),
  ClearDERControl: status('NotSupported', { isDefault: 'boolean' }),
  ClearTariffs: {
    needs: {},
    answer: (payload) => {
      const ids = Array.isArray(payload.tariffIds) ? payload.tariffIds : [];
      const none = { status: 'NoTariff' };
      return {
        clearTariffsResult: ids.length === 0 ? [none] : ids.map((tariffId: Json) => ({ ...none, tariffId })),
      };
    },
  },
  GetDERControl: status('NotSupported', { requestId: 'integer' }),
  GetPeriodicEventStream: { needs: {}, answer: () => ({}) },
  GetTariffs: status('NoTariff', { evseId: 'integer' }),
  NotifyAllowedEnergyTransfer: status('Rejected', { transactionId: 'string', allowedEnergyTransfer: 'array' }),
  NotifyWebPaymentStarted: { needs: { evseId: 'integer', timeout: 'integer' }, answer: () => ({}) },
  RequestBatterySwap: status('Rejected', { idToken: 'object', requestId: 'integer' }),
  SetDefaultTariff: status('Rejected', { evseId: 'integer', tariff: 'object' }),
  SetDERControl: status('NotSupported', { isDefault: 'boolean', controlId: 'string', controlType: 'string' }),
  // A vehicle-to-grid schedule cannot be followed here, and saying so leaves the platform free to plan without it.
  UpdateDynamicSchedule: status('Rejected', { chargingProfileId: 'integer', scheduleUpdate: 'object' }),
  UsePriorityCharging: {
    needs: { transactionId: 'string', activate: 'boolean' },
    answer: (payload) => ({ status: read.str(payload, 'transactionId') === '' ? 'Rejected' : 'NoProfile' }),
  },
};
