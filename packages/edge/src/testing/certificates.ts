/** For tests: an authority that makes certificates, revokes them, and writes both to files. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto);

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const fromNow = (days: number) => new Date(Date.now() + days * DAY_MS);

/** In lines of 64 characters: not every reader of PEM takes longer ones. */
function block(heading: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${heading}-----`, ...lines, `-----END ${heading}-----`, ''].join('\n');
}

export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly serial: string;
}

export interface Wanted {
  readonly rsa?: boolean;
  readonly names?: readonly { type: 'dns' | 'url' | 'ip'; value: string }[];
  readonly days?: number;
}

let serials = 0;
const nextSerial = () => (++serials).toString(16).padStart(8, '0');

export class Authority {
  private constructor(
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly certificate: X509Certificate,
  ) {}

  static async make(name: string): Promise<Authority> {
    const keys = (await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    const certificate = await X509CertificateGenerator.createSelfSigned({
      serialNumber: nextSerial(),
      name: `CN=${name}`,
      notBefore: fromNow(-1),
      notAfter: fromNow(400),
      signingAlgorithm: EC,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 1, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    });
    return new Authority(keys, certificate);
  }

  get pem(): string {
    return this.certificate.toString('pem');
  }

  async issue(name: string, { rsa = false, names = [], days = 90 }: Wanted = {}): Promise<Identity> {
    const keys = (await webcrypto.subtle.generateKey(rsa ? RSA : EC, true, [
      'sign',
      'verify',
    ])) as webcrypto.CryptoKeyPair;
    const serial = nextSerial();
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serial,
      subject: `CN=${name}`,
      issuer: this.certificate.subject,
      notBefore: fromNow(-2),
      notAfter: fromNow(days),
      signingAlgorithm: EC,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      extensions: names.length > 0 ? [new SubjectAlternativeNameExtension([...names])] : [],
    });
    return {
      cert: certificate.toString('pem'),
      key: block('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
      serial,
    };
  }

  async revoke(serials: readonly string[], days = 30): Promise<string> {
    const list = await X509CrlGenerator.create({
      issuer: this.certificate.subject,
      thisUpdate: fromNow(-1),
      nextUpdate: fromNow(days),
      entries: serials.map((serialNumber) => ({
        serialNumber,
        revocationDate: fromNow(-1),
        reason: X509CrlReason.keyCompromise,
      })),
      signingAlgorithm: EC,
      signingKey: this.keys.privateKey,
    });
    // The library's own heading is one that OpenSSL does not know.
    return block('X509 CRL', list.rawData);
  }
}

/** A folder of files, written as a careful operator does: whole, then renamed. */
export function folder(): {
  path: (name: string) => string;
  write: (name: string, text: string) => string;
  remove: () => void;
} {
  const root = mkdtempSync(join(tmpdir(), 'sigec-tls-'));
  const path = (name: string) => join(root, name);
  return {
    path,
    write(name, text) {
      writeFileSync(path(`${name}.new`), text);
      renameSync(path(`${name}.new`), path(name));
      return path(name);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
