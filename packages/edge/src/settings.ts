/** What an edge is told at its start. */
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
}
