/** For tests: what a charger asks to have signed, and the key that it keeps. */
import { webcrypto } from 'node:crypto';
import { type JsonName, Pkcs10CertificateRequestGenerator, pemBlock } from '../authority/x509.js';

export const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
export const P384 = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' } as const;
export const RSA = {
  ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048 },
  publicExponent: new Uint8Array([1, 0, 1]),
};

export async function asked(name: string, algorithm: typeof EC | typeof P384 | typeof RSA = EC) {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const subject: JsonName = [{ O: ['Rede'] }, { CN: [name] }];
  const csr = await Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm: algorithm });
  const key = pemBlock('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { csr: csr.toString('pem'), key };
}
