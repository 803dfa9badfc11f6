/** Access tokens: JWT, short-lived, checked without a round trip, their signature once. */
import type { Clock } from '@sigec/runtime';
import type { Actor, UserRole } from '@sigec/store';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { SigningKeys } from './signing-keys.js';
import { VerifiedTokens } from './verified-tokens.js';

const ISSUER = 'sigec';
const AUDIENCE = 'sigec-api';
/** Longest token that is looked at. */
const MAX_TOKEN = 2048;
/** Seconds an access token lives. */
export const ACCESS_SECONDS = 900;

/** Who the token speaks for, and the refresh family it came with. */
export interface AccessClaims extends Actor {
  readonly sessionId: string;
}

const Claims = z.object({
  sub: z.uuid(),
  role: z.enum(['admin', 'operator', 'user'] satisfies UserRole[]),
  tenant: z.int().positive(),
  sid: z.string().min(1).max(64),
  exp: z.int(),
});

export class AccessTokens {
  readonly #keys: SigningKeys;
  readonly #clock: Clock;
  /** By the header that brought them. */
  readonly #verified = new VerifiedTokens<AccessClaims>();

  constructor(keys: SigningKeys, clock: Clock) {
    this.#keys = keys;
    this.#clock = clock;
  }

  async issue(claims: AccessClaims): Promise<string> {
    const now = this.#seconds();
    const { algorithm, id, key } = await this.#keys.signer();
    return new SignJWT({ role: claims.role, tenant: claims.tenantId, sid: claims.sessionId })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(id === undefined ? {} : { kid: id }) })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(claims.userId)
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_SECONDS)
      .sign(key);
  }

  /**
   * Who an Authorization header speaks for, or undefined where it holds no token of ours or the token's time is over.
   * A promise only where the token was not seen before.
   */
  authenticate(header: string | undefined): AccessClaims | undefined | Promise<AccessClaims | undefined> {
    if (header === undefined) return undefined;
    const known = this.#verified.get(header, this.#seconds());
    if (known) return known;
    const token = bearerOf(header);
    return token === undefined || token.length > MAX_TOKEN ? undefined : this.#verify(header, token);
  }

  async #verify(header: string, token: string): Promise<AccessClaims | undefined> {
    try {
      // The name is believed only to find a key of ours by; how to verify is the key's word, never the token's.
      const found = await this.#keys.verifier(decodeProtectedHeader(token).kid);
      if (found === undefined) return undefined;
      const { payload } = await jwtVerify(token, found.key, {
        algorithms: [found.algorithm],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'iat', 'sub'],
        currentDate: new Date(this.#clock.now()),
      });
      const claims = Claims.safeParse(payload);
      if (!claims.success) return undefined;
      const { sub, role, tenant, sid, exp } = claims.data;
      const said: AccessClaims = { userId: sub, role, tenantId: tenant, sessionId: sid };
      // White space around the token is free: a header of nothing else is not kept.
      if (header.length < MAX_TOKEN + 64) this.#verified.add(header, said, exp);
      return said;
    } catch (error) {
      // Not the token's fault: where the keys cannot be read, nobody knows whether it is good.
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
      return undefined;
    }
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

/** The token of an Authorization header (RFC 6750 section 2.1). */
function bearerOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(header)?.[1];
}
