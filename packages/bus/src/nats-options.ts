/** What a connection to NATS is told. */
import type { Logger, Metrics } from '@sigec/runtime';

export interface NatsOptions {
  /** `nats://user:password@host:4222`, or `tls://`; several servers of one cluster separated by commas. */
  readonly url: string;
  /** How the connection calls itself at the server. */
  readonly name: string;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Ends the waiting for a first connection. */
  readonly signal?: AbortSignal;
  /** Copies of the event stream, where this process is the one to make it (1). */
  readonly eventReplicas?: number;
  /** Most bytes the event stream keeps, where this process is the one to make it (1 GiB). */
  readonly eventMaxBytes?: number;
}
