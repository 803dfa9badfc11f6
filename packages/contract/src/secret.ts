/** Station passwords: how a password becomes the proof that travels and the verifier that is stored. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The bytes a password stands for. Chargers were given the AuthorizationKey as hex digits (OCPP 1.6 security white
 * paper, 2.x BasicAuthPassword) and send either the digits or the bytes they spell; both must be the same password.
 */
export function passwordBytes(password: Uint8Array): Uint8Array {
  if (password.length < 16 || password.length % 2 !== 0) return password;
  const text = Buffer.from(password).toString('latin1');
  return /^[0-9a-fA-F]+$/.test(text) ? Buffer.from(text, 'hex') : password;
}

/** HMAC-SHA256 under the pepper. Only this crosses the bus. Station secrets have high entropy, so no slow hash. */
export function passwordProof(pepper: string, password: Uint8Array): Uint8Array {
  return createHmac('sha256', pepper).update(passwordBytes(password)).digest();
}

/** What is stored: SHA-256 of salt and proof. */
export function passwordVerifier(salt: Uint8Array, proof: Uint8Array): Uint8Array {
  return createHash('sha256').update(salt).update(proof).digest();
}

/** Constant time. */
export function verifierMatches(salt: Uint8Array, proof: Uint8Array, stored: Uint8Array): boolean {
  const made = passwordVerifier(salt, proof);
  return made.length === stored.length && timingSafeEqual(made, stored);
}
