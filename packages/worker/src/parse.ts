/** From the text of a CALL to a typed call with its handler, or to the error that its version defines. */
import { type CallItem, UPLINK } from '@sigec/contract';
import {
  type ErrorMeaning,
  errorCode,
  findAction,
  isOcppVersion,
  loadVersion,
  OCPP_VERSIONS,
  type OcppVersion,
  type Overlay,
  type VersionCodec,
  type Warning,
} from '@sigec/ocpp';
import type { AnyHandler, Call } from './handler.js';
import { ROUTES } from './route.js';
import { INT32_MAX } from './whole.js';

/** A refusal, ready for a CALLERROR. Holds nothing internal and no value of the charger's. */
export interface Refusal {
  readonly code: string;
  readonly description: string;
  readonly details: object;
}

export interface Routed {
  readonly item: CallItem;
  readonly handler: AnyHandler;
  readonly call: Call<unknown>;
  /** Set where the payload holds only under a station's own leniency: the refusal if it has none. */
  readonly unlessLenient: { readonly refusal: Refusal; readonly overlay: Overlay } | null;
  /** What the schema forbids and was accepted all the same (field.md 26-28). */
  readonly warnings: readonly Warning[];
}

export type Parsed = { readonly ok: true; readonly routed: Routed } | { readonly ok: false; readonly refusal: Refusal };

export type Codecs = Readonly<Record<OcppVersion, VersionCodec>>;

export async function loadCodecs(): Promise<Codecs> {
  const codecs = await Promise.all(OCPP_VERSIONS.map((version) => loadVersion<OcppVersion>(version)));
  return Object.fromEntries(codecs.map((codec) => [codec.version, codec])) as Record<OcppVersion, VersionCodec>;
}

const refuse = (version: OcppVersion, meaning: ErrorMeaning, description: string): Parsed => ({
  ok: false,
  refusal: { code: errorCode(version, meaning), description, details: {} },
});

/** What the laxest station could be allowed; whether this one is, is known once its row is read. */
const LAXEST: readonly Overlay[] = [{ overlong: true }, { additional: true }, { overlong: true, additional: true }];

export function parseCall(codecs: Codecs, item: CallItem): Parsed {
  if (!isOcppVersion(item.version)) throw new TypeError('version of the session is unknown');
  const version = item.version;
  const codec = codecs[version];
  const row = findAction(version, item.action);
  const handler = ROUTES[version].get(item.action);
  if (row === undefined || handler === undefined)
    return refuse(version, 'notImplemented', 'action not known, or not sent by stations');
  // A SEND is never answered and a CALL always is (2.1 part 4 section 4.2.5): one in the other's clothes is not taken.
  if ((row.kind === 'send') !== (item.kind === UPLINK.send))
    return refuse(version, 'notSupported', `action is sent as ${row.kind.toUpperCase()}`);
  let payload: unknown;
  try {
    payload = parseText(item.payload);
  } catch {
    return refuse(version, 'formation', 'payload is not JSON');
  }
  const call = {
    stationId: item.stationId,
    version,
    action: item.action,
    payload,
    text: item.payload,
    receivedAt: item.at,
  };
  const strict = codec.validateRequest(item.action, payload);
  const amiss = strict.ok ? placeAmiss(payload) : null;
  if (amiss !== null) return refuse(version, 'property', `${amiss} must be from 0 to ${INT32_MAX}`);
  if (strict.ok) return { ok: true, routed: { item, handler, call, unlessLenient: null, warnings: strict.warnings } };
  const { code, description, details } = strict;
  const refusal = { code, description, details };
  for (const overlay of LAXEST) {
    const lax = codec.validateRequest(item.action, payload, overlay);
    if (lax.ok && placeAmiss(payload) === null)
      return { ok: true, routed: { item, handler, call, unlessLenient: { refusal, overlay }, warnings: lax.warnings } };
  }
  return { ok: false, refusal };
}

/** The field that names an EVSE or a connector there cannot be, where there is one. */
function placeAmiss(payload: unknown): string | null {
  const { connectorId, evseId, evse } = payload as {
    connectorId?: number;
    evseId?: number;
    evse?: { id?: number; connectorId?: number };
  };
  const amiss = (value: number | undefined) => value !== undefined && (value < 0 || value > INT32_MAX);
  if (amiss(connectorId)) return '/connectorId';
  if (amiss(evseId)) return '/evseId';
  if (amiss(evse?.id)) return '/evse/id';
  return amiss(evse?.connectorId) ? '/evse/connectorId' : null;
}

/** An escape that may spell what PostgreSQL's text and jsonb cannot hold: U+0000, or half of a surrogate pair. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/** Every escape in its turn, so that a backslash that is itself escaped begins none; a whole pair is one. */
const ESCAPES = /\\(?:ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|u(0000|d[89a-f][\da-f]{2})|.)/gi;

/** Only where such an escape stands are names and values searched for it. */
function parseText(text: string): unknown {
  if (!UNSTORABLE.test(text)) return JSON.parse(text);
  const storable = (whole: string, lone: string | undefined): string => {
    if (lone === undefined) return whole;
    return lone === '0000' ? '\u2400' : '\uFFFD';
  };
  return JSON.parse(text.replace(ESCAPES, storable));
}
