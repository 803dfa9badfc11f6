/** Whether an idToken may charge. The answer names the true reason: Blocked is never told as Invalid (field.md 41). */
import { inHours, type TokenHours } from './token-hours.js';

/** Where and when a token may be used; what is absent does not limit. */
export interface TokenLimits {
  /** It may be used at these stations, and at those of these sites. */
  readonly stations?: readonly number[] | undefined;
  readonly sites?: readonly string[] | undefined;
  /** Types of connectors, in the station's own words, without regard to case. */
  readonly connectorTypes?: readonly string[] | undefined;
  readonly hours?: readonly TokenHours[] | undefined;
  /** IANA name of the zone that the hours are of. */
  readonly timeZone?: string | undefined;
}

export interface IdTokenState {
  readonly value: string;
  readonly status: 'active' | 'blocked';
  /** ms since 1970, null = never. */
  readonly expiresAt: number | null;
  readonly groupId: string | null;
  readonly userId: string | null;
  /** Most transactions that may run on it at once; null: any number. */
  readonly maxConcurrent: number | null;
  readonly limits: TokenLimits | null;
}

/** A transaction that runs on a token, and where. */
export interface RunningOn {
  readonly id: number;
  readonly stationId: number;
  readonly evseId: number;
  readonly connectorId: number;
}

/** A connector of the station, as far as its type is known. */
export interface Outlet {
  readonly evseId: number;
  readonly type: string;
}

/** Where a token is shown. */
export interface TokenPlace {
  readonly stationId: number;
  readonly site: string | null;
  /** Undefined where it is shown to the station as a whole. */
  readonly evseId: number | undefined;
  readonly outlets: readonly Outlet[];
  /** How many transactions run on it beside the one that is asked about. */
  readonly running: number;
}

/** Neutral verdict, in the words of 2.x; {@link verdict16} spells it for 1.6. */
export type AuthorizationVerdict =
  | 'Accepted'
  | 'Blocked'
  | 'ConcurrentTx'
  | 'Expired'
  | 'Invalid'
  | 'NotAllowedTypeEVSE'
  | 'NotAtThisLocation'
  | 'NotAtThisTime'
  | 'Unknown';

/** OCPP compares idTags and idTokens without regard to case (1.6: CiString20Type; 2.x: identifierString). */
export function idTokenKey(value: string): string {
  return value.toLowerCase();
}

/**
 * The token by itself, and where it is shown, if that is said.
 * @param token what is known of the value, undefined where nothing is
 * @param now ms since 1970
 */
export function authorize(token: IdTokenState | undefined, now: number, place?: TokenPlace): AuthorizationVerdict {
  if (token === undefined) return 'Unknown';
  if (token.status === 'blocked') return 'Blocked';
  if (token.expiresAt !== null && token.expiresAt <= now) return 'Expired';
  if (place === undefined) return 'Accepted';
  const { limits, maxConcurrent } = token;
  if (limits !== null) {
    if (!isAtHome(limits, place)) return 'NotAtThisLocation';
    const fitting = fittingEvses(limits, place);
    if (fitting !== undefined && !(place.evseId === undefined ? fitting.length > 0 : fitting.includes(place.evseId)))
      return 'NotAllowedTypeEVSE';
    if (limits.hours !== undefined && !inHours(limits.hours, limits.timeZone, now)) return 'NotAtThisTime';
  }
  return maxConcurrent !== null && place.running >= maxConcurrent ? 'ConcurrentTx' : 'Accepted';
}

/** Whether a token may be used at a station. */
export function isAtHome(limits: TokenLimits, at: Pick<TokenPlace, 'stationId' | 'site'>): boolean {
  if (limits.stations === undefined && limits.sites === undefined) return true;
  if (limits.stations?.includes(at.stationId) === true) return true;
  return at.site !== null && limits.sites?.includes(at.site) === true;
}

/** The EVSEs whose connector a token may use; undefined where it may use any, or nobody knows what they are. */
export function fittingEvses(limits: TokenLimits, { outlets }: Pick<TokenPlace, 'outlets'>): number[] | undefined {
  const types = limits.connectorTypes?.map((type) => type.toLowerCase());
  if (types === undefined || outlets.length === 0) return undefined;
  const fitting = outlets.filter(({ type }) => types.includes(type.toLowerCase()));
  return [...new Set(fitting.map(({ evseId }) => evseId))].sort((a, b) => a - b);
}

/** 1.6 knows five words (7.2); whatever else keeps a token from charging there is Invalid. */
export function verdict16(
  verdict: AuthorizationVerdict,
): 'Accepted' | 'Blocked' | 'ConcurrentTx' | 'Expired' | 'Invalid' {
  switch (verdict) {
    case 'Accepted':
    case 'Blocked':
    case 'ConcurrentTx':
    case 'Expired':
      return verdict;
    default:
      return 'Invalid';
  }
}

/** Who shows a token, as far as stopping goes. */
export interface Stopper {
  readonly value: string;
  readonly groupId: string | null;
}

/** A session may be stopped by the token that began it, and by any of its group (1.6 4.10, 2.x C09). */
export function mayStop(starter: Stopper, stopper: Stopper): boolean {
  if (idTokenKey(starter.value) === idTokenKey(stopper.value)) return true;
  if (starter.groupId === null || stopper.groupId === null) return false;
  return idTokenKey(starter.groupId) === idTokenKey(stopper.groupId);
}

/** 2.x token types that no list of ours can know: a start button needs no card (OCPP 2.0.1 C02.FR.01). */
export function needsNoToken(type: string): boolean {
  return type === 'NoAuthorization';
}
