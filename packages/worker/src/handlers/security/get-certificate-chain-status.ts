/** GetCertificateChainStatus: whether certificates of a chain still hold. 2.1 M07. */
import { NO_PROVIDER, ownCertificateStatus, plainSerial } from '@sigec/domain';
import type { RequestOf } from '@sigec/ocpp';
import { type Call, define } from '../../handler.js';
import { keepAsked, needsAsked } from './iso15118.js';

type Query = RequestOf<'ocpp2.1', 'GetCertificateChainStatus'>['certificateStatusRequests'][number];

/** How long an answer holds: of our own certificates as our list of revoked ones does; a failure is asked again sooner. ms. */
const OWN_MS = 24 * 3_600_000;
const FAILED_MS = 3_600_000;

const keyOf = ({ certificateHashData: { serialNumber, issuerKeyHash } }: Query) => ({
  serialNumber: plainSerial(serialNumber),
  issuerKeyHash: issuerKeyHash.toLowerCase(),
});

const queries = (call: Call<RequestOf<'ocpp2.1', 'GetCertificateChainStatus'>>): readonly Query[] =>
  call.payload.certificateStatusRequests;

/** What we issued ourselves we know; of all else nobody here can tell, and the answer is that it failed. */
export const getCertificateChainStatus21 = define('ocpp2.1', 'GetCertificateChainStatus', {
  kind: 'durable',
  needs(call, needs) {
    needsAsked(call, needs);
    for (const query of queries(call)) needs.look('issuedCertificate', keyOf(query));
  },
  handle(call, unit) {
    const statuses = queries(call).map((query) => {
      const { certificateHashData: name, source } = query;
      const own = ownCertificateStatus(unit.found('issuedCertificate', keyOf(query)), name);
      const status = own ?? ('Failed' as const);
      const nextUpdate = new Date(unit.now + (own === undefined ? FAILED_MS : OWN_MS)).toISOString();
      return { certificateHashData: name, source, status, nextUpdate };
    });
    const asked = statuses.map(({ certificateHashData: name, source: purpose, status }, n) => ({
      ...{ purpose, name, urls: queries(call)[n]?.urls ?? [], status },
      ...(status === 'Failed' && { reason: NO_PROVIDER }),
    }));
    keepAsked(call, unit, ...asked);
    return { certificateStatus: statuses };
  },
});
