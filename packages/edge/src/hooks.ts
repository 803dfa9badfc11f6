/** What every listener tells the edge, and what the edge holds of it: plain, TLS and mutual TLS are alike to a session. */
import { CLOSE } from '@sigec/contract';
import type { Decision, Refused, UpgradeRequest } from './accept.js';
import type { Session } from './session.js';
import type { Socket } from './socket.js';

export type Accepted = Extract<Decision, { ok: true }>;

export interface ListenerHooks {
  /** Whether a further socket may be taken at all; why not where not. Costs nothing. */
  readonly refuseEarly: () => Refused | null;
  readonly check: (request: UpgradeRequest, decide: (decision: Decision) => void) => void;
  /** An admitted station whose socket went away before the upgrade was done. */
  readonly vanished: (decision: Accepted) => void;
  readonly create: (decision: Accepted) => Session;
  readonly refused: (refused: Refused, address: string) => void;
  /** Told that an upgrade failed for a reason of ours. */
  readonly lost: (error: unknown) => void;
  /** Told what a session threw, which would end the process. */
  readonly failed: (session: Session, error: unknown) => void;
}

export interface Listener {
  readonly port: number;
  /** Takes no new connections; those that are open stay. */
  stopListening(): void;
  close(): void;
}

/** Bytes a slow charger may leave unread before messages are dropped and its session closed. */
export const BACKPRESSURE_BYTES = 1024 * 1024;

/** What a socket that went away says: nothing (RFC 6455 section 7.1.5). */
export const GONE = 1006;

/** Told to a station whose session a drain ended before its upgrade was done. */
export const DRAINED = {
  status: 'unavailable',
  cause: 'draining',
  reason: 'closed before its upgrade was done',
} as const;

/** Over this a socket is cut without a word; between the two sizes it is closed with 1009, as chargers can log. */
export const cutOver = (maxFrameBytes: number): number => Math.max(maxFrameBytes * 4, 1024 * 1024);

/** Begins the session of an open socket; `session` null: the handshake was completed only to be closed. */
export function welcome(session: Session | null, socket: Socket, hooks: ListenerHooks): void {
  if (session === null) socket.end(CLOSE.protocol, 'no OCPP subprotocol in common');
  else guarded(session, hooks, (one) => one.open(socket));
}

/** What a session throws is its own affair. */
export function guarded(session: Session, hooks: ListenerHooks, work: (session: Session) => void): void {
  try {
    work(session);
  } catch (error) {
    hooks.failed(session, error);
  }
}
