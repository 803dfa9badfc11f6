/** Tables of certificates, security events, and ISO 15118. */
import type { CertificateName } from '@sigec/domain';
import { bigint, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { CertificateRequestStatus, Criticality } from '../facts/security.js';
import { bytea, changed, id, made, stationId, time } from './columns.js';

const tenantId = () => integer('tenant_id').notNull();

export const certificateAuthority = pgTable('certificate_authority', {
  id: id(),
  certificatePem: text('certificate_pem').notNull(),
  /** Encrypted (control, `sealed.ts`). */
  keyBox: bytea('key_box').notNull(),
  createdAt: made(),
});

export const stationCertificate = pgTable('station_certificate', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  /** As the station named it when it asked; null where it named none. */
  certificateType: text('certificate_type'),
  /** Who issued it: this installation, the authority it was told to ask, or whoever an operator asked. */
  source: text('source', { enum: ['builtin', 'external', 'operator'] }).notNull(),
  /** Hex, lower case, without leading zeros. */
  serialNumber: text('serial_number').notNull(),
  /** SHA-256, hex. */
  fingerprint: text('fingerprint').notNull(),
  subject: text('subject').notNull(),
  issuer: text('issuer').notNull(),
  /** SHA-256, hex; the key's is null where the chain does not hold the issuer. */
  issuerNameHash: text('issuer_name_hash').notNull(),
  issuerKeyHash: text('issuer_key_hash'),
  notBefore: time('not_before').notNull(),
  notAfter: time('not_after').notNull(),
  chainPem: text('chain_pem').notNull(),
  /** When the station said that it took it. */
  deliveredAt: time('delivered_at'),
  revokedAt: time('revoked_at'),
  revocationReason: text('revocation_reason'),
  createdAt: made(),
});

export const certificateRequest = pgTable('certificate_request', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  certificateType: text('certificate_type'),
  /** 2.1: the station's own number of its request, said again with the certificate. */
  ocppRequestId: integer('ocpp_request_id'),
  /** 2.1: under which root a certificate for ISO 15118 is wanted. */
  rootHash: jsonb('root_hash').$type<CertificateName>(),
  csr: text('csr').notNull(),
  csrDigest: text('csr_digest').notNull(),
  status: text('status').$type<CertificateRequestStatus>().notNull(),
  detail: text('detail'),
  /** Since its status changed. */
  attempts: integer('attempts').notNull().default(0),
  certificateId: bigint('certificate_id', { mode: 'number' }),
  /** Not worked on before; whoever works on it moves it ahead. */
  nextAt: time('next_at').notNull().defaultNow(),
  createdAt: time('created_at').notNull(),
  updatedAt: changed(),
  endedAt: time('ended_at'),
});

export const installedCertificate = pgTable('installed_certificate', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  certificateType: text('certificate_type').notNull(),
  hashAlgorithm: text('hash_algorithm').notNull(),
  issuerNameHash: text('issuer_name_hash').notNull(),
  issuerKeyHash: text('issuer_key_hash'),
  serialNumber: text('serial_number').notNull(),
  children: jsonb('children').$type<readonly CertificateName[]>().notNull().default([]),
  /** As we sent it; null where the station had it from elsewhere. */
  pem: text('pem'),
  installedAt: time('installed_at'),
  reportedAt: time('reported_at'),
  /** Null where the station had it from elsewhere. */
  notAfter: time('not_after'),
  createdAt: made(),
});

export const securityEvent = pgTable('security_event', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  type: text('type').notNull(),
  criticality: text('criticality').$type<Criticality>().notNull(),
  techInfo: text('tech_info'),
  /** Of all that the station said: the same again is the same event. */
  digest: text('digest').notNull(),
  occurredAt: time('occurred_at').notNull(),
  timeQuality: text('time_quality').notNull(),
  receivedAt: time('received_at').notNull(),
});

export const iso15118Request = pgTable('iso15118_request', {
  id: id(),
  tenantId: tenantId(),
  stationId: stationId(),
  action: text('action').notNull(),
  schemaVersion: text('schema_version'),
  /** Install or Update of a contract; OCSP or CRL of a status. */
  purpose: text('purpose'),
  hashAlgorithm: text('hash_algorithm'),
  issuerNameHash: text('issuer_name_hash'),
  issuerKeyHash: text('issuer_key_hash'),
  serialNumber: text('serial_number'),
  urls: jsonb('urls').$type<readonly string[]>().notNull().default([]),
  digest: text('digest').notNull(),
  maxContracts: integer('max_contracts'),
  emaids: jsonb('emaids').$type<readonly string[]>().notNull().default([]),
  /** What was answered. */
  status: text('status').notNull(),
  reason: text('reason'),
  receivedAt: time('received_at').notNull(),
});
