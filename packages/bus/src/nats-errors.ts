/** What the NATS client throws, as errors of the bus. */
import { ErrorCode, NatsError } from 'nats';
import { BusError, BusPayloadError, BusTimeoutError, BusUnavailableError, NoRespondersError } from './errors.js';

/** The code of a NATS error; it holds no text of the server, which may quote what was sent. */
export const codeOf = (error: unknown): string =>
  error instanceof NatsError ? error.code : ((error as NodeJS.ErrnoException | null)?.code ?? 'error');

/** Turns what the client threw while it waited for an answer into an error of the bus. */
export function toBusError(
  error: unknown,
  subject: string,
  timeoutMs: number,
  size: number,
  maxPayload: number,
): BusError {
  if (error instanceof BusError) return error;
  switch (codeOf(error)) {
    case ErrorCode.NoResponders:
      return new NoRespondersError(subject);
    case ErrorCode.Timeout:
      return new BusTimeoutError(subject, timeoutMs);
    case ErrorCode.MaxPayloadExceeded:
      return new BusPayloadError(size, maxPayload);
    default:
      return new BusUnavailableError(`the bus is away (${codeOf(error)})`, { cause: error });
  }
}
