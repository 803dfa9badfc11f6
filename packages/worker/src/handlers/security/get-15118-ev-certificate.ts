/** Get15118EVCertificate: a car wants its contract installed or renewed. 2.x M01, M02. */
import { NO_ISO15118 } from '@sigec/domain';
import type { RequestOf } from '@sigec/ocpp';
import { define } from '../../handler.js';
import { requireWhole } from '../../whole.js';
import { keepAsked, needsAsked } from './iso15118.js';

// 2.1 alone says how many contracts the car takes, and which come first.
type Asked21 = RequestOf<'ocpp2.1', 'Get15118EVCertificate'>;

export const get15118EVCertificate2x = define('ocpp2.0.1', 'Get15118EVCertificate', {
  kind: 'durable',
  needs: needsAsked,
  handle(call, unit) {
    const { iso15118SchemaVersion: schemaVersion, action, exiRequest } = call.payload;
    const { maximumContractCertificateChains, prioritizedEMAIDs: emaids = [] } = call.payload as Asked21;
    const maxContracts =
      maximumContractCertificateChains === undefined
        ? null
        : requireWhole('maximumContractCertificateChains', maximumContractCertificateChains);
    const port = unit.settings.iso15118 ?? NO_ISO15118;
    const answer = port.evCertificate({ schemaVersion, action, exiRequest, maxContracts, emaids });
    const kept = { schemaVersion, purpose: action, maxContracts, emaids, status: answer.status };
    if (answer.status === 'Accepted') {
      keepAsked(call, unit, kept);
      // 2.1 alone has remainingContracts; to 2.0.1 it would be a field too many.
      const { exiResponse, remainingContracts } = answer;
      const more = call.version === 'ocpp2.1' && remainingContracts !== undefined ? { remainingContracts } : {};
      return { status: 'Accepted' as const, exiResponse, ...more };
    }
    keepAsked(call, unit, { ...kept, reason: answer.reason });
    return { status: 'Failed' as const, exiResponse: '', statusInfo: { reasonCode: answer.reason } };
  },
});
