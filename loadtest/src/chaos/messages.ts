/** The room of the texts: payloads with their places filled, and what a charger answers to commands. */
import type { Json } from '../ocpp/answers.js';
import { CALL, type CallKind, type Version } from '../ocpp/calls.js';
import { payloadOf } from '../ocpp/payloads.js';
import type { EventBook, SessionBook } from './book.js';

export const KIND_OF: Readonly<Record<EventBook['kind'], CallKind>> = {
  start: CALL.start,
  meter: CALL.meter,
  stop: CALL.stop,
};

/** A payload without places. */
export function fixedPayload(version: Version, kind: CallKind): string {
  return payloadOf(version, kind);
}

/** The payload of one event. It never changes, however often it is sent. @param offline when it happened */
export function eventPayload(version: Version, session: SessionBook, event: EventBook, offline: boolean): string {
  const places: Readonly<Record<string, string>> = {
    ts: new Date(event.atMs).toISOString(),
    wh: String(event.registerMWh / 1000),
    w: event.kind === 'meter' ? '7200' : '0',
    seq: String(event.seqNo),
    tx: session.transactionId ?? '-1',
    tag: session.idToken,
  };
  const text = payloadOf(version, KIND_OF[event.kind]).replace(
    /\{(ts|wh|w|seq|tx|tag)\}/g,
    (_all, name: string) => places[name] ?? '',
  );
  return offline ? text.replace('"offline":false', '"offline":true') : text;
}

/** What a charger answers to the commands of the run, and to any other. */
export function answerTo(version: Version, action: string): string {
  if (action === 'GetLocalListVersion') return version === '1.6' ? '{"listVersion":0}' : '{"versionNumber":0}';
  return '{"status":"Accepted"}';
}

/** What an answer says of the card, where it says something. */
export function verdictIn(payload: Json): string | null {
  const info = payload.idTagInfo ?? payload.idTokenInfo;
  if (typeof info !== 'object' || info === null) return null;
  const { status } = info as { status?: unknown };
  return typeof status === 'string' ? status : null;
}
