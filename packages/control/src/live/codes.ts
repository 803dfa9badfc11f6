/**
 * Why a live connection ends. As at the edge, the range says whether to come back: 10xx and 40xx at once, 41xx after a pause,
 * 45xx not before somebody acts. Server-Sent Events tell the same number in their last event.
 */
export const LIVE_CLOSE = {
  /** RFC 6455: this process ends, another serves. */
  goingAway: 1001,
  /** RFC 6455: what came is not a message of this protocol. */
  policy: 1008,
  /** RFC 6455 registry: the bus or the database is away. */
  tryLater: 1013,
  /** No pong came. */
  unresponsive: 4000,
  /** Events are missing between the last and the next, or the stream was made anew: whoever resumes is told which. */
  streamBroken: 4001,
  /** The time of the token is over: come back with a fresh one. */
  tokenExpired: 4002,
  /** What the person may see has changed: come back, and subscribe what is left or new. */
  grantsChanged: 4003,
  /** The reader takes less than is sent to it; it resumes from its last position. */
  slowReader: 4101,
  /** The tenant, the person or the process has as many connections as it may. */
  tooMany: 4102,
  /** No token came in time. */
  noToken: 4103,
  /** The token is none of ours, or another person's than the one before. */
  unauthorized: 4500,
} as const;

export type LiveClose = (typeof LIVE_CLOSE)[keyof typeof LIVE_CLOSE];
