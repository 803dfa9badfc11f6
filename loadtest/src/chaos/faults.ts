/** The room of the faults there are, and of what one is told. */

export const FAULT_KINDS = [
  /** SIGKILL, and started again at the end. */
  'kill',
  /** SIGSTOP, SIGCONT at the end. */
  'freeze',
  /** SIGTERM, and started again at once. */
  'restart',
  /** Every connection is reset, none is let in. */
  'cut',
  'slow',
  /** One direction is lost. */
  'half-open',
  /** Not a byte is left for PostgreSQL. */
  'disk-full',
  /** The clocks of some chargers jump; the rest of the run they stay so. */
  'clock',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** A process (`edge 1`), a link (`worker 2>nats`), or `chargers`. */
  readonly target: string;
  /** Since the schedule began, ms. */
  readonly atMs: number;
  readonly durationMs: number;
  /** `slow`. */
  readonly latencyMs?: number;
  readonly bytesPerSecond?: number;
  /** `half-open`: which direction loses what is sent, seen from the first of the link. */
  readonly lost?: 'up' | 'down';
  /** `clock`: by how much, and whose: those whose number leaves this rest when divided by five. */
  readonly jumpMs?: number;
  readonly fifth?: number;
}

/** How long a target is busy with a fault, its return included. */
export function busyUntil(fault: Fault): number {
  return fault.atMs + fault.durationMs + RETURN_MS[fault.kind];
}

/** What the return of a target is planned to take, ms. */
const RETURN_MS: Readonly<Record<FaultKind, number>> = {
  kill: 4000,
  freeze: 1000,
  restart: 6000,
  cut: 1500,
  slow: 500,
  'half-open': 1500,
  'disk-full': 4000,
  clock: 0,
};
