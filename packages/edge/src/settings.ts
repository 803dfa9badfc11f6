/** What an edge is told at its start. */
import type { TlsSettings } from './tls/tls-settings.js';

export interface EdgeSettings {
  readonly edgeId: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Key of the proofs of station passwords; see contract's secret. */
  readonly pepper: string;
  readonly partitions: number;
  readonly maxSessions: number;
  /** Largest frame of a charger in bytes; over it the socket closes with 1009. */
  readonly maxFrameBytes: number;
  /** Seconds between pings where a station has no policy of its own. */
  readonly pingSeconds: number;
  /** How long a charger's CALL is sent again until it is given up, ms. */
  readonly callTimeoutMs: number;
  /** Quiet time after connecting before a BootNotification is asked for, ms (field.md 24, 25). */
  readonly settleMs: number;
  /** How often a session says again that it holds its station, ms. Default five minutes. */
  readonly claimMs?: number | undefined;
  /** Upgrades taken per second, and at once after a quiet time. */
  readonly connectRate: number;
  readonly connectBurst: number;
  /** How the edge ends: so long it is not ready yet serves, ms; then sockets closed per second, and all closed by then, ms. */
  readonly drainDelayMs: number;
  readonly drainPerSecond: number;
  readonly drainDeadlineMs: number;
  /** Listeners below TLS; absent: none. */
  readonly tls?: TlsSettings | undefined;
}
