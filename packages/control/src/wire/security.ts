/** Certificates, security events and questions of ISO 15118, on the wire. */
import { z } from '@hono/zod-openapi';
import { plainSerial } from '@sigec/domain';
import type {
  CertificateRequestView,
  InstalledRow,
  Iso15118Row,
  SecurityEventRow,
  StationCertificateRow,
} from '@sigec/store';
import { IdParam, IdText, iso, listOf, PageQuery, Time } from './common.js';

const HashData = z
  .object({
    hash_algorithm: z.string().openapi({ example: 'SHA256' }),
    issuer_name_hash: z.string(),
    issuer_key_hash: z.string().nullable().openapi({ description: 'null where the issuer is not known.' }),
    serial_number: z.string().openapi({ description: 'Hex, lower case, without leading zeros.' }),
  })
  .openapi('CertificateHashData');

export const SerialParam = IdParam.extend({
  serial: z
    .string()
    .regex(/^[0-9a-fA-F]{1,40}$/, 'must be a serial number in hex')
    .transform(plainSerial)
    .openapi({ param: { name: 'serial', in: 'path' }, type: 'string', example: '4f1c' }),
});

/** Of RFC 5280, those that an operator has a use for. */
export const REASONS = [
  ...['unspecified', 'keyCompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation'],
  'privilegeWithdrawn',
] as const;

export const RevokeBody = z
  .strictObject({ reason: z.enum(REASONS as unknown as [string, ...string[]]).default('unspecified') })
  .openapi('RevokeCertificate');

export const StationCertificate = z
  .object({
    serial_number: z.string(),
    certificate_type: z
      .string()
      .nullable()
      .openapi({ description: 'As the charger asked for; null where it named none.' }),
    source: z.enum(['builtin', 'external', 'operator']).openapi({ description: 'Who issued it.' }),
    subject: z.string(),
    issuer: z.string(),
    fingerprint: z.string().openapi({ description: 'SHA-256, hex.' }),
    not_before: Time,
    not_after: Time,
    delivered_at: Time.nullable().openapi({ description: 'When the charger took it.' }),
    revoked_at: Time.nullable(),
    revocation_reason: z.string().nullable(),
    pem: z.string().openapi({ description: "The chain, the charger's own certificate first." }),
    created_at: Time,
  })
  .openapi('StationCertificate');

export const CertificateRequest = z
  .object({
    id: IdText,
    certificate_type: z.string().nullable(),
    status: z.enum(['open', 'signed', 'installed', 'refused', 'failed', 'superseded']).openapi({
      description: 'open: to be issued; signed: on its way to the charger; refused: the charger did not take it.',
    }),
    detail: z.string().nullable().openapi({ description: 'Why it stands where it stands.' }),
    attempts: z.int(),
    next_attempt_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
    ended_at: Time.nullable(),
  })
  .openapi('CertificateRequest');

export const InstalledCertificate = HashData.extend({
  certificate_type: z.string().openapi({ example: 'CSMSRootCertificate' }),
  children: z.array(HashData),
  pem: z.string().nullable().openapi({ description: 'As it was sent from here; null where it came from elsewhere.' }),
  installed_at: Time.nullable(),
  reported_at: Time.nullable().openapi({ description: 'When the charger said last that it holds it.' }),
}).openapi('InstalledCertificate');

export const DeviceCertificates = z
  .object({
    requests: z.array(CertificateRequest).openapi({ description: 'What the charger asked for, newest first.' }),
    issued: z.array(StationCertificate).openapi({ description: "The charger's own, newest first." }),
    installed: z.array(InstalledCertificate).openapi({ description: 'Roots and chains that the charger holds.' }),
  })
  .openapi('DeviceCertificates');

export const Renewal = z
  .object({
    id: IdText,
    result: z.string().openapi({ example: 'Accepted' }),
    message_id: z.string(),
    latency_ms: z.int(),
  })
  .openapi('CertificateRenewal');

export const CertificateChain = z
  .object({ certificate_chain: z.string().openapi({ description: 'PEM; the authority itself first.' }) })
  .openapi('CertificateChain');

