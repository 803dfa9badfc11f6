/** Secrets that are random enough to be kept as a plain hash: one-time tokens, recovery codes, names of logins under way. */
import { createHash, randomBytes } from 'node:crypto';

export interface OneTime {
  readonly token: string;
  /** SHA-256 of it: what is kept. */
  readonly hash: Uint8Array;
}

export const hashOf = (token: string): Uint8Array => createHash('sha256').update(token).digest();

/** 256 random bits. */
export function newOneTime(): OneTime {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashOf(token) };
}
