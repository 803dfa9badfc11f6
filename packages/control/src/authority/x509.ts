/** The X.509 library with Node's own cryptography behind it; the one place that sets it up. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { cryptoProvider } from '@peculiar/x509';

cryptoProvider.set(webcrypto);

export * from '@peculiar/x509';

/** A block of PEM in lines of 64 characters, under a heading that OpenSSL knows. */
export function pemBlock(heading: 'CERTIFICATE' | 'X509 CRL' | 'PRIVATE KEY', der: ArrayBuffer | Uint8Array): string {
  const bytes = der instanceof Uint8Array ? Buffer.from(der) : Buffer.from(new Uint8Array(der));
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${heading}-----`, ...lines, `-----END ${heading}-----`, ''].join('\n');
}
