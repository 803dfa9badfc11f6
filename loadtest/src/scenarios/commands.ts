/** The other direction: the CSMS commands, the swarm answers. Heartbeats beside it with --interval. */
import { CALL } from '../ocpp/calls.js';
import { call, type Scenario } from './scenario.js';

const LOOP = [call(CALL.heartbeat)];

export const commands: Scenario = {
  name: 'commands',
  summary: {
    en: 'commands through the REST API (--api) to random stations, which answer; latency is that of the HTTP call',
    pt: 'comandos pela API REST (--api) a estações sorteadas, que respondem; a latência é a da chamada HTTP',
  },
  pacing: 'natural',
  setup: [],
  loop: LOOP,
  silentUnlessPaced: true,
  driver: 'commands',
};
