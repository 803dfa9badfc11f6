/** What the database keeps and must not show: AES-256-GCM under a key that is derived from the installation's secret. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What a box is for: none of another use opens it. */
const PURPOSES = {
  authority: 'sigec certificate authority key',
  answer: 'sigec answer to a repeated request',
  webhook: 'sigec webhook secret',
  'signing-key': 'sigec access token key',
  'second-factor': 'sigec second factor secret',
  notification: 'sigec notification content',
} as const;
export type Purpose = keyof typeof PURPOSES;

const keyOf = (secret: string, salt: Uint8Array, purpose: Purpose): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, PURPOSES[purpose], 32));

/** A name for the secret, from which nobody finds it: to tell what was sealed under it from what was not. */
export const nameOf = (secret: string): string =>
  Buffer.from(hkdfSync('sha256', secret, '', 'sigec name of the secret', 12)).toString('base64url');

/** Salt, nonce, tag, and what is hidden. */
export function seal(secret: string, purpose: Purpose, text: string): Uint8Array {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, salt, purpose), iv);
  const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([salt, iv, cipher.getAuthTag(), hidden]);
}

/** @throws {Error} where it was sealed under another secret or for another purpose, or changed */
export function unseal(secret: string, purpose: Purpose, box: Uint8Array): string {
  const at = [0, SALT_BYTES, SALT_BYTES + IV_BYTES, SALT_BYTES + IV_BYTES + TAG_BYTES] as const;
  if (box.length <= at[3]) throw new Error(`${PURPOSES[purpose]}: too short`);
  const decipher = createDecipheriv(
    'aes-256-gcm',
    keyOf(secret, box.subarray(at[0], at[1]), purpose),
    box.subarray(at[1], at[2]),
  );
  decipher.setAuthTag(box.subarray(at[2], at[3]));
  try {
    return Buffer.concat([decipher.update(box.subarray(at[3])), decipher.final()]).toString('utf8');
  } catch {
    throw new Error(`${PURPOSES[purpose]}: cannot be read, as it was kept under another JWT_SECRET`);
  }
}
