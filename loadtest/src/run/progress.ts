/** The room of how a run stands, second by second. */

export type Phase = 'connecting' | 'warmup' | 'load' | 'cut' | 'draining' | FleetPhase;

/** Of a fleet's run, in their order. */
export type FleetPhase = 'servers' | 'connect' | 'idle' | 'commands' | 'hold' | 'cut' | 'kill' | 'checks';

export interface Progress {
  readonly phase: Phase;
  /** Since the run began. */
  readonly seconds: number;
  /** Answers in the last second, and their latency in milliseconds. */
  readonly rate: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly connected: number;
  readonly ready: number;
  readonly stations: number;
  readonly faults: number;
  readonly retries: number;
  /** Busiest process of the swarm, 0 to 1. */
  readonly utilisation: number;
}
