/** A secret as the database keeps it: AES-256-GCM under a key that is derived from the installation's secret. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Says what the key is for: none of another use opens the box. */
const AUTHORITY = 'sigec certificate authority key';

const keyOf = (secret: string, salt: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, purpose, 32));

/** Salt, nonce, tag, and what is hidden. */
export function closeBox(secret: string, text: string, purpose = AUTHORITY): Uint8Array {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, salt, purpose), iv);
  const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([salt, iv, cipher.getAuthTag(), hidden]);
}

/** @throws {Error} where it was closed under another secret, or changed */
export function openBox(secret: string, box: Uint8Array, purpose = AUTHORITY): string {
  const at = [0, SALT_BYTES, SALT_BYTES + IV_BYTES, SALT_BYTES + IV_BYTES + TAG_BYTES] as const;
  if (box.length <= at[3]) throw new Error(`the box (${purpose}) is too short`);
  const decipher = createDecipheriv(
    'aes-256-gcm',
    keyOf(secret, box.subarray(at[0], at[1]), purpose),
    box.subarray(at[1], at[2]),
  );
  decipher.setAuthTag(box.subarray(at[2], at[3]));
  try {
    return Buffer.concat([decipher.update(box.subarray(at[3])), decipher.final()]).toString('utf8');
  } catch {
    throw new Error(`the box (${purpose}) cannot be read: it was kept under another JWT_SECRET`);
  }
}
