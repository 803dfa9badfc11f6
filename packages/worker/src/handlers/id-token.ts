/** How a verdict about a token is said: idTagInfo in 1.6 (7.27), idTokenInfo in 2.x (2.27). */
import { type AuthorizationVerdict, authorize, type IdTokenState, needsNoToken } from '@sigec/domain';
import type { Unit } from '../unit.js';

export interface Authorization {
  readonly verdict: AuthorizationVerdict;
  readonly token: IdTokenState | undefined;
}

export function authorizeValue(unit: Unit, stationId: number, value: string, type?: string): Authorization {
  if (type !== undefined && needsNoToken(type)) return { verdict: 'Accepted', token: undefined };
  const token = unit.idToken(stationId, value);
  return { token, verdict: authorize(token, unit.now) };
}

const expiry = (token: IdTokenState | undefined) =>
  token?.expiresAt == null ? undefined : new Date(token.expiresAt).toISOString();

export function idTagInfo({ verdict, token }: Authorization) {
  const expiryDate = expiry(token);
  return {
    status: verdict,
    ...(expiryDate && { expiryDate }),
    // 1.6: parentIdTag is a CiString20.
    ...(token?.groupId && { parentIdTag: token.groupId.slice(0, 20) }),
  };
}

export function idTokenInfo({ verdict, token }: Authorization) {
  const cacheExpiryDateTime = expiry(token);
  return {
    status: verdict,
    ...(cacheExpiryDateTime && { cacheExpiryDateTime }),
    ...(token?.groupId && { groupIdToken: { idToken: token.groupId.slice(0, 36), type: 'Central' as const } }),
  };
}
