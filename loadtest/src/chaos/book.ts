/** The room of what the chargers know: each session, each message of it, and what they were told. */
import type { Version } from '../ocpp/calls.js';

/** One message that carries money. */
export interface EventBook {
  readonly kind: 'start' | 'meter' | 'stop';
  /** In its session, from 0 on. 1.6 does not send it. */
  readonly seqNo: number;
  /** As the charger's clock told it, ms since 1970. */
  readonly atMs: number;
  readonly registerMWh: number;
  /** The charger got the CALLRESULT: from now on it may forget the message. */
  acked: boolean;
  /** Times it was sent. */
  sent: number;
}

/** One session, from the plug to the plug. */
export interface SessionBook {
  /** 2.x its own; 1.6 what the answer to its start said, null until then. */
  transactionId: string | null;
  readonly idToken: string;
  readonly events: EventBook[];
}

/** A command that a charger got, by message id. */
export interface GotCommand {
  times: number;
  /** An answer was given to the socket. */
  answered: boolean;
}

/** What one charger can swear to. */
export interface ChargerBook {
  readonly identity: string;
  readonly version: Version;
  /** It holds an open socket now. */
  connected: boolean;
  readonly sessions: readonly SessionBook[];
  readonly commands: ReadonlyMap<string, GotCommand>;
  /** What it was told that cannot be, e.g. two numbers for one start. */
  readonly oddities: readonly string[];
}

/** One command as the operator saw it. */
export interface CommandBook {
  readonly identity: string;
  readonly atMs: number;
  /** HTTP status; 0: the connection broke, so its end is known; -1: silence. */
  readonly status: number;
  /** The OCPP message id, where the answer told it. */
  readonly messageId: string | null;
  /** Code of the problem, e.g. `charger-offline`. */
  readonly problem: string | null;
  readonly ms: number;
}
