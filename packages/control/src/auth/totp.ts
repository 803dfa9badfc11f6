/** Time-based one-time passwords (RFC 6238 over RFC 4226): SHA-1, six digits, thirty seconds, as authenticator apps take them. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const STEP_S = 30;
const DIGITS = 6;
/** Steps to either side that are taken: clocks of telephones are not exact, and people are slow (RFC 6238 section 5.2). */
const WINDOW = 1;
/** Bytes of a secret (RFC 4226 section 4, R6). */
const SECRET_BYTES = 20;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 section 6, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >>> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31];
}

export const newSecret = (): Uint8Array => randomBytes(SECRET_BYTES);

/** What authenticator apps read, as text or as a QR code of it. */
export function otpauthUrl(secret: Uint8Array, account: string): string {
  const label = `SIGEC-VE:${account}`;
  const query = new URLSearchParams({
    secret: base32(secret),
    issuer: 'SIGEC-VE',
    algorithm: 'SHA1',
    digits: String(DIGITS),
    period: String(STEP_S),
  });
  return `otpauth://totp/${encodeURIComponent(label)}?${query}`;
}

/** The time step of a moment. @param now ms since 1970 */
export const stepOf = (now: number): number => Math.floor(now / 1000 / STEP_S);

/** The code of a time step (RFC 4226 section 5.3). */
export function codeAt(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const at = (mac[mac.length - 1] ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 10 ** DIGITS).padStart(DIGITS, '0');
}

/**
 * The time step that a code belongs to, undefined where it is of none that is near. All are compared, in constant time.
 * Whether the step was used before is for the caller.
 * @param now ms since 1970
 */
export function stepOfCode(secret: Uint8Array, code: string, now: number): number | undefined {
  const given = Buffer.from(code);
  let found: number | undefined;
  for (let step = stepOf(now) - WINDOW; step <= stepOf(now) + WINDOW; step++) {
    const wanted = Buffer.from(codeAt(secret, Math.max(0, step)));
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) found = step;
  }
  return found;
}

/** Codes for when the telephone is lost: 80 random bits each, in groups that people can copy. */
export function newRecoveryCodes(count = 10): string[] {
  return Array.from({ length: count }, () => (base32(randomBytes(10)).match(/.{4}/g) ?? []).join('-'));
}

/** As it was made, however it was typed. */
export const tidyRecoveryCode = (typed: string): string =>
  (
    typed
      .toUpperCase()
      .replace(/[^A-Z2-7]/g, '')
      .match(/.{4}/g) ?? []
  ).join('-');
