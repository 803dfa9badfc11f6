/** What all sessions of one edge share. */
import type { Bus } from '@sigec/bus';
import type { CounterSeries, Labelled, Logger, Metrics } from '@sigec/runtime';
import type { Lockout } from './guard/lockout.js';
import type { Pressure } from './guard/pressure.js';
import type { Session } from './session.js';
import type { EdgeSettings } from './settings.js';
import type { Uplink } from './uplink.js';

const FRAME_KINDS = ['call', 'send', 'result', 'error', 'resultError', 'malformed', 'command'] as const;
type FrameKind = (typeof FRAME_KINDS)[number];

export interface EdgeCounts {
  readonly frames: Readonly<Record<FrameKind, CounterSeries>>;
  readonly malformed: Labelled<CounterSeries, 'reason'>;
  readonly commands: Labelled<CounterSeries, 'outcome'>;
  readonly reusedIds: CounterSeries;
  readonly refused: Labelled<CounterSeries, 'reason'>;
  readonly shed: Labelled<CounterSeries, 'what'>;
  readonly lockouts: CounterSeries;
  readonly drained: Labelled<CounterSeries, 'how'>;
}

export interface EdgeContext {
  readonly bus: Bus;
  readonly uplink: Uplink;
  readonly settings: EdgeSettings;
  readonly logger: Logger;
  readonly counts: EdgeCounts;
  readonly pressure: Pressure;
  readonly lockout: Lockout;
  /** See clock.ts. */
  readonly stamp: () => number;
  /** A message id for a CALL of ours. */
  readonly messageId: () => string;
  /** The session has deadlines to watch: it is ticked often until it says that it is quiet. */
  attend(session: Session): void;
  sessionClosed(session: Session, code: number): void;
  /** The last CALL of the charger was answered and none waits. */
  sessionIdle(session: Session): void;
}

export function edgeCounts(metrics: Metrics): EdgeCounts {
  const frames = metrics.counter({ name: 'sigec_edge_frames_total', help: 'OCPP frames by kind', labels: ['kind'] });
  return {
    // Each series is held on to: a frame is counted without looking it up.
    frames: Object.fromEntries(FRAME_KINDS.map((kind) => [kind, frames.with({ kind })])) as EdgeCounts['frames'],
    malformed: metrics.counter({
      name: 'sigec_edge_malformed_total',
      help: 'Frames that are none, by reason',
      labels: ['reason'],
    }),
    commands: metrics.counter({
      name: 'sigec_edge_commands_total',
      help: 'Commands by how they ended',
      labels: ['outcome'],
    }),
    reusedIds: metrics.counter({
      name: 'sigec_edge_reused_ids_total',
      help: 'Message ids that came again with another payload',
    }),
    refused: metrics.counter({
      name: 'sigec_edge_refused_total',
      help: 'Upgrades refused, by reason',
      labels: ['reason'],
    }),
    shed: metrics.counter({
      name: 'sigec_edge_shed_total',
      help: 'What was not done as there was too much to do: connections, log records, heartbeats and status answered here',
      labels: ['what'],
    }),
    lockouts: metrics.counter({
      name: 'sigec_edge_lockouts_total',
      help: 'Failed attempts to connect after which the next has to wait',
    }),
    drained: metrics.counter({
      name: 'sigec_edge_drained_total',
      help: 'Sessions closed as the edge drained: idle, or busy at its deadline',
      labels: ['how'],
    }),
  };
}
