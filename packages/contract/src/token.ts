/** Station identity <-> NATS subject token, reversible for every identity that OCPP allows. */

/** Longest identity taken: 48 in OCPP 2.x (part 4, 3.1.1), 25 in 1.6; chargers in the field exceed both. */
export const MAX_IDENTITY_LENGTH = 255;

const PLAIN = /^[A-Za-z0-9_-]+$/;
const UTF8 = new TextEncoder();
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Letters, digits, `_` and `-` stand for themselves, every other byte of the UTF-8 form is `=` and two capital hex
 * digits. `.`, `*`, `>` and white space, which mean something to NATS, so never appear.
 * @throws {RangeError} for an empty identity, one over {@link MAX_IDENTITY_LENGTH} characters, or lone surrogates
 */
export function tokenOf(identity: string): string {
  if (identity.length === 0) throw new RangeError('identity: is empty');
  if (identity.length > MAX_IDENTITY_LENGTH) throw new RangeError(`identity: over ${MAX_IDENTITY_LENGTH} characters`);
  if (PLAIN.test(identity)) return identity;
  if (/\p{Surrogate}/u.test(identity)) throw new RangeError('identity: not valid Unicode');
  let token = '';
  for (const byte of UTF8.encode(identity)) {
    const char = String.fromCharCode(byte);
    token += PLAIN.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return token;
}

/**
 * The inverse of {@link tokenOf}.
 * @throws {RangeError} for what {@link tokenOf} never makes
 */
export function identityOf(token: string): string {
  if (PLAIN.test(token)) return token;
  if (!/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(token)) throw new RangeError('token: not a station token');
  const bytes: number[] = [];
  for (let i = 0; i < token.length; i++) {
    if (token[i] === '=') {
      bytes.push(Number.parseInt(token.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(token.charCodeAt(i));
  }
  let identity: string;
  try {
    identity = STRICT_UTF8.decode(new Uint8Array(bytes));
  } catch (cause) {
    throw new RangeError('token: not valid UTF-8', { cause });
  }
  // One identity has one token: a spelling that tokenOf would not choose is refused, or two subjects would mean one station.
  if (tokenOf(identity) !== token) throw new RangeError('token: not in its one spelling');
  return identity;
}
