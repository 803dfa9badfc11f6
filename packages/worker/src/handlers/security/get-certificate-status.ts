/** GetCertificateStatus: whether a certificate of ISO 15118 still holds, by OCSP. 2.x M06. */
import { NO_ISO15118 } from '@sigec/domain';
import { define } from '../../handler.js';
import { keepAsked, needsAsked } from './iso15118.js';

export const getCertificateStatus2x = define('ocpp2.0.1', 'GetCertificateStatus', {
  kind: 'durable',
  needs: needsAsked,
  handle(call, unit) {
    const { ocspRequestData: name } = call.payload;
    const answer = (unit.settings.iso15118 ?? NO_ISO15118).ocsp(name);
    const kept = { purpose: 'OCSP', name, urls: [name.responderURL], status: answer.status };
    if (answer.status === 'Accepted') {
      keepAsked(call, unit, kept);
      return { status: 'Accepted' as const, ocspResult: answer.result };
    }
    keepAsked(call, unit, { ...kept, reason: answer.reason });
    return { status: 'Failed' as const, statusInfo: { reasonCode: answer.reason } };
  },
});
