/**
 * The room of new firmware (1.6 UpdateFirmware and its signed kin, 2.x L01-L02): an image behind an http address is really
 * fetched, checked, and booted with; any other is played.
 */
import { constants, createVerify, type Verify, X509Certificate } from 'node:crypto';
import type { ChargingStation } from './charging.js';
import { type JsonObject, read } from './json.js';
import { tellSecurity } from './security-events.js';
import type { Job, Tell } from './simulated.js';
import { fetchFile, httpUrl } from './transfer.js';

export interface FirmwareOrder {
  location: string;
  retrieveAtMs: number | undefined;
  installAtMs: number | undefined;
  retries: number | undefined;
  /** s. */
  retryInterval: number | undefined;
  signature: string | undefined;
  signingCertificate: string | undefined;
  /** Whether the version has the words of the whole way (signed updates of 1.6, 2.x). */
  wordy: boolean;
}

/** How often a request wants its transfer tried again. */
export const again = (p: JsonObject) => ({
  retries: read.optInt(p, 'retries'),
  retryInterval: read.optInt(p, 'retryInterval'),
});

/** The order of a request that describes its image in a field of its own. */
export function firmwareOrder(p: JsonObject): FirmwareOrder {
  const image = read.obj(p, 'firmware');
  return {
    location: read.str(image, 'location'),
    retrieveAtMs: read.optTime(image, 'retrieveDateTime'),
    installAtMs: read.optTime(image, 'installDateTime'),
    signature: read.optStr(image, 'signature'),
    signingCertificate: read.optStr(image, 'signingCertificate'),
    wordy: true,
    ...again(p),
  };
}

const HEAD_BYTES = 4096;
const WAIT_MS = 50;

/** What an image calls itself; else what its address does; else one more than the present. */
function versionOf(head: string, location: string, present: string): string {
  const named = /firmwareVersion[=:]\s*([\w.+-]{1,50})/.exec(head)?.[1];
  const inName = /(\d+\.\d+(?:\.\d+)?)[^/]*$/.exec(location)?.[1];
  return named ?? inName ?? present.replace(/\d+$/, (last) => String(Number(last) + 1));
}

/** Whether the file that went through is what the signature is of; either padding of RSA. */
function verifiers(certificate: string): { each: (bytes: Buffer) => void; holds: (signature: string) => boolean } {
  const key = new X509Certificate(certificate).publicKey;
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
  const ways = key.asymmetricKeyType === 'rsa' ? [pss, { key, padding: constants.RSA_PKCS1_PADDING }] : [{ key }];
  const hashes: Verify[] = ways.map(() => createVerify('sha256'));
  return {
    each: (bytes) => {
      for (const hash of hashes) hash.update(bytes);
    },
    holds: (signature) => hashes.some((hash, i) => hash.verify(ways[i] ?? { key }, Buffer.from(signature, 'base64'))),
  };
}

export class Firmware {
  #failed = 0;

  constructor(private readonly station: ChargingStation) {}

  update(job: Job, order: FirmwareOrder, extra: JsonObject = {}): void {
    job.run(extra, (tell) => this.#update(tell, order));
  }

  async #update(tell: Tell, order: FirmwareOrder): Promise<void> {
    const { station } = this;
    const fails = this.#fails();
    if (order.wordy && this.#until(order.retrieveAtMs) > 0) await tell('DownloadScheduled');
    await station.timers.sleep(this.#until(order.retrieveAtMs));
    await tell('Downloading');
    const image = fails === 'DownloadFailed' ? null : await this.#download(order);
    if (image === null) return tell('DownloadFailed');
    await tell('Downloaded');
    if (!image.verified) {
      tellSecurity(station, 'InvalidFirmwareSignature');
      return tell('InvalidSignature');
    }
    if (order.signature !== undefined) await tell('SignatureVerified');
    if (order.wordy && (this.#until(order.installAtMs) > 0 || station.isCharging)) await tell('InstallScheduled');
    await station.timers.sleep(this.#until(order.installAtMs));
    // L01.FR.06: nobody who charges is cut off.
    while (station.isCharging) await station.timers.sleep(WAIT_MS);
    await tell('Installing');
    if (fails === 'InstallationFailed') return tell('InstallationFailed');
    if (image.version !== null) {
      if (order.wordy) await tell('InstallRebooting');
      await this.#reboot(image.version);
    }
    await tell('Installed');
    if (image.version !== null) tellSecurity(station, 'FirmwareUpdated', image.version);
  }

  /** How this update is to fail; null where it is to succeed. */
  #fails(): 'DownloadFailed' | 'InstallationFailed' | null {
    const { failures, fail, times } = this.station.o.firmware;
    if (this.#failed >= times || Math.random() >= failures) return null;
    this.#failed += 1;
    return fail;
  }

  #until(timeMs: number | undefined): number {
    return timeMs === undefined ? 0 : Math.max(0, timeMs - Date.now());
  }

  /** Null where it did not come; the version is null where it is only played. */
  async #download(order: FirmwareOrder): Promise<{ version: string | null; verified: boolean } | null> {
    const { station } = this;
    const url = httpUrl(order.location);
    if (url === null) return { version: null, verified: true };
    const { signature, signingCertificate } = order;
    for (let left = order.retries ?? 0; ; left--) {
      let head = Buffer.alloc(0);
      const signed = signature === undefined ? null : trusted(signingCertificate ?? '');
      const whole = await fetchFile(station, url, (bytes) => {
        if (head.length < HEAD_BYTES) head = Buffer.concat([head, bytes]).subarray(0, HEAD_BYTES);
        signed?.each(bytes);
      });
      if (whole) {
        const verified = signature === undefined || (signed?.holds(signature) ?? false);
        return { version: versionOf(head.toString('latin1'), url.pathname, station.firmwareVersion), verified };
      }
      if (left <= 0) return null;
      await station.timers.sleep((order.retryInterval ?? 1) * 1000);
    }
  }

  /** Comes back as another version, and is registered again. */
  async #reboot(version: string): Promise<void> {
    const { station } = this;
    station.setFirmware(version);
    station.reboot('FirmwareUpdate');
    while (!station.isOnline) await station.timers.sleep(WAIT_MS);
  }
}

/** Null where it is no certificate: then nothing it says holds. */
function trusted(certificate: string): ReturnType<typeof verifiers> | null {
  try {
    return verifiers(certificate);
  } catch {
    return null;
  }
}
