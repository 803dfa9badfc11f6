/** Until when a token lets its holder listen. Whether it is good is the word of `AccessTokens`. */
import { z } from 'zod';
import type { AccessTokens } from '../auth/access-token.js';
import type { Caller } from '../context.js';

/** A token that was found good. */
export interface Admission {
  readonly actor: Caller;
  /** As it is asked about again: what lets people in may be taken back. */
  readonly header: string;
  /** ms since 1970; undefined where it does not say. */
  readonly expiresAt: number | undefined;
}

const Expiry = z.object({ exp: z.number() });

/** The `exp` of the header's JWT (RFC 7519 section 4.1.4), whose signature somebody else has verified. */
function expiryOf(header: string): number | undefined {
  try {
    const payload = Buffer.from(header.split('.')[1] ?? '', 'base64url').toString('utf8');
    const read = Expiry.safeParse(JSON.parse(payload));
    return read.success ? read.data.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whom an Authorization header lets in; undefined where it holds no token of ours, or the token's time is over.
 */
export async function admit(tokens: AccessTokens, header: string): Promise<Admission | undefined> {
  const actor = await tokens.authenticate(header);
  return actor === undefined ? undefined : { actor, header, expiresAt: expiryOf(header) };
}
