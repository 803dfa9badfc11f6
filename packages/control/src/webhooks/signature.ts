/**
 * How a receiver knows that a delivery is ours: HMAC-SHA256 over the time and the body, as in `t=<s since 1970>,v1=<hex>`. While a
 * secret is changed there is a `v1` for each of the two.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { seal, unseal } from '../sealed.js';

const PREFIX = 'whsec_';

export const newSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64url')}`;

export const closeSecret = (key: string, secret: string): Uint8Array => seal(key, 'webhook', secret);

/** @throws {Error} where it was kept under another JWT_SECRET */
export const openSecret = (key: string, box: Uint8Array): string => unseal(key, 'webhook', box);

/** @param seconds since 1970, when this attempt is made: a receiver refuses what is old */
export function sign(secrets: readonly string[], seconds: number, body: string): string {
  const each = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`);
  return [`t=${seconds}`, ...each].join(',');
}
