/** Codes that leave the process: WebSocket close codes of ours, refusals of an upgrade, and how a command ends. */

/**
 * Close codes. The range tells the charger's vendor (and our simulator) whether to come back:
 * 1001, 1012 and 40xx at once, 41xx after a back-off, 45xx not before somebody acts.
 */
export const CLOSE = {
  /** RFC 6455: the server goes away, another takes over. */
  goingAway: 1001,
  /** RFC 6455: protocol error; here: no OCPP subprotocol in common. */
  protocol: 1002,
  /** RFC 6455: frame over the size limit (uWebSockets.js sends it itself). */
  tooBig: 1009,
  /** RFC 6455 registry: service restart; come back. */
  restart: 1012,
  /** The pong did not come in time. */
  unresponsive: 4000,
  /** The session was lost on our side; a fresh connection mends it. */
  sessionLost: 4001,
  /** More CALLs were sent without waiting for answers than the queue holds. */
  tooManyCalls: 4100,
  /** The socket does not read what is sent to it. */
  slowReader: 4101,
  /** A newer authenticated connection of the same station took over. */
  replaced: 4500,
  /** The station was blocked or deleted. */
  blocked: 4501,
} as const;

/** How the check of an upgrade ended. Anything but `accepted` is an HTTP answer and a logged reason. */
export type ConnectStatus =
  | 'accepted'
  | 'unauthorized'
  | 'forbidden'
  | 'unknown'
  | 'unsupported'
  /** Nobody can look at it now: the bus is away, the edge is full, drains or has enough to do. */
  | 'unavailable'
  /** It comes too often: the flap breaker is open for this station, or a wrong password was tried too often. */
  | 'throttled';

/**
 * HTTP status of each {@link ConnectStatus}. Without a common subprotocol OCPP wants the handshake completed and the
 * socket closed at once (1.6-J section 3.1.2; 2.x part 4 section 3.3), so `unsupported` is a 101 too.
 */
export const CONNECT_HTTP: Readonly<Record<ConnectStatus, number>> = {
  accepted: 101,
  unauthorized: 401,
  forbidden: 403,
  unknown: 404,
  unsupported: 101,
  unavailable: 503,
  throttled: 503,
};
