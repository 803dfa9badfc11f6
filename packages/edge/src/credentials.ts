/** The password out of an HTTP Basic header (RFC 7617), as bytes: chargers send keys that are no text. */

/** 2.x passwords have at most 40 characters, identities 255 here; what is longer is no charger's. */
const MAX_HEADER = 1_024;

/**
 * The password where the header is Basic and its user is the station, else null.
 * The identity is looked for whole, not up to the first colon: OCPP identities may have colons.
 */
export function passwordFrom(authorization: string, identity: string): Uint8Array | null {
  if (authorization.length > MAX_HEADER || !/^basic /i.test(authorization)) return null;
  const bytes = Buffer.from(authorization.slice(6).trim(), 'base64');
  const user = Buffer.from(`${identity}:`, 'utf8');
  return bytes.length > user.length && bytes.subarray(0, user.length).equals(user) ? bytes.subarray(user.length) : null;
}
