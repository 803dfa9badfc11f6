/**
 * Reads the envelope of an OCPP-J frame (1.6-J section 4.2, 2.x part 4 section 4.2) and leaves the payload as the text it
 * came in. Whoever parses that text proves that it is JSON; here only its end is found. This is the hot path.
 */
import type { OcppVersion } from '../version.js';
import { NUMBER, Scanner } from './scanner.js';

/** What is wrong with a frame. */
export type MalformedReason =
  | 'not_json'
  | 'not_array'
  | 'bad_type'
  | 'bad_id'
  | 'too_long_id'
  | 'bad_action'
  | 'bad_payload'
  | 'bad_error'
  | 'extra_elements'
  | 'truncated';

/** A frame that is none. `type` and `id` are given as far as they could be read, for the answer. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly reason: MalformedReason;
  readonly type: number | null;
  readonly id: string | null;
}

interface RequestFrame<K extends 'call' | 'send'> {
  readonly kind: K;
  readonly id: string;
  readonly action: string;
  /** JSON text, starting with `{`. */
  readonly payload: string;
}

interface ErrorFrame<K extends 'error' | 'resultError'> {
  readonly kind: K;
  readonly id: string;
  readonly code: string;
  readonly description: string;
  /** JSON text, starting with `{`. */
  readonly details: string;
}

/** `[2, id, action, payload]` */
export type Call = RequestFrame<'call'>;

/** `[6, id, action, payload]`, 2.1 */
export type Send = RequestFrame<'send'>;

/** `[3, id, payload]` */
export interface CallResult {
  readonly kind: 'result';
  readonly id: string;
  /** JSON text, starting with `{`. */
  readonly payload: string;
}

/** `[4, id, code, description, details]` */
export type CallError = ErrorFrame<'error'>;

/** `[5, id, code, description, details]`, 2.1 */
export type CallResultError = ErrorFrame<'resultError'>;

/** The envelope of one frame; its payload is still text. */
export type Envelope = Call | Send | CallResult | CallError | CallResultError | Malformed;

/** MessageTypeId: 5 and 6 since 2.1. */
export const MESSAGE_TYPE = { call: 2, result: 3, error: 4, resultError: 5, send: 6 } as const;

/** The specification allows 36 characters; stations exceed it, and the id has only to be given back. */
export const MAX_ID = 255;

/** Longer than any name an action has, in any version or vendor's dialect. */
const MAX_ACTION = 255;

/** Bound of code and description in an error frame (2.x part 4 section 4.2.3). */
const MAX_ERROR_TEXT = 255;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;

/**
 * Reads one frame. Never throws.
 *
 * A frame with more elements than its type has is malformed, not trimmed: what a fifth element was meant to say is
 * unknown, and money may hang on it. An error frame may lack its description and details, or have them null: stations
 * do that, and what it says (it failed) is clear without them.
 * @param text the whole frame; the caller bounds its length
 * @param version of the session; without it, or for 2.1, the types 5 and 6 are known
 */
export function readEnvelope(text: string, version?: OcppVersion): Envelope {
  const scan = new Scanner(text);
  if (!scan.take(OPEN_LIST)) return malformed(startsJson(scan) ? 'not_array' : 'not_json', null, null);

  const type = readType(scan);
  if (scan.next() !== COMMA) {
    const reason = scan.ended ? 'truncated' : scan.next() !== CLOSE_LIST ? 'not_json' : 'bad_id';
    return malformed(type === null && reason === 'bad_id' ? 'bad_type' : reason, type, null);
  }
  scan.at++;

  const id = readId(scan);
  if (!isKnownType(type, version)) return malformed('bad_type', type, id.id);
  if (id.bad !== null) return malformed(id.bad, type, id.id);
  switch (type) {
    case MESSAGE_TYPE.call:
      return readCall(scan, 'call', type, id.id);
    case MESSAGE_TYPE.send:
      return readCall(scan, 'send', type, id.id);
    case MESSAGE_TYPE.result: {
      const payload = readLast(scan);
      return payload.bad === null
        ? { kind: 'result', id: id.id, payload: payload.text }
        : malformed(payload.bad, type, id.id);
    }
    case MESSAGE_TYPE.error:
      return readError(scan, 'error', type, id.id);
    default:
      return readError(scan, 'resultError', MESSAGE_TYPE.resultError, id.id);
  }
}

function malformed(reason: MalformedReason, type: number | null, id: string | null): Malformed {
  return { kind: 'malformed', reason, type, id };
}

/** A JSON text of another kind than a list: it starts as one does. */
function startsJson(scan: Scanner): boolean {
  const code = scan.next();
  return code === OPEN_OBJECT || code === QUOTE || scan.value() !== null;
}

