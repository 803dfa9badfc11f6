/** How a verdict about a token is reached and said: idTagInfo in 1.6 (7.27), idTokenInfo in 2.x (2.27). */
import {
  type AuthorizationVerdict,
  authorize,
  fittingEvses,
  needsNoToken,
  type TransactionState,
  verdict16,
} from '@sigec/domain';
import type { TokenView } from '@sigec/store';
import type { Unit } from '../unit.js';

export interface Authorization {
  readonly verdict: AuthorizationVerdict;
  readonly token: TokenView | undefined;
  /** The EVSEs it may use, where it may not use all. */
  readonly evseIds?: readonly number[] | undefined;
}

/**
 * What a token is shown for. To ask: what runs at this station may be what the driver came to stop. To start: whatever else
 * runs counts, but for what ran on that very connector, which has ended. To stop: the token by itself.
 */
export type Purpose =
  | { readonly of: 'ask' }
  | { readonly of: 'start'; readonly evseId: number; readonly connectorId: number; readonly known?: TransactionState }
  | { readonly of: 'stop' };

export function authorizeValue(unit: Unit, stationId: number, value: string, purpose: Purpose, type?: string) {
  if (type !== undefined && needsNoToken(type)) return { verdict: 'Accepted', token: undefined } as Authorization;
  return judge(unit, stationId, unit.idToken(stationId, value), purpose);
}

function judge(unit: Unit, stationId: number, token: TokenView | undefined, purpose: Purpose): Authorization {
  const { now } = unit;
  if (token === undefined || purpose.of === 'stop') return { token, verdict: authorize(token, now) };
  // Most tokens are limited by nothing.
  if (token.limits === null && token.maxConcurrent === null) return { token, verdict: authorize(token, now) };
  const evseId = purpose.of === 'start' && purpose.evseId > 0 ? purpose.evseId : undefined;
  const place = {
    stationId,
    site: token.site,
    evseId,
    outlets: token.outlets ?? [],
    running: runningBeside(unit, stationId, token, purpose),
  };
  const fitting = token.limits === null ? undefined : fittingEvses(token.limits, place);
  const all = new Set(place.outlets.map((outlet) => outlet.evseId)).size;
  const evseIds = fitting !== undefined && fitting.length > 0 && fitting.length < all ? fitting : undefined;
  return { token, verdict: authorize(token, now, place), evseIds };
}

function runningBeside(unit: Unit, stationId: number, token: TokenView, purpose: Purpose): number {
  if (token.maxConcurrent === null) return 0;
  const running = unit.runningOn(token);
  if (purpose.of !== 'start') return running.filter((other) => other.stationId !== stationId).length;
  const { known, evseId, connectorId } = purpose;
  // What was let in once is answered alike when it is told again (field.md 31).
  if (known !== undefined && !known.flags.includes('unauthorized')) return 0;
  return running.filter(
    (other) =>
      other.id !== known?.id &&
      !(other.stationId === stationId && other.evseId === evseId && other.connectorId === connectorId),
  ).length;
}

const expiry = (token: TokenView | undefined) =>
  token?.expiresAt == null ? undefined : new Date(token.expiresAt).toISOString();

export function idTagInfo({ verdict, token }: Authorization) {
  const expiryDate = expiry(token);
  return {
    status: verdict16(verdict),
    ...(expiryDate && { expiryDate }),
    // 1.6: parentIdTag is a CiString20.
    ...(token?.groupId && { parentIdTag: token.groupId.slice(0, 20) }),
  };
}

export function idTokenInfo({ verdict, token, evseIds }: Authorization) {
  const cacheExpiryDateTime = expiry(token);
  return {
    status: verdict,
    ...(cacheExpiryDateTime && { cacheExpiryDateTime }),
    ...(evseIds && { evseId: [...evseIds] }),
    ...(token?.groupId && { groupIdToken: { idToken: token.groupId.slice(0, 36), type: 'Central' as const } }),
  };
}
