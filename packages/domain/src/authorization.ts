/** Whether an idToken may charge. The answer names the true reason: Blocked is never told as Invalid (field.md 41). */

export interface IdTokenState {
  readonly value: string;
  readonly status: 'active' | 'blocked';
  /** ms since 1970, null = never. */
  readonly expiresAt: number | null;
  readonly groupId: string | null;
  readonly userId: string | null;
}

/** Neutral verdict; each OCPP version spells it in its own enum with the same words. */
export type AuthorizationVerdict = 'Accepted' | 'Blocked' | 'Expired' | 'Invalid';

/** OCPP compares idTags and idTokens without regard to case (1.6: CiString20Type; 2.x: identifierString). */
export function idTokenKey(value: string): string {
  return value.toLowerCase();
}

/**
 * @param token what is known of the value, undefined where nothing is
 * @param now ms since 1970
 */
export function authorize(token: IdTokenState | undefined, now: number): AuthorizationVerdict {
  if (token === undefined) return 'Invalid';
  if (token.status === 'blocked') return 'Blocked';
  if (token.expiresAt !== null && token.expiresAt <= now) return 'Expired';
  return 'Accepted';
}

/** 2.x token types that no list of ours can know: a start button needs no card (OCPP 2.0.1 C02.FR.01). */
export function needsNoToken(type: string): boolean {
  return type === 'NoAuthorization';
}
