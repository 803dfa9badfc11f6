/** What stations asked to have signed, as the task that does it claims and moves it, and as people see it. */

import type { CertificateName } from '@sigec/domain';
import { desc, eq } from 'drizzle-orm';
import type { Database } from '../../database.js';
import type { CertificateRequestStatus } from '../../facts/security.js';
import { certificateRequest } from '../../schema.js';
import { type Actor, all, inTenant } from '../scope.js';
import { keepCertificate, type NewCertificate } from './issued.js';

export interface ClaimedRequest {
  readonly id: number;
  readonly tenantId: number;
  readonly stationId: number;
  readonly identity: string;
  readonly online: boolean;
  readonly certificateType: string | null;
  readonly ocppRequestId: number | null;
  readonly rootHash: CertificateName | null;
  readonly csr: string;
  readonly status: 'open' | 'signed';
  /** This one counted. */
  readonly attempts: number;
  /** ms since it was made. */
  readonly ageMs: number;
  /** Of what was issued; null while it is open. */
  readonly certificateId: number | null;
  readonly chainPem: string | null;
}

const CLAIM = `
  with due as (
    select id from certificate_request where ended_at is null and next_at <= now() order by next_at limit $1::int4
    for update skip locked),
  claimed as (
    update certificate_request r set attempts = attempts + 1, next_at = now() + $2::float8 * interval '1 millisecond'
    from due where r.id = due.id returning r.*)
  select r.id, r.tenant_id as "tenantId", r.station_id as "stationId", s.identity, s.online,
    r.certificate_type as "certificateType", r.ocpp_request_id as "ocppRequestId", r.root_hash as "rootHash", r.csr, r.status,
    r.attempts, date_part('epoch', now() - r.created_at) * 1000 as "ageMs", r.certificate_id as "certificateId",
    c.chain_pem as "chainPem"
  from claimed r join station s on s.id = r.station_id left join station_certificate c on c.id = r.certificate_id`;

/** Takes requests that are due; another takes them where this process has not moved them within `leaseMs`. */
export function claimCertificateRequests(db: Database, limit: number, leaseMs: number): Promise<ClaimedRequest[]> {
  return db.query<ClaimedRequest>(CLAIM, [limit, leaseMs]);
}

/** Keeps what was issued for a request and lets it be sent at once; undefined where the station asked again meanwhile. */
export function certificateIssued(
  db: Database,
  { id, stationId }: Pick<ClaimedRequest, 'id' | 'stationId'>,
  made: NewCertificate,
): Promise<number | undefined> {
  return db.transaction(async (tx) => {
    const open = await tx.query(
      `select id from certificate_request where id = $1::int8 and ended_at is null and status = 'open' for update`,
      [id],
    );
    if (open.length === 0) return undefined;
    const certificateId = await keepCertificate(tx, stationId, made);
    if (certificateId === undefined) return undefined;
    await tx.query(
      `with signed as (
         update certificate_request set status = 'signed', certificate_id = $2::int8, attempts = 0, detail = null,
           updated_at = now() where id = $1::int8 returning tenant_id, station_id)
       insert into outbox (tenant_id, kind, payload)
       select tenant_id, 'certificate.issued', jsonb_build_object('device_id', station_id::text, 'request_id', $1::int8::text,
         'serial_number', $3::text, 'fingerprint', $4::text) from signed`,
      [id, certificateId, made.serialNumber, made.fingerprint],
    );
    return certificateId;
  });
}

/** Not now: looked at again after so long. */
export async function postponeCertificateRequest(
  db: Database,
  id: number,
  afterMs: number,
  detail: string,
): Promise<void> {
  await db.query(
    `update certificate_request set next_at = now() + $2::float8 * interval '1 millisecond', detail = $3::text,
       updated_at = now() where id = $1::int8 and ended_at is null`,
    [id, afterMs, detail],
  );
}

/** Ends a request, once. */
export async function endCertificateRequest(
  db: Database,
  id: number,
  status: Extract<CertificateRequestStatus, 'installed' | 'refused' | 'failed'>,
  detail: string | null,
): Promise<void> {
  await db.query(
    `with ended as (
       update certificate_request set status = $2::text, detail = $3::text, ended_at = now(), updated_at = now()
       where id = $1::int8 and ended_at is null returning tenant_id, station_id)
     insert into outbox (tenant_id, kind, payload)
     select tenant_id, 'certificate.' || $2::text, jsonb_build_object('device_id', station_id::text,
       'request_id', $1::int8::text, 'detail', $3::text) from ended`,
    [id, status, detail],
  );
}

export type CertificateRequestView = Omit<typeof certificateRequest.$inferSelect, 'tenantId' | 'csr' | 'rootHash'>;

/** Newest first. */
export function listCertificateRequests(
  db: Database,
  actor: Actor,
  stationId: number,
  limit: number,
): Promise<CertificateRequestView[]> {
  return db.orm
    .select({
      id: certificateRequest.id,
      stationId: certificateRequest.stationId,
      certificateType: certificateRequest.certificateType,
      ocppRequestId: certificateRequest.ocppRequestId,
      csrDigest: certificateRequest.csrDigest,
      status: certificateRequest.status,
      detail: certificateRequest.detail,
      attempts: certificateRequest.attempts,
      certificateId: certificateRequest.certificateId,
      nextAt: certificateRequest.nextAt,
      createdAt: certificateRequest.createdAt,
      updatedAt: certificateRequest.updatedAt,
      endedAt: certificateRequest.endedAt,
    })
    .from(certificateRequest)
    .where(all(inTenant(actor, certificateRequest), eq(certificateRequest.stationId, stationId)))
    .orderBy(desc(certificateRequest.id))
    .limit(limit);
}

/** The requests of a station that are under way: few, one of each type. */
export function openCertificateRequests(
  db: Database,
  actor: Actor,
  stationId: number,
): Promise<{ readonly id: number; readonly csr: string }[]> {
  return db.query(
    `select id, csr from certificate_request where station_id = $1::int8 and tenant_id = $2::int4 and ended_at is null
     order by id limit 10`,
    [stationId, actor.tenantId],
  );
}

/** Rows of one statement. */
const MOST = 2000;

/** Drops requests that ended so many days ago, some at a time; what was issued stays. Whether there is more. */
export async function dropOldCertificateRequests(db: Database, days: number): Promise<boolean> {
  const gone = await db.query(
    `delete from certificate_request where id in (
       select id from certificate_request where ended_at < now() - $1::float8 * interval '1 day' order by ended_at limit ${MOST})
     returning id`,
    [days],
  );
  return gone.length === MOST;
}
