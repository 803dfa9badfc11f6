/** Stations that are there. For the cost of a connection. */
import { CALL } from '../ocpp/calls.js';
import { call, type Scenario } from './scenario.js';

const LOOP = [call(CALL.heartbeat)];

export const idle: Scenario = {
  name: 'idle',
  summary: {
    en: 'connect, boot, stay; heartbeats only with --interval',
    pt: 'conecta, inicializa e fica; heartbeats só com --interval',
  },
  pacing: 'natural',
  setup: [],
  loop: LOOP,
  silentUnlessPaced: true,
};
