/** Certificates as text: read, checked, and named as OCPP names them (CertificateHashDataType). */
import { createHash, type KeyObject, X509Certificate as NodeCertificate } from 'node:crypto';
import { plainSerial } from '@sigec/domain';
import { X509Certificate } from './x509.js';

const BLOCKS = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+?-----END CERTIFICATE-----/g;
/** More than any chain of OCPP holds. */
const MOST = 10;

/** One certificate of a text. */
export interface Certificate {
  readonly pem: string;
  /** Node's own reading of it. */
  readonly node: NodeCertificate;
  readonly commonNames: readonly string[];
}

/** A text that is not what it should be; the message says what is wanted, and never quotes. */
export class CertificateTextError extends Error {
  override readonly name = 'CertificateTextError';
}

/**
 * The certificates of a PEM text, in its order.
 * @throws {CertificateTextError}
 */
export function readCertificates(text: string): readonly [Certificate, ...Certificate[]] {
  const blocks = text.match(BLOCKS) ?? [];
  if (blocks.length === 0 || text.replace(BLOCKS, '').trim() !== '')
    throw new CertificateTextError('must be PEM: blocks of BEGIN CERTIFICATE, and nothing else');
  if (blocks.length > MOST) throw new CertificateTextError(`must hold at most ${MOST} certificates`);
  const [first, ...rest] = blocks.map(readOne);
  return [first as Certificate, ...rest];
}

function readOne(block: string): Certificate {
  try {
    const node = new NodeCertificate(block);
    const commonNames = new X509Certificate(block).subjectName.getField('CN');
    return { pem: node.toString(), node, commonNames };
  } catch (cause) {
    throw new CertificateTextError('cannot be read as X.509', { cause });
  }
}

export const NODE_HASHES = { SHA256: 'sha256', SHA384: 'sha384', SHA512: 'sha512' } as const;
export type HashAlgorithm = keyof typeof NODE_HASHES;
export const isHashAlgorithm = (text: string): text is HashAlgorithm => Object.hasOwn(NODE_HASHES, text);

/** The bits of a public key without what says which kind it is: what OCSP hashes (RFC 6960). */
function keyBits(key: KeyObject): Buffer {
  const spki = key.export({ type: 'spki', format: 'der' });
  const [content] = children(spki);
  const bits = children(content ?? Buffer.alloc(0))[1];
  // The first byte tells how many bits of the last are unused: none.
  return (bits ?? Buffer.alloc(1)).subarray(1);
}

/** The contents of the values that stand one behind another in DER made by Node itself. */
function children(der: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 1 < der.length; ) {
    const first = der[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
    found.push(der.subarray(start, start + length));
    at = start + length;
  }
  return found;
}

export interface HashName {
  readonly hashAlgorithm: HashAlgorithm;
  readonly issuerNameHash: string;
  /** Null where the issuer is not at hand. */
  readonly issuerKeyHash: string | null;
  readonly serialNumber: string;
}

/** OCPP's name of a certificate. Its issuer is itself where it issued itself, or one of `others`. */
export function hashName(
  { node, pem }: Pick<Certificate, 'node' | 'pem'>,
  others: readonly Pick<Certificate, 'node'>[] = [],
  hashAlgorithm: HashAlgorithm = 'SHA256',
): HashName {
  const digest = (data: Uint8Array) => createHash(NODE_HASHES[hashAlgorithm]).update(data).digest('hex');
  const issuer = [node, ...others.map((other) => other.node)].find((other) => node.checkIssued(other));
  return {
    hashAlgorithm,
    issuerNameHash: digest(new Uint8Array(new X509Certificate(pem).issuerName.toArrayBuffer())),
    issuerKeyHash: issuer === undefined ? null : digest(keyBits(issuer.publicKey)),
    serialNumber: plainSerial(node.serialNumber),
  };
}

/** SHA-256 of its public key's bits, hex: how what it issued names it. */
export const keyHashOf = ({ node }: Pick<Certificate, 'node'>): string =>
  createHash('sha256').update(keyBits(node.publicKey)).digest('hex');

/** SHA-256 of the whole, hex. */
export const fingerprintOf = ({ node }: Pick<Certificate, 'node'>): string =>
  node.fingerprint256.replaceAll(':', '').toLowerCase();
