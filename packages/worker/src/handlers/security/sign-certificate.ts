/** SignCertificate: a station asks for a certificate of its own. 1.6 security extension A02; 2.x A02, A03, M (V2G). */
import { asksAnew, type CertificateRefusal, certificateRefusal, NO_PROVIDER } from '@sigec/domain';
import type { RequestOf } from '@sigec/ocpp';
import { type Call, define } from '../../handler.js';
import type { Needs } from '../../needs.js';
import type { Unit } from '../../unit.js';
import { requireWhole } from '../../whole.js';
import { digestOf, readCertificateRequest } from './csr.js';

type Asked = Pick<
  RequestOf<'ocpp2.1', 'SignCertificate'>,
  'csr' | 'certificateType' | 'hashRootCertificate' | 'requestId'
>;

const digest = ({ csr, certificateType, requestId }: Asked): string =>
  digestOf(csr.trim(), certificateType ?? '', String(requestId ?? ''));

const needs = ({ stationId, payload }: Call<Asked>, wanted: Needs): void =>
  wanted.look('certificateAsker', { stationId, digest: digest(payload) });

/** Notes what is asked; issuing is a task of its own, which outlives any process. */
function ask({ stationId, payload, receivedAt }: Call<Asked>, unit: Unit): CertificateRefusal | undefined {
  const { csr, certificateType = null, requestId = null, hashRootCertificate } = payload;
  if (requestId !== null) requireWhole('requestId', requestId);
  const { identity, tenantId } = unit.station(stationId);
  const key = { stationId, digest: digest(payload) };
  const known = unit.found('certificateAsker', key);
  const facts = readCertificateRequest(csr);
  if (facts === undefined) return { reason: 'InvalidCSR', detail: 'csr: not a PKCS#10 request in PEM' };
  const serialNumber = known?.serialNumber ?? null;
  const refusal = certificateRefusal(facts, { identity, serialNumber });
  if (refusal !== undefined) return refusal;
  // A car trusts a V2G root, which only a provider of those has.
  const forCars = certificateType !== null && certificateType !== 'ChargingStationCertificate';
  if (forCars && unit.settings.v2gCertificates !== true)
    return { reason: NO_PROVIDER, detail: 'certificateType: no authority for ISO 15118 is configured' };
  if (!asksAnew(known, unit.now)) return undefined;
  const { digest: csrDigest } = key;
  const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber: serial } = hashRootCertificate ?? {};
  const rootHash =
    hashAlgorithm === undefined || issuerNameHash === undefined || issuerKeyHash === undefined || serial === undefined
      ? null
      : { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber: serial };
  const row = {
    tenantId,
    stationId,
    certificateType,
    ocppRequestId: requestId,
    rootHash,
    csr,
    csrDigest,
    at: receivedAt,
  };
  unit.add('certificateRequest', row);
  unit.know('certificateAsker', key, { serialNumber, status: 'open', endedAt: null });
  unit.tell(stationId, 'certificate.requested', {
    certificate_type: certificateType,
    organisation: facts.organisations[0] ?? null,
  });
  return undefined;
}

export const signCertificate16 = define('ocpp1.6', 'SignCertificate', {
  kind: 'durable',
  needs,
  handle: (call, unit) => ({ status: ask(call, unit) === undefined ? ('Accepted' as const) : ('Rejected' as const) }),
});

export const signCertificate2x = define('ocpp2.0.1', 'SignCertificate', {
  kind: 'durable',
  needs,
  handle(call, unit) {
    const refusal = ask(call, unit);
    if (refusal === undefined) return { status: 'Accepted' as const };
    const { reason: reasonCode, detail: additionalInfo } = refusal;
    return { status: 'Rejected' as const, statusInfo: { reasonCode, additionalInfo } };
  },
});
