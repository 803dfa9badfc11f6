/** The room of what a CSMS may answer to each CALL: a cheap look at the first bytes, and the full check. */
import { CALL, type CallKind, type Version } from './calls.js';

export type Json = Readonly<Record<string, unknown>>;

export interface AnswerRule {
  /**
   * Payloads that begin thus are taken without being parsed; a sample of them is parsed all the same. Null where the
   * station needs what the answer says.
   */
  readonly prefix: Buffer | null;
  /** The prefix is all of the payload. */
  readonly whole: boolean;
  /** What is wrong with a payload, or null. */
  readonly fault: (payload: Json) => string | null;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isTime = (value: unknown) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isWhole = (value: unknown) => Number.isSafeInteger(value);

function tokenFault(payload: Json, field: string, required: boolean): string | null {
  const info = payload[field];
  if (info === undefined && !required) return null;
  return isObject(info) && typeof info.status === 'string' ? null : `${field}.status is missing`;
}

function bootFault({ currentTime, interval, status }: Json): string | null {
  if (!isTime(currentTime)) return 'currentTime is no time';
  if (!isWhole(interval)) return 'interval is no whole number';
  return status === 'Accepted' || status === 'Pending' || status === 'Rejected' ? null : 'status is unknown';
}

const EMPTY: AnswerRule = { prefix: Buffer.from('{}'), whole: true, fault: () => null };
const BOOT: AnswerRule = { prefix: null, whole: false, fault: bootFault };
const HEARTBEAT: AnswerRule = {
  prefix: Buffer.from('{"currentTime":"2'),
  whole: false,
  fault: ({ currentTime }) => (isTime(currentTime) ? null : 'currentTime is no time'),
};

const RULES_16: Record<CallKind, AnswerRule> = {
  [CALL.boot]: BOOT,
  [CALL.heartbeat]: HEARTBEAT,
  [CALL.available]: EMPTY,
  [CALL.occupied]: EMPTY,
  [CALL.authorize]: { prefix: null, whole: false, fault: (payload) => tokenFault(payload, 'idTagInfo', true) },
  [CALL.start]: {
    prefix: null,
    whole: false,
    fault: (payload) =>
      isWhole(payload.transactionId) ? tokenFault(payload, 'idTagInfo', true) : 'transactionId is no whole number',
  },
  [CALL.meter]: EMPTY,
  [CALL.stop]: { ...EMPTY, fault: (payload) => tokenFault(payload, 'idTagInfo', false) },
};

const EVENT: AnswerRule = { ...EMPTY, fault: (payload) => tokenFault(payload, 'idTokenInfo', false) };

const RULES_2X: Record<CallKind, AnswerRule> = {
  ...RULES_16,
  [CALL.authorize]: { prefix: null, whole: false, fault: (payload) => tokenFault(payload, 'idTokenInfo', true) },
  [CALL.start]: EVENT,
  [CALL.meter]: EVENT,
  [CALL.stop]: EVENT,
};

/** The rules of a version, by kind of CALL. */
export function rulesOf(version: Version): Readonly<Record<CallKind, AnswerRule>> {
  return version === '1.6' ? RULES_16 : RULES_2X;
}

/** The word that an answer decides with (status of a boot, of a token), for the tally; null where it has none. */
export function verdictOf(payload: Json): string | null {
  if (typeof payload.status === 'string') return payload.status;
  const info = payload.idTagInfo ?? payload.idTokenInfo;
  return isObject(info) && typeof info.status === 'string' ? info.status : null;
}
