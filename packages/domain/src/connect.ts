/** Who may have a session, and what is true of the station once it has it. */

/** What a station is let in by. */
export interface StationAccess {
  readonly blocked: boolean;
  readonly defaultVersion: string | null;
  /** How the password is kept; both null where none is asked for. */
  readonly secretSalt: Uint8Array | null;
  readonly secretVerifier: Uint8Array | null;
  /** The password that the charger was told and has not used yet. */
  readonly pendingSalt: Uint8Array | null;
  readonly pendingVerifier: Uint8Array | null;
  /** Least OCPP security profile that it is taken by. */
  readonly minSecurityProfile: number;
  /** Profile that it was told to go to; null where it was not. */
  readonly desiredSecurityProfile: number | null;
  /** Begin of the hour in which `connects` are counted, ms since 1970. */
  readonly connectsSince: number | null;
  readonly connects: number;
  /** It came too often: not taken before, ms since 1970. */
  readonly flapUntil: number | null;
}

/** What a charger that knocks shows. */
export interface AccessAttempt {
  /** Made of the password; null where none was sent. */
  readonly proof: Uint8Array | null;
  /** OCPP version; empty where it offered none. */
  readonly version: string;
  /** OCPP security profile of its socket. */
  readonly profile: number;
  /** Of the certificate that names this station, as the edge has verified; empty where it showed none. */
  readonly certificate: string;
}

export interface FlapPolicy {
  /** Connections an hour; one more opens the breaker. 0: it never opens. */
  readonly limit: number;
  readonly blockMs: number;
}

export interface AccessRules {
  readonly flap: FlapPolicy;
  /** Whether a proof is what a verifier was made of; its time must not depend on the bytes. */
  readonly verify: (salt: Uint8Array, proof: Uint8Array, verifier: Uint8Array) => boolean;
}

export interface AccessMoment {
  /** ms since 1970, by the clock that all processes share. */
  readonly now: number;
  /** This very attempt was accepted before; its answer was lost. */
  readonly repeated: boolean;
}

/** What an accepted attempt makes of its station. */
export interface AccessChange
  extends Pick<
    StationAccess,
    'minSecurityProfile' | 'desiredSecurityProfile' | 'connectsSince' | 'connects' | 'flapUntil'
  > {
  /** The profile it came by. */
  readonly securityProfile: number;
  /** The pending password was used: it is the password now, and the old one is nobody's. */
  readonly promoted: boolean;
  /** This connection opened the breaker. */
  readonly tripped: boolean;
}

export type Access =
  | { readonly status: 'accepted'; readonly change: AccessChange }
  | {
      readonly status: 'unknown' | 'unauthorized' | 'forbidden' | 'throttled' | 'unsupported';
      /** For the log, never for the charger. */
      readonly reason: string;
      /** Seconds; 0 says nothing. */
      readonly retryAfter: number;
    };

const HOUR_MS = 3_600_000;
/** Stands for whatever is missing, so that every attempt costs the same hashes. */
const NOTHING = new Uint8Array(32);

const refuse = (status: Exclude<Access['status'], 'accepted'>, reason: string, retryAfter = 0): Access => ({
  status,
  reason,
  retryAfter,
});

/**
 * May this attempt have a session? The order of the questions keeps what is known of a station from whoever does not know
 * its password, and counts only who does: nobody else can throttle it.
 * @param station undefined where nobody registered it
 */
export function admit(
  attempt: AccessAttempt,
  station: StationAccess | undefined,
  { flap, verify }: AccessRules,
  { now, repeated }: AccessMoment,
): Access {
  const proof = attempt.proof ?? NOTHING;
  const holds = (salt: Uint8Array | null | undefined, verifier: Uint8Array | null | undefined): boolean => {
    const matches = verify(salt ?? NOTHING, proof, verifier ?? NOTHING);
    return matches && attempt.proof !== null && salt != null && verifier != null;
  };
  const byPassword = holds(station?.secretSalt, station?.secretVerifier);
  const byPending = holds(station?.pendingSalt, station?.pendingVerifier);
  if (station === undefined) return refuse('unknown', 'station unknown');

  const byCertificate = attempt.profile === 3 && attempt.certificate !== '';
  const authenticated = byCertificate || byPassword || byPending;
  const open = station.secretVerifier === null && station.minSecurityProfile === 0;
  if (!authenticated && !open) return refuse('unauthorized', whyNot(attempt, station));
  if (station.blocked) return refuse('forbidden', 'station blocked');
  if (attempt.profile < station.minSecurityProfile) return refuse('forbidden', 'security profile too low');
  if (isFlapping(station, flap, now) && !repeated) {
    const seconds = Math.ceil(((station.flapUntil ?? now) - now) / 1000);
    return refuse('throttled', 'connects too often', Math.max(1, seconds));
  }
  if (attempt.version === '' && station.defaultVersion === null)
    return refuse('unsupported', 'no OCPP subprotocol offered, and the station has no default version');

  const { desiredSecurityProfile: desired, minSecurityProfile: least } = station;
  // Whoever was not authenticated has not shown that the station can come this way.
  const arrived = authenticated && desired !== null && attempt.profile >= desired;
  return {
    status: 'accepted',
    change: {
      securityProfile: attempt.profile,
      minSecurityProfile: arrived ? Math.max(least, desired) : least,
      desiredSecurityProfile: arrived ? null : desired,
      promoted: byPending && !byCertificate,
      ...counted(station, flap, now, repeated),
    },
  };
}

function whyNot({ proof }: AccessAttempt, { secretVerifier }: StationAccess): string {
  if (secretVerifier === null) return 'the station needs a password, and has none';
  return proof === null ? 'no password, or another user name' : 'wrong password';
}

function isFlapping({ flapUntil }: StationAccess, { limit }: FlapPolicy, now: number): boolean {
  return limit > 0 && flapUntil !== null && now < flapUntil;
}

/**
 * The connection that is one too many is still taken, and a charger that stays on it is well; the breaker holds those that
 * follow. They do not count, so it closes in time, whatever the charger does meanwhile, and counts anew.
 */
function counted(
  station: StationAccess,
  { limit, blockMs }: FlapPolicy,
  now: number,
  repeated: boolean,
): Pick<AccessChange, 'connectsSince' | 'connects' | 'flapUntil' | 'tripped'> {
  const { connectsSince, connects, flapUntil } = station;
  if (repeated) return { connectsSince, connects, flapUntil, tripped: false };
  if (flapUntil !== null || connectsSince === null || now - connectsSince >= HOUR_MS || now < connectsSince)
    return { connectsSince: now, connects: 1, flapUntil: null, tripped: false };
  const tripped = limit > 0 && connects >= limit;
  return { connectsSince, connects: connects + 1, flapUntil: tripped ? now + blockMs : null, tripped };
}

/** The station as the next attempt of the same batch finds it. */
export function afterAccess<Station extends StationAccess>(station: Station, change: AccessChange): Station {
  const { minSecurityProfile, desiredSecurityProfile, connectsSince, connects, flapUntil } = change;
  const after = { ...station, minSecurityProfile, desiredSecurityProfile, connectsSince, connects, flapUntil };
  if (!change.promoted) return after;
  const { pendingSalt: secretSalt, pendingVerifier: secretVerifier } = station;
  return { ...after, secretSalt, secretVerifier, pendingSalt: null, pendingVerifier: null };
}
