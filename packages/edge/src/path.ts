/** From the URL of an upgrade to the station's identity. Tolerant, because installers are (field.md 9, 10). */
import { MAX_IDENTITY_LENGTH, tokenOf } from '@sigec/contract';

/** Longest token of an identity in a subject: the bus takes subjects of 1,024 characters. */
const MAX_TOKEN_LENGTH = 900;

export type PathResult = { readonly identity: string } | { readonly reason: string };

/**
 * `/ocpp/<identity>`. Trailing and doubled slashes, further segments before the identity and a doubled identity are
 * taken; the last segment that is not empty is the identity. It is percent-decoded once; `+` stays a plus.
 */
export function identityFromPath(path: string): PathResult {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments[0]?.toLowerCase() !== 'ocpp') return { reason: 'path does not begin with /ocpp/' };
  const last = segments.length > 1 ? segments.at(-1) : undefined;
  if (last === undefined) return { reason: 'no identity in the path' };
  let identity: string;
  try {
    identity = decodeURIComponent(last);
  } catch {
    return { reason: 'identity is not percent-encoded UTF-8' };
  }
  if (identity.length > MAX_IDENTITY_LENGTH) return { reason: `identity is over ${MAX_IDENTITY_LENGTH} characters` };
  if (/[\p{Cc}\p{Surrogate}]/u.test(identity)) return { reason: 'identity has control characters' };
  if (tokenOf(identity).length > MAX_TOKEN_LENGTH) return { reason: 'identity is too long for a subject' };
  return { identity };
}
