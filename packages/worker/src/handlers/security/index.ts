/** Handlers of certificates, security events, and ISO 15118: a file for each action. */
import type { Family } from '../../handler.js';
import { get15118EVCertificate2x } from './get-15118-ev-certificate.js';
import { getCertificateChainStatus21 } from './get-certificate-chain-status.js';
import { getCertificateStatus2x } from './get-certificate-status.js';
import { securityEventNotification2x, securityEventNotification16 } from './security-event-notification.js';
import { signCertificate2x, signCertificate16 } from './sign-certificate.js';

export const security: Family = {
  of16: [securityEventNotification16, signCertificate16],
  of2x: [get15118EVCertificate2x, getCertificateStatus2x, securityEventNotification2x, signCertificate2x],
  of21: [getCertificateChainStatus21],
};
