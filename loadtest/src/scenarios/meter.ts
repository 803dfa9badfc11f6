/** Meter values of running transactions, two sampled values each. For the cost of a commit. */
import { CALL } from '../ocpp/calls.js';
import { call, type Scenario } from './scenario.js';

const LOOP = [call(CALL.meter)];

export const meter: Scenario = {
  name: 'meter',
  summary: {
    en: 'each station starts a transaction, then sends meter values in it (MeterValues; TransactionEvent Updated)',
    pt: 'cada estação inicia uma transação e envia medições nela (MeterValues; TransactionEvent Updated)',
  },
  pacing: 'closed',
  setup: [call(CALL.start)],
  loop: LOOP,
  transactions: true,
};
