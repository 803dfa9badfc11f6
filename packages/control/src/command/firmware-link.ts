/** Images that we hold ourselves, as chargers are told of them. */
import { type Actor, type FirmwareRow, getFirmware } from '@sigec/store';
import type { Services } from '../context.js';
import { baseUrl, firmwareToken } from '../files/token.js';
import { ProblemError } from '../problem.js';
import type { FirmwareImage } from './firmware-order.js';

/** After the time at which it is to be fetched: a charger that was away comes late. */
const HOLDS_MS = 7 * 24 * 3_600_000;

/**
 * @param expiresAt ms since 1970
 * @throws {ProblemError} `validation` where it has no file yet, or nobody told where chargers reach us
 */
export function firmwareLink(config: Services['config'], image: FirmwareRow, expiresAt: number): string {
  if (image.file === null)
    throw new ProblemError('validation', { errors: [{ field: 'firmware_id', message: 'has no file yet' }] });
  const token = firmwareToken(config.jwtSecret, image.id, expiresAt);
  // Its name at the end: chargers look at it.
  return `${baseUrl(config, 'location')}/firmwares/${image.id}/file/${token}/${encodeURIComponent(image.fileName)}`;
}

/**
 * An image of ours for `firmwareOrder`.
 * @throws {ProblemError} `validation` where there is none of this id, and as {@link firmwareLink}
 */
export async function firmwareImage(
  { db, config }: Pick<Services, 'db' | 'config'>,
  actor: Actor,
  firmwareId: number,
  retrieveAt: Date,
): Promise<FirmwareImage & { readonly version: string }> {
  const image = await getFirmware(db, actor, firmwareId);
  if (image === undefined)
    throw new ProblemError('validation', { errors: [{ field: 'firmware_id', message: 'leads to no image' }] });
  const { version, signature, signingCertificate } = image;
  const location = firmwareLink(config, image, retrieveAt.getTime() + HOLDS_MS);
  return { location, version, signature, signingCertificate };
}
