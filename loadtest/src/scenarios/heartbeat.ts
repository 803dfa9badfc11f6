/** The smallest message there is. For the cost of the way. */
import { CALL } from '../ocpp/calls.js';
import { call, type Scenario } from './scenario.js';

const LOOP = [call(CALL.heartbeat)];

export const heartbeat: Scenario = {
  name: 'heartbeat',
  summary: { en: 'Heartbeat after Heartbeat', pt: 'um Heartbeat depois do outro' },
  pacing: 'closed',
  setup: [],
  loop: LOOP,
};
