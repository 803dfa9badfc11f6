/** What belongs to commands of certificates: the text is read before it is sent, and what the station holds then is kept. */
import type { EffectRow } from '../effect.js';
import { certificateSigned } from './certificate-signed.js';
import { deleteCertificate, getInstalledCertificateIds, installCertificate } from './installed-certificates.js';

export const SECURITY_EFFECTS: readonly EffectRow[] = [
  [['CertificateSigned'], certificateSigned],
  [['InstallCertificate'], installCertificate],
  [['DeleteCertificate'], deleteCertificate],
  [['GetInstalledCertificateIds'], getInstalledCertificateIds],
];