/** The type as a number; null for what is no whole number. */
function readType(scan: Scanner): number | null {
  const first = scan.next();
  if (first >= 0x30 && first <= 0x39) {
    const word = scan.word();
    return word.length <= 9 && NUMBER.test(word) && Number.isInteger(Number(word)) ? Number(word) : null;
  }
  scan.value();
  return null;
}

function isKnownType(type: number | null, version: OcppVersion | undefined): boolean {
  if (type === null || type < MESSAGE_TYPE.call) return false;
  return type <= (version === undefined || version === 'ocpp2.1' ? MESSAGE_TYPE.send : MESSAGE_TYPE.error);
}

type ReadId =
  | { readonly bad: null; readonly id: string }
  | { readonly bad: MalformedReason; readonly id: string | null };

/** A non-empty string. A number is refused, but kept as text, so that the answer can name the frame it answers. */
function readId(scan: Scanner): ReadId {
  if (scan.next() === QUOTE) {
    const id = scan.string();
    if (id === null) return { bad: scan.ended ? 'truncated' : 'bad_id', id: null };
    if (id === '') return { bad: 'bad_id', id };
    return id.length > MAX_ID ? { bad: 'too_long_id', id: null } : { bad: null, id };
  }
  if (scan.ended) return { bad: 'truncated', id: null };
  const text = scan.value();
  const isNumber = text !== null && text.length <= MAX_ID && NUMBER.test(text);
  return { bad: 'bad_id', id: isNumber ? text : null };
}

function readCall(scan: Scanner, kind: 'call' | 'send', type: number, id: string): Envelope {
  if (!scan.take(COMMA)) return malformed(absent(scan, 'bad_action'), type, id);
  if (scan.next() !== QUOTE) return malformed(scan.ended ? 'truncated' : 'bad_action', type, id);
  const action = scan.string();
  if (action === null) return malformed(scan.ended ? 'truncated' : 'bad_action', type, id);
  if (action === '' || action.length > MAX_ACTION) return malformed('bad_action', type, id);
  const payload = readLast(scan);
  return payload.bad === null ? { kind, id, action, payload: payload.text } : malformed(payload.bad, type, id);
}

type ReadPayload = { readonly bad: null; readonly text: string } | { readonly bad: MalformedReason };

/** The last element, which must be an object, and the end of the frame. */
function readLast(scan: Scanner): ReadPayload {
  if (!scan.take(COMMA)) return { bad: absent(scan, 'bad_payload') };
  if (scan.next() !== OPEN_OBJECT) return { bad: scan.ended ? 'truncated' : 'bad_payload' };
  // Half of all frames are flat (heartbeats, status, 1.6 starts and stops). Where such a text is no valid JSON, the fault
  // is inside the payload, for its parser to find.
  const text = scan.flatLast() ?? scan.nested();
  if (text === null) return { bad: 'truncated' };
  const bad = readEnd(scan);
  return bad === null ? { bad, text } : { bad };
}

/** What it means that no comma came: the frame broke off, its elements are too few, or this is no JSON. */
function absent(scan: Scanner, missing: MalformedReason): MalformedReason {
  if (scan.ended) return 'truncated';
  return scan.next() === CLOSE_LIST ? missing : 'not_json';
}

function readEnd(scan: Scanner): MalformedReason | null {
  if (scan.take(CLOSE_LIST)) {
    scan.next();
    return scan.ended ? null : 'not_json';
  }
  if (scan.ended) return 'truncated';
  return scan.next() === COMMA ? 'extra_elements' : 'not_json';
}

/** `[4, id, code, description, details]`; the last two may be missing or null. */
function readError(scan: Scanner, kind: 'error' | 'resultError', type: number, id: string): Envelope {
  if (!scan.take(COMMA)) return malformed(absent(scan, 'bad_error'), type, id);
  if (scan.next() !== QUOTE) return malformed(scan.ended ? 'truncated' : 'bad_error', type, id);
  const code = scan.string();
  if (code === null) return malformed(scan.ended ? 'truncated' : 'bad_error', type, id);

  let description = '';
  if (scan.take(COMMA)) {
    const isText = scan.next() === QUOTE;
    const value = isText ? scan.string() : scan.proven();
    if (value === null) return malformed(scan.ended ? 'truncated' : 'bad_error', type, id);
    if (isText) description = value;
  }
  let details = '{}';
  if (scan.take(COMMA)) {
    const isObject = scan.next() === OPEN_OBJECT;
    const value = isObject ? scan.nested() : scan.proven();
    if (value === null) return malformed(scan.ended ? 'truncated' : 'bad_error', type, id);
    if (isObject) details = value;
  }
  const bad = readEnd(scan);
  if (bad !== null) return malformed(bad, type, id);
  return { kind, id, code: code.slice(0, MAX_ERROR_TEXT), description: description.slice(0, MAX_ERROR_TEXT), details };
}
