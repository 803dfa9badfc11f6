/** Reads a certificate request (PKCS#10, RFC 2986) as plain data. Whether it is signed by its own key is looked at later. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { type CertificateRequestFacts, publicKeyFacts } from '@sigec/domain';

/** One block, and nothing around it: what is stored is what is signed. */
const BLOCK =
  /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----[A-Za-z0-9+/=\s]+-----END (NEW )?CERTIFICATE REQUEST-----\s*$/;

/** OCPP's own bound is 5,500; a station may have been allowed to say too much. */
const MOST_CHARACTERS = 10_000;

/** Loaded with the first request: it is a sixth of what a worker's start takes, and most workers never see one. */
function x509(): typeof import('@peculiar/x509') {
  const require = createRequire(import.meta.url);
  require('reflect-metadata');
  return require('@peculiar/x509') as typeof import('@peculiar/x509');
}

/** Undefined where the text is none. */
export function readCertificateRequest(text: string): CertificateRequestFacts | undefined {
  if (text.length > MOST_CHARACTERS || !BLOCK.test(text)) return undefined;
  const { Pkcs10CertificateRequest } = x509();
  try {
    const { subjectName, publicKey } = new Pkcs10CertificateRequest(text.replaceAll('NEW CERTIFICATE', 'CERTIFICATE'));
    return {
      commonNames: subjectName.getField('CN'),
      organisations: subjectName.getField('O'),
      key: publicKeyFacts(publicKey.algorithm),
    };
  } catch {
    return undefined;
  }
}

/** By which the same request is known again. */
export const digestOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex');
