/**
 * The room of OCPP-J framing, written from the specification alone (1.6-J chapter 4, 2.0.1 and 2.1 part 4 chapter 4),
 * so that a mistake the platform makes in its own framing is not repeated here.
 */
import { isObject, type Json, type JsonObject } from './json.js';

/** The versions a station can speak. */
export type Version = '1.6' | '2.0.1' | '2.1';

/** A well-formed frame. `resultError` (5) and `send` (6) exist in 2.1 only. */
export type Frame =
  | { kind: 'call' | 'send'; id: string; action: string; payload: JsonObject }
  | { kind: 'result'; id: string; payload: JsonObject }
  | { kind: 'error' | 'resultError'; id: string; code: string; description: string; details: JsonObject };

/** A frame that breaks the framing rules. `id` is null where it could not be read. */
export interface BadFrame {
  kind: 'bad';
  type: number | null;
  id: string | null;
  fault: 'json' | 'shape' | 'type' | 'id' | 'payload';
}

const KINDS = new Map<number, Frame['kind']>([
  [2, 'call'],
  [3, 'result'],
  [4, 'error'],
  [5, 'resultError'],
  [6, 'send'],
]);

/** Reads one frame. Never throws: what is not a frame of this version comes back as a {@link BadFrame}. */
export function parseFrame(text: string, version: Version): Frame | BadFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'bad', type: null, id: null, fault: 'json' };
  }
  if (!Array.isArray(value)) return { kind: 'bad', type: null, id: null, fault: 'shape' };
  const type: unknown = value[0];
  const id: unknown = value[1];
  const number = typeof type === 'number' ? type : null;
  const bad = (fault: BadFrame['fault']): BadFrame => ({
    kind: 'bad',
    type: number,
    id: typeof id === 'string' && id.length > 0 && id.length <= 36 ? id : null,
    fault,
  });
  if (number === null) return bad('shape');
  const kind = KINDS.get(number);
  if (kind === undefined || (version !== '2.1' && number > 4)) return bad('type');
  if (typeof id !== 'string' || id.length === 0 || id.length > 36) return bad('id');
  if (kind === 'call' || kind === 'send') {
    const [, , action, payload] = value as unknown[];
    if (value.length !== 4 || typeof action !== 'string' || action === '') return bad('shape');
    return isObject(payload) ? { kind, id, action, payload } : bad('payload');
  }
  if (kind === 'result') {
    if (value.length !== 3) return bad('shape');
    const payload: unknown = value[2];
    return isObject(payload) ? { kind, id, payload } : bad('payload');
  }
  const [, , code, description, details] = value as unknown[];
  if (value.length !== 5 || typeof code !== 'string' || typeof description !== 'string') return bad('shape');
  return { kind, id, code, description, details: isObject(details) ? details : {} };
}

/** Writes one frame as the text that goes on the socket. */
export function writeFrame(frame: Frame): string {
  let parts: Json[];
  switch (frame.kind) {
    case 'call':
    case 'send':
      parts = [frame.kind === 'call' ? 2 : 6, frame.id, frame.action, frame.payload];
      break;
    case 'result':
      parts = [3, frame.id, frame.payload];
      break;
    default:
      parts = [frame.kind === 'error' ? 4 : 5, frame.id, frame.code, frame.description.slice(0, 255), frame.details];
  }
  return JSON.stringify(parts);
}

/**
 * The frame that answers a bad one, or null where the version wants silence: 1.6 names no answer without a readable
 * id and ignores unknown types; 2.x answers with the id "-1" (part 4, 4.2.3). Broken answers are never answered,
 * save a CALLRESULT in 2.1, for which CALLRESULTERROR was made.
 */
export function answerToBad(bad: BadFrame, version: Version): Frame | null {
  const error = (kind: 'error' | 'resultError', code: string, description: string): Frame => ({
    kind,
    id: bad.id ?? '-1',
    code,
    description,
    details: {},
  });
  if (bad.type === 3 && version === '2.1' && bad.id !== null) {
    return error('resultError', 'FormatViolation', 'the payload of a CALLRESULT is an object');
  }
  if (bad.type === 3 || bad.type === 4 || bad.type === 5 || bad.type === 6) {
    return bad.fault === 'type' && version !== '1.6' ? error('error', 'MessageTypeNotSupported', 'message type') : null;
  }
  if (version === '1.6') {
    if (bad.id === null || bad.fault === 'type') return null;
    return error('error', bad.fault === 'payload' ? 'FormationViolation' : 'ProtocolError', `bad frame: ${bad.fault}`);
  }
  if (bad.fault === 'type') return error('error', 'MessageTypeNotSupported', 'unknown message type');
  return error('error', bad.fault === 'payload' ? 'FormatViolation' : 'RpcFrameworkError', `bad frame: ${bad.fault}`);
}
