/** What a station's list says of a token, in the words of its version (1.6 7.2 AuthorizationData, 2.x 2.6). */
import { authorize, isAtHome, verdict16 } from '@sigec/domain';
import type { OcppVersion } from '@sigec/ocpp';
import type { ListedToken } from '@sigec/store';
import type { Payload } from '../effect.js';

export interface ListPlace {
  readonly version: OcppVersion;
  readonly stationId: number;
  readonly site: string | null;
}

const LONGEST: Readonly<Record<OcppVersion, number>> = { 'ocpp1.6': 20, 'ocpp2.0.1': 36, 'ocpp2.1': 255 };
const TYPES_201: ReadonlySet<string> = new Set([
  ...['Central', 'eMAID', 'ISO14443', 'ISO15693', 'KeyCode', 'Local', 'MacAddress', 'NoAuthorization'],
]);
/** The number of a card, as readers tell it: 4, 7, 8 or 10 bytes. */
const CARD = /^(?:[0-9a-f]{8}|[0-9a-f]{14}|[0-9a-f]{16}|[0-9a-f]{20})$/i;

/** 2.x compares tokens by value and type; one whose type nobody told is what it looks like. */
function typeOf({ type, value }: ListedToken, version: OcppVersion): string {
  if (type !== null && (version === 'ocpp2.1' || TYPES_201.has(type))) return type;
  return CARD.test(value) ? 'ISO14443' : 'Central';
}

/**
 * The entry of a token; without its info where the list must not hold it, which takes it off. Undefined where the version has
 * no room for its value, so that no list can hold it. Hours and kinds of connectors are beyond a list: such a token is asked
 * for online.
 */
export function listEntry(token: ListedToken, place: ListPlace, now: number): Payload | undefined {
  const { value, limits, groupId, expiresAt } = token;
  const is16 = place.version === 'ocpp1.6';
  if (value.length > LONGEST[place.version]) return undefined;
  const name = is16 ? { idTag: value } : { idToken: { idToken: value, type: typeOf(token, place.version) } };
  const online = limits?.hours !== undefined || limits?.connectorTypes !== undefined;
  const stays = token.listed && !online && (limits === null || isAtHome(limits, place));
  if (!stays || token.status === 'removed') return name;
  const nobody = { userId: null, maxConcurrent: null, limits: null };
  const verdict = authorize({ value, status: token.status, expiresAt, groupId, ...nobody }, now);
  const expiry = expiresAt === null ? undefined : new Date(expiresAt).toISOString();
  if (is16) {
    const parent = groupId !== null && { parentIdTag: groupId.slice(0, 20) };
    return { ...name, idTagInfo: { status: verdict16(verdict), ...(expiry && { expiryDate: expiry }), ...parent } };
  }
  const group = groupId !== null && { groupIdToken: { idToken: groupId.slice(0, 36), type: 'Central' } };
  return { ...name, idTokenInfo: { status: verdict, ...(expiry && { cacheExpiryDateTime: expiry }), ...group } };
}

/** Whether an entry says something of its token, or takes it off. */
export const holds = (entry: Payload): boolean => entry.idTagInfo !== undefined || entry.idTokenInfo !== undefined;
