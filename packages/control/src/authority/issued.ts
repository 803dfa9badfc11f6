/** What is kept of a certificate that was issued for a station. */
import type { NewCertificate } from '@sigec/store';
import { type Certificate, fingerprintOf, hashName } from './certificates.js';

/** @param chain the station's own certificate first; its issuer among the others, or `issuers` */
export function issuedRow(
  source: NewCertificate['source'],
  certificateType: string | null,
  chain: readonly [Certificate, ...Certificate[]],
  issuers: readonly Certificate[] = [],
): NewCertificate {
  const [own, ...others] = chain;
  const { issuerNameHash, issuerKeyHash, serialNumber } = hashName(own, [...others, ...issuers]);
  return {
    certificateType,
    source,
    serialNumber,
    fingerprint: fingerprintOf(own),
    subject: own.node.subject,
    issuer: own.node.issuer,
    issuerNameHash,
    issuerKeyHash,
    notBefore: new Date(own.node.validFrom),
    notAfter: new Date(own.node.validTo),
    chainPem: chain.map(({ pem }) => pem).join(''),
  };
}
