/** The states of a session, and the only ways between them. docs/architecture.md draws this table. */

/**
 * authenticating: the upgrade waits for the worker's word (no session object yet). claiming: the socket is open and
 * subscribed, its own claim not yet seen. active: it is the holder. closing: a close was asked for. closed: no socket.
 */
export type SessionState = 'authenticating' | 'claiming' | 'active' | 'closing' | 'closed';

export const TRANSITIONS: Readonly<Record<SessionState, readonly SessionState[]>> = {
  authenticating: ['claiming', 'closed'],
  claiming: ['active', 'closing', 'closed'],
  active: ['closing', 'closed'],
  closing: ['closed'],
  closed: [],
};

/** @throws {Error} for a step that the table does not have: a mistake of ours, never a charger's */
export function step(from: SessionState, to: SessionState): SessionState {
  if (!TRANSITIONS[from].includes(to)) throw new Error(`session cannot go from ${from} to ${to}`);
  return to;
}
