/** To the holder of a session, on one subject: claims of a newer session, and commands. And how a command ends. */
import { pack, unpack } from './codec.js';
import { EnvelopeError } from './version.js';

/** "I hold this station now." A holder with a lower epoch closes; one with a higher answers with its own claim. */
export interface Claim {
  type: 'claim';
  epoch: number;
  edgeId: string;
}

/** A CALL to the charger. */
export interface CommandEnvelope {
  type: 'command';
  /** OCPP message id of the CALL. */
  id: string;
  action: string;
  /** Payload as JSON text. */
  payload: string;
  /** How long the edge may take for it, queueing included, ms. */
  timeoutMs: number;
}

export type DownMessage = Claim | CommandEnvelope;

/**
 * How a command ended at the edge:
 * `result` and `error` are the charger's own answers, `timeout` it did not answer in time, `lost` its socket closed after
 * the CALL was sent, `moved` it closed before (safe to send again), `busy` the session's queue is full.
 */
export type CommandReply =
  | { status: 'result'; payload: string }
  | { status: 'error'; code: string; description: string; details: string }
  | { status: 'timeout' | 'lost' | 'moved' | 'busy' };

export function packDown(message: DownMessage): Uint8Array {
  return message.type === 'claim'
    ? pack('claim', [message.epoch, message.edgeId])
    : pack('command', [message.id, message.action, message.payload, message.timeoutMs]);
}

/** @throws {EnvelopeError} */
export function unpackDown(data: Uint8Array): DownMessage {
  const { type, fields } = unpack(data, ['claim', 'command']);
  if (type === 'claim') {
    const [epoch, edgeId] = fields;
    if (typeof epoch !== 'number' || typeof edgeId !== 'string') throw new EnvelopeError('claim is malformed');
    return { type, epoch, edgeId };
  }
  const [id, action, payload, timeoutMs] = fields;
  if (typeof id !== 'string' || typeof action !== 'string' || typeof payload !== 'string')
    throw new EnvelopeError('command is malformed');
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0)) throw new EnvelopeError('timeoutMs is not a positive number');
  return { type: 'command', id, action, payload, timeoutMs };
}

export function packCommandReply(reply: CommandReply): Uint8Array {
  switch (reply.status) {
    case 'result':
      return pack('answer', [reply.status, reply.payload]);
    case 'error':
      return pack('answer', [reply.status, reply.code, reply.description, reply.details]);
    default:
      return pack('answer', [reply.status]);
  }
}

/** @throws {EnvelopeError} */
export function unpackCommandReply(data: Uint8Array): CommandReply {
  const { fields } = unpack(data, ['answer']);
  const [status, a, b, c] = fields as string[];
  switch (status) {
    case 'result':
      return { status, payload: String(a) };
    case 'error':
      return { status, code: String(a), description: String(b), details: String(c) };
    case 'timeout':
    case 'lost':
    case 'moved':
    case 'busy':
      return { status };
    default:
      throw new EnvelopeError(`answer status ${String(status)} is unknown`);
  }
}
