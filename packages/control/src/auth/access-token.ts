/** Access tokens: JWT, HS256, short-lived, checked without a round trip, their signature once. */
import type { Clock } from '@sigec/runtime';
import type { Actor, UserRole } from '@sigec/store';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
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
  readonly #key: Uint8Array;
  readonly #clock: Clock;
  /** By the header that brought them. */
  readonly #verified = new VerifiedTokens<AccessClaims>();

  /** @throws {RangeError} for a secret under 32 characters */
  constructor(secret: string, clock: Clock) {
    if (secret.length < 32) throw new RangeError('jwtSecret: must be at least 32 characters');
    this.#key = new TextEncoder().encode(secret);
    this.#clock = clock;
  }

  issue(claims: AccessClaims): Promise<string> {
    const now = this.#seconds();
    return new SignJWT({ role: claims.role, tenant: claims.tenantId, sid: claims.sessionId })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(claims.userId)
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_SECONDS)
      .sign(this.#key);
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
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS256'],
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
    } catch {
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
