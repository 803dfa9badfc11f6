/** The message by which a charger of any version is told to fetch and install an image. */
import type { OcppVersion } from '@sigec/ocpp';
import type { Payload } from './effect.js';

export interface FirmwareImage {
  /** Where the charger fetches it. */
  readonly location: string;
  /** Base64; with {@link signingCertificate}, or not at all. */
  readonly signature?: string | null | undefined;
  /** PEM. */
  readonly signingCertificate?: string | null | undefined;
}

export interface FirmwareTimes {
  readonly retrieveAt: Date;
  /** Absent: as soon as it is there. Unsigned updates of 1.6 have no word for it. */
  readonly installAt?: Date | undefined;
  readonly retries?: number | undefined;
  readonly retryIntervalSeconds?: number | undefined;
}

export interface FirmwareOrder {
  readonly action: 'UpdateFirmware' | 'SignedUpdateFirmware';
  /** Without the number of the request in versions that have one: it is filled in when it is sent. */
  readonly payload: Payload;
}

/** 1.6 section 6.59 and white paper section 5.23 (signed), 2.x L01 (signed) and L02. */
export function firmwareOrder(version: OcppVersion, image: FirmwareImage, times: FirmwareTimes): FirmwareOrder {
  const { location, signature, signingCertificate } = image;
  const { retrieveAt, installAt, retries, retryIntervalSeconds } = times;
  const again = {
    ...(retries === undefined ? {} : { retries }),
    ...(retryIntervalSeconds === undefined ? {} : { retryInterval: retryIntervalSeconds }),
  };
  const isSigned = typeof signature === 'string' && typeof signingCertificate === 'string';
  if (version === 'ocpp1.6' && !isSigned)
    return { action: 'UpdateFirmware', payload: { location, retrieveDate: retrieveAt.toISOString(), ...again } };
  const firmware = {
    location,
    retrieveDateTime: retrieveAt.toISOString(),
    ...(installAt === undefined ? {} : { installDateTime: installAt.toISOString() }),
    ...(isSigned ? { signingCertificate, signature } : {}),
  };
  const action = version === 'ocpp1.6' ? 'SignedUpdateFirmware' : 'UpdateFirmware';
  return { action, payload: { firmware, ...again } };
}
