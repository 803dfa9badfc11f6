/** Passwords of chargers: made here, and kept by what can only check them. */
import { randomBytes } from 'node:crypto';
import { passwordProof, passwordVerifier } from '@sigec/contract';
import type { StationSecret } from '@sigec/store';

/**
 * A password with what is stored of it. One that is made has 20 random bytes as 40 hex digits: what OCPP 1.6 can hold at
 * most, and 2.x too.
 */
export function newSecret(
  pepper: string,
  given?: string,
): { readonly password: string; readonly secret: StationSecret } {
  const password = given ?? randomBytes(20).toString('hex');
  const salt = randomBytes(16);
  return { password, secret: { salt, verifier: passwordVerifier(salt, passwordProof(pepper, Buffer.from(password))) } };
}
