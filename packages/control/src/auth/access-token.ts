/** Access tokens: JWT, HS256, short-lived, checked without a round trip. */
import type { Clock } from '@sigec/runtime';
import type { Actor, UserRole } from '@sigec/store';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

const ISSUER = 'sigec';
const AUDIENCE = 'sigec-api';
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
});

export class AccessTokens {
  readonly #key: Uint8Array;
  readonly #clock: Clock;

  /** @throws {RangeError} for a secret under 32 characters */
  constructor(secret: string, clock: Clock) {
    if (secret.length < 32) throw new RangeError('jwtSecret: must be at least 32 characters');
    this.#key = new TextEncoder().encode(secret);
    this.#clock = clock;
  }

  issue(claims: AccessClaims): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000);
    return new SignJWT({ role: claims.role, tenant: claims.tenantId, sid: claims.sessionId })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(claims.userId)
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_SECONDS)
      .sign(this.#key);
  }

  /** What a token says, or undefined where it is not one of ours or its time is over. */
  async read(token: string): Promise<AccessClaims | undefined> {
    if (token.length > 2048) return undefined;
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
      const { sub, role, tenant, sid } = claims.data;
      return { userId: sub, role, tenantId: tenant, sessionId: sid };
    } catch {
      return undefined;
    }
  }
}

/** The token of an Authorization header (RFC 6750 section 2.1). */
export function bearerOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(header)?.[1];
}
