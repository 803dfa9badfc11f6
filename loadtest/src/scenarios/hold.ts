/**
 * A fleet that is held: every station beats once in an interval, and a share of them charges and sends meter values
 * between the beats. The schedule is fixed beforehand (open loop), each station with its own phase.
 */
import { CALL } from '../ocpp/calls.js';
import { call, type LoopContext, type Op, pause, type Scenario } from './scenario.js';

const BEAT = call(CALL.heartbeat);
/** Without a transaction that runs it is the start of one. */
const METER = call(CALL.meter);

/** Whether a station charges; the same in every load, and spread over identities and versions. */
export function charges(number: number, share: number): boolean {
  return (Math.imul(number + 1, 0x9e3779b1) >>> 0) / 2 ** 32 < share;
}

function loop({ random, number, round, heartbeatMs, meterMs, charging }: LoopContext): readonly Op[] {
  if (round === 0) return [pause(random() * heartbeatMs)];
  if (!charges(number, charging)) return [BEAT, pause(heartbeatMs)];
  const meters = Math.max(1, Math.round(heartbeatMs / meterMs));
  const gap = heartbeatMs / meters;
  const ops: Op[] = [BEAT, pause(gap / 2)];
  for (let k = 1; k < meters; k++) ops.push(METER, pause(gap));
  ops.push(METER, pause(gap / 2));
  return ops;
}

export const hold: Scenario = {
  name: 'hold',
  summary: {
    en: 'heartbeats of all, meter values of those that charge',
    pt: 'heartbeats de todas, medições das que carregam',
  },
  pacing: 'natural',
  setup: [],
  loop,
  transactions: true,
};
