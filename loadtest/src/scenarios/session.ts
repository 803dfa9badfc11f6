/** Whole charging sessions, one after the other. */
import { CALL } from '../ocpp/calls.js';
import { call, type Scenario, times } from './scenario.js';

export const session: Scenario = {
  name: 'session',
  summary: {
    en: 'whole sessions: status, authorize, start, meter values (--meters), stop, status',
    pt: 'sessões inteiras: status, autorização, início, medições (--meters), fim, status',
  },
  pacing: 'closed',
  setup: [call(CALL.available)],
  loop: ({ meters }) => [
    call(CALL.occupied),
    call(CALL.authorize),
    call(CALL.start),
    ...times(meters, call(CALL.meter)),
    call(CALL.stop),
    call(CALL.available),
  ],
  transactions: true,
};
