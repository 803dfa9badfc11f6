/** What can go wrong with the bus, one class per failure. `temporary` says whether trying again can help. */

/** The root of all of them. */
export abstract class BusError extends Error {
  abstract readonly temporary: boolean;
}

/** Nobody listens on the subject; the bus said so at once. */
export class NoRespondersError extends BusError {
  override readonly name = 'NoRespondersError';
  readonly temporary = true;
  constructor(readonly subject: string) {
    super(`nobody listens on ${subject}`);
  }
}

/** No answer in time: what was asked for may or may not have happened. */
export class BusTimeoutError extends BusError {
  override readonly name = 'BusTimeoutError';
  readonly temporary = true;
  constructor(
    readonly subject: string,
    readonly timeoutMs: number,
  ) {
    super(`no answer on ${subject} in ${timeoutMs} ms`);
  }
}

/** The bus is disconnected, closed, or takes less than is published. */
export class BusUnavailableError extends BusError {
  override readonly name = 'BusUnavailableError';
  readonly temporary = true;
}

/** The message is larger than the bus takes. */
export class BusPayloadError extends BusError {
  override readonly name = 'BusPayloadError';
  readonly temporary = false;
  constructor(
    readonly size: number,
    readonly maxPayload: number,
  ) {
    super(`data: ${size} bytes, and the bus takes ${maxPayload}`);
  }
}

/** The text cannot be a subject here. */
export class BusSubjectError extends BusError {
  override readonly name = 'BusSubjectError';
  readonly temporary = false;
}
