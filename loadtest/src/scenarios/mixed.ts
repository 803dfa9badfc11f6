/** A day of a public fleet, compressed: heartbeats, sessions by the hour, and connections that drop. */
import { CALL } from '../ocpp/calls.js';
import { call, type LoopContext, type Op, pause, type Scenario, times } from './scenario.js';

/** The day as it is, before it is compressed. */
const PROFILE = {
  heartbeatSeconds: 300,
  meterSeconds: 60,
  /** Meter values of one session: from, to. */
  sessionMeters: [10, 50],
  sessionsPerDay: 2.4,
  dropsPerDay: 3,
  /** Share of the day's sessions that begin in each hour, from midnight. */
  sessionsByHour: [1, 1, 1, 1, 1, 2, 4, 7, 8, 7, 6, 6, 7, 6, 5, 5, 6, 8, 9, 8, 6, 4, 2, 1],
  /** Hour at which the load begins. */
  firstHour: 7,
} as const;

const DAY_SECONDS = 86_400;
const BEATS_PER_DAY = DAY_SECONDS / PROFILE.heartbeatSeconds;
const BEATS_PER_HOUR = BEATS_PER_DAY / 24;
const WEIGHTS = PROFILE.sessionsByHour.reduce((sum, weight) => sum + weight, 0);

function hourOf(round: number): number {
  return (PROFILE.firstHour + Math.floor((round * PROFILE.heartbeatSeconds) / 3600)) % 24;
}

function loop({ random, round, dayMs }: LoopContext): readonly Op[] {
  const ms = (seconds: number) => (seconds / DAY_SECONDS) * dayMs;
  const beat = pause(ms(PROFILE.heartbeatSeconds * (0.5 + random())));
  if (random() < PROFILE.dropsPerDay / BEATS_PER_DAY) return [beat, { op: 'reconnect' }];
  const share = (PROFILE.sessionsByHour[hourOf(round)] ?? 0) / WEIGHTS;
  if (random() >= (PROFILE.sessionsPerDay * share) / BEATS_PER_HOUR) return [beat, call(CALL.heartbeat)];
  const [from, to] = PROFILE.sessionMeters;
  return [
    beat,
    call(CALL.occupied),
    call(CALL.authorize),
    call(CALL.start),
    ...times(from + Math.floor(random() * (to - from + 1)), pause(ms(PROFILE.meterSeconds)), call(CALL.meter)),
    call(CALL.stop),
    call(CALL.available),
  ];
}

export const mixed: Scenario = {
  name: 'mixed',
  summary: {
    en: "a fleet's day, compressed into --day: heartbeats, statuses, sessions, drops; begins at 7 o'clock",
    pt: 'um dia da frota, comprimido em --day: heartbeats, status, sessões, quedas; começa às 7 horas',
  },
  pacing: 'natural',
  setup: [call(CALL.available)],
  loop,
  transactions: true,
};
