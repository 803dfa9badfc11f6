/**
 * Links for chargers, which know no login: what stands in the address is the right. An upload's token opens one upload and
 * is kept as its hash; an image's link says by itself until when it holds (docs/decisions/0018).
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '../problem.js';

export interface UploadToken {
  readonly token: string;
  readonly hash: Uint8Array;
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export const hashOf = (token: string): Uint8Array => createHash('sha256').update(token).digest();

export function newUploadToken(): UploadToken {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashOf(token) };
}

/** The hash of what may be a token; undefined for what surely is none. */
export const readUploadToken = (text: string): Uint8Array | undefined => (TOKEN.test(text) ? hashOf(text) : undefined);

/**
 * Where chargers reach us, without a slash at its end.
 * @param field what whoever asked could have filled in instead
 * @throws {ProblemError} `validation` where nobody told where that is
 */
export function baseUrl(config: { readonly publicUrl?: string | undefined }, field: string): string {
  if (config.publicUrl !== undefined) return config.publicUrl.replace(/\/+$/, '');
  throw new ProblemError('validation', {
    errors: [{ field, message: 'must be given, as no address of this system is configured (SIGEC_PUBLIC_URL)' }],
  });
}

const EXPIRY_BYTES = 6;
const MAC_BYTES = 24;
const LINK = /^[A-Za-z0-9_-]{40}$/;

/** A key that signs nothing else, made from the secret that signs the tokens of people. */
const macOf = (secret: string, id: number, expiry: Uint8Array): Uint8Array =>
  createHmac('sha256', createHmac('sha256', secret).update('sigec firmware link').digest())
    .update(`${id}.`)
    .update(expiry)
    .digest()
    .subarray(0, MAC_BYTES);

/** @param expiresAt ms since 1970 */
export function firmwareToken(secret: string, id: number, expiresAt: number): string {
  const expiry = Buffer.alloc(EXPIRY_BYTES);
  expiry.writeUIntBE(Math.floor(expiresAt / 1000), 0, EXPIRY_BYTES);
  return Buffer.concat([expiry, macOf(secret, id, expiry)]).toString('base64url');
}

export function isFirmwareToken(secret: string, id: number, token: string, now: number): boolean {
  if (!LINK.test(token)) return false;
  const bytes = Buffer.from(token, 'base64url');
  const expiry = bytes.subarray(0, EXPIRY_BYTES);
  if (!timingSafeEqual(bytes.subarray(EXPIRY_BYTES), macOf(secret, id, expiry))) return false;
  return expiry.readUIntBE(0, EXPIRY_BYTES) * 1000 > now;
}
