/** The room of DER: just enough ASN.1 to name an installed certificate by its hashes and to ask for a new one. */
import { createHash, createSign, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import type { JsonObject } from './json.js';

interface Node {
  tag: number;
  /** The node with its header. */
  whole: Buffer;
  content: Buffer;
}

function children(content: Buffer): Node[] {
  const nodes: Node[] = [];
  for (let at = 0; at < content.length; ) {
    const first = content[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    const length = lengthBytes === 0 ? first : content.readUIntBE(at + 2, lengthBytes);
    if (lengthBytes > 4 || start + length > content.length) throw new RangeError('DER: length');
    nodes.push({
      tag: content[at] ?? 0,
      whole: content.subarray(at, start + length),
      content: content.subarray(start, start + length),
    });
    at = start + length;
  }
  return nodes;
}

const HASHES: Record<string, string> = { SHA256: 'sha256', SHA384: 'sha384', SHA512: 'sha512' };

/** The fields of a certificate from its serial number on: serial, algorithm, issuer, validity, subject, key. */
function fieldsOf(certificate: X509Certificate): Node[] {
  const body = children(children(certificate.raw)[0]?.content ?? Buffer.alloc(0))[0];
  const fields = children(body?.content ?? Buffer.alloc(0));
  // The version is tagged [0] and may be left out.
  return fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
}

/**
 * CertificateHashDataType of a certificate: hashes of the issuer's name and key (RFC 6960) and the serial number in hex
 * without leading zeros. Without an issuer it is taken for self-issued. Throws when a text is no PEM certificate.
 */
export function certificateHash(pem: string, algorithm = 'SHA256', issuerPem = pem): JsonObject {
  const certificate = new X509Certificate(pem);
  const issuer = fieldsOf(certificate)[2];
  const bits = children(fieldsOf(new X509Certificate(issuerPem))[5]?.content ?? Buffer.alloc(0))[1];
  if (issuer === undefined || bits === undefined) throw new RangeError('DER: certificate');
  const digest = (data: Buffer) =>
    createHash(HASHES[algorithm] ?? 'sha256')
      .update(data)
      .digest('hex');
  return {
    hashAlgorithm: algorithm,
    issuerNameHash: digest(issuer.whole),
    issuerKeyHash: digest(bits.content.subarray(1)),
    serialNumber: certificate.serialNumber.toLowerCase().replace(/^0+(?=.)/, ''),
  };
}

function node(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const n = content.length;
  const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const SEQUENCE = 0x30;
const OID_COMMON_NAME = Buffer.from('0603550403', 'hex');
const OID_ORGANISATION = Buffer.from('060355040a', 'hex');
const OID_ECDSA_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');

const attribute = (oid: Buffer, value: string) => node(0x31, node(SEQUENCE, oid, node(0x0c, Buffer.from(value))));

/** A PKCS#10 request (RFC 2986) for a fresh P-256 key: CN is the identity, O the vendor (2.x A00.FR.510-512). */
export function certificateRequest(identity: string, organisation: string): { csr: string; key: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const info = node(
    SEQUENCE,
    node(0x02, Buffer.from([0])),
    node(SEQUENCE, attribute(OID_ORGANISATION, organisation), attribute(OID_COMMON_NAME, identity)),
    publicKey.export({ type: 'spki', format: 'der' }),
    node(0xa0),
  );
  const signature = createSign('sha256').update(info).sign(privateKey);
  const request = node(SEQUENCE, info, node(SEQUENCE, OID_ECDSA_SHA256), node(0x03, Buffer.from([0]), signature));
  const lines = request.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return { csr: `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`, key: privateKey };
}

/** Whether the first certificate of a PEM chain was made for this private key. */
export function belongsTo(chain: string, key: KeyObject): boolean {
  try {
    return new X509Certificate(chain).checkPrivateKey(key);
  } catch {
    return false;
  }
}