export const SecurityEvent = z
  .object({
    id: IdText,
    device_id: IdText,
    type: z.string().openapi({ example: 'FirmwareUpdated' }),
    criticality: z.enum(['critical', 'normal', 'unknown']).openapi({
      description: "By the specification's list; unknown: not on it.",
    }),
    tech_info: z.string().nullable(),
    occurred_at: Time,
    time_quality: z
      .string()
      .openapi({ description: "Whether the time is the charger's: exact, assumed_zone, server_time." }),
    received_at: Time,
  })
  .openapi('SecurityEvent');

export const SecurityEventList = listOf('SecurityEventList', SecurityEvent);
export const SecurityEventQuery = PageQuery.extend({
  critical: z.enum(['true', 'false']).optional().openapi({ description: '`true`: only those that are critical.' }),
});

export const Iso15118Request = z
  .object({
    id: IdText,
    action: z.string().openapi({ example: 'GetCertificateStatus' }),
    schema_version: z.string().nullable(),
    purpose: z.string().nullable().openapi({ example: 'OCSP' }),
    hash_data: HashData.nullable(),
    urls: z.array(z.string()),
    max_contracts: z.int().nullable().openapi({ description: 'OCPP 2.1: how many contracts the car takes.' }),
    emaids: z.array(z.string()).openapi({ description: 'OCPP 2.1: contracts that it would rather have.' }),
    status: z.string().openapi({ description: 'What was answered.' }),
    reason: z.string().nullable(),
    received_at: Time,
  })
  .openapi('Iso15118Request');

export const Iso15118RequestList = listOf('Iso15118RequestList', Iso15118Request);

export const toCertificate = (row: StationCertificateRow): z.infer<typeof StationCertificate> => ({
  serial_number: row.serialNumber,
  certificate_type: row.certificateType,
  source: row.source,
  subject: row.subject,
  issuer: row.issuer,
  fingerprint: row.fingerprint,
  not_before: iso(row.notBefore),
  not_after: iso(row.notAfter),
  delivered_at: iso(row.deliveredAt),
  revoked_at: iso(row.revokedAt),
  revocation_reason: row.revocationReason,
  pem: row.chainPem,
  created_at: iso(row.createdAt),
});

export const toCertificateRequest = (row: CertificateRequestView): z.infer<typeof CertificateRequest> => ({
  id: String(row.id),
  certificate_type: row.certificateType,
  status: row.status,
  detail: row.detail,
  attempts: row.attempts,
  next_attempt_at: row.endedAt === null ? iso(row.nextAt) : null,
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
  ended_at: iso(row.endedAt),
});

type Named = Pick<InstalledRow, 'hashAlgorithm' | 'issuerNameHash' | 'issuerKeyHash' | 'serialNumber'>;

const toHashData = (row: Named): z.infer<typeof HashData> => ({
  hash_algorithm: row.hashAlgorithm,
  issuer_name_hash: row.issuerNameHash,
  issuer_key_hash: row.issuerKeyHash,
  serial_number: row.serialNumber,
});

export const toInstalled = (row: InstalledRow): z.infer<typeof InstalledCertificate> => ({
  certificate_type: row.certificateType,
  ...toHashData(row),
  children: row.children.map(toHashData),
  pem: row.pem,
  installed_at: iso(row.installedAt),
  reported_at: iso(row.reportedAt),
});

export const toSecurityEvent = (row: SecurityEventRow): z.infer<typeof SecurityEvent> => ({
  id: String(row.id),
  device_id: String(row.stationId),
  type: row.type,
  criticality: row.criticality,
  tech_info: row.techInfo,
  occurred_at: iso(row.occurredAt),
  time_quality: row.timeQuality,
  received_at: iso(row.receivedAt),
});

export function toIso15118Request(row: Iso15118Row): z.infer<typeof Iso15118Request> {
  const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = row;
  const named = hashAlgorithm !== null && issuerNameHash !== null && serialNumber !== null;
  return {
    id: String(row.id),
    action: row.action,
    schema_version: row.schemaVersion,
    purpose: row.purpose,
    hash_data: named ? toHashData({ hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber }) : null,
    urls: [...row.urls],
    max_contracts: row.maxContracts,
    emaids: [...row.emaids],
    status: row.status,
    reason: row.reason,
    received_at: iso(row.receivedAt),
  };
}
