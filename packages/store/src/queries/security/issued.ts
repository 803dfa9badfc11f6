/** Certificates that were issued for stations: kept, taken by their station, revoked. */
import { desc, eq } from 'drizzle-orm';
import type { Database, Sql } from '../../database.js';
import { stationCertificate } from '../../schema.js';
import { type Actor, all, inTenant } from '../scope.js';

export type StationCertificateRow = Omit<typeof stationCertificate.$inferSelect, 'tenantId'>;

const ROW = {
  id: stationCertificate.id,
  stationId: stationCertificate.stationId,
  certificateType: stationCertificate.certificateType,
  source: stationCertificate.source,
  serialNumber: stationCertificate.serialNumber,
  fingerprint: stationCertificate.fingerprint,
  subject: stationCertificate.subject,
  issuer: stationCertificate.issuer,
  issuerNameHash: stationCertificate.issuerNameHash,
  issuerKeyHash: stationCertificate.issuerKeyHash,
  notBefore: stationCertificate.notBefore,
  notAfter: stationCertificate.notAfter,
  chainPem: stationCertificate.chainPem,
  deliveredAt: stationCertificate.deliveredAt,
  revokedAt: stationCertificate.revokedAt,
  revocationReason: stationCertificate.revocationReason,
  createdAt: stationCertificate.createdAt,
};

/** A certificate as it was issued. */
export interface NewCertificate {
  readonly certificateType: string | null;
  readonly source: 'builtin' | 'external' | 'operator';
  readonly serialNumber: string;
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string | null;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly chainPem: string;
}

const KEEP = `
  insert into station_certificate (tenant_id, station_id, certificate_type, source, serial_number, fingerprint, subject, issuer,
    issuer_name_hash, issuer_key_hash, not_before, not_after, chain_pem)
  select s.tenant_id, s.id, c."certificateType", c.source, c."serialNumber", c.fingerprint, c.subject, c.issuer,
    c."issuerNameHash", c."issuerKeyHash", c."notBefore", c."notAfter", c."chainPem"
  from json_to_record($2::text::json) as c("certificateType" text, source text, "serialNumber" text, fingerprint text,
    subject text, issuer text, "issuerNameHash" text, "issuerKeyHash" text, "notBefore" timestamptz, "notAfter" timestamptz,
    "chainPem" text), station s
  where s.id = $1::int8
  on conflict (station_id, fingerprint) do update set fingerprint = excluded.fingerprint
  returning id`;

/** Keeps a certificate; where it is kept already, that. Its id, undefined where the station went away. */
export async function keepCertificate(db: Sql, stationId: number, made: NewCertificate): Promise<number | undefined> {
  const [row] = await db.query<{ id: number }>(KEEP, [stationId, JSON.stringify(made)]);
  return row?.id;
}

/** The station said that it took it. */
export async function certificateDelivered(db: Sql, id: number): Promise<void> {
  await db.query(
    `with taken as (
       update station_certificate set delivered_at = now() where id = $1::int8 and delivered_at is null
       returning tenant_id, station_id, serial_number, fingerprint, not_after)
     insert into outbox (tenant_id, kind, payload)
     select tenant_id, 'certificate.delivered', jsonb_build_object('device_id', station_id::text,
       'serial_number', serial_number, 'fingerprint', fingerprint, 'not_after', not_after) from taken`,
    [id],
  );
}

/** Newest first. */
export function listCertificates(
  db: Database,
  actor: Actor,
  stationId: number,
  limit: number,
): Promise<StationCertificateRow[]> {
  return db.orm
    .select(ROW)
    .from(stationCertificate)
    .where(all(inTenant(actor, stationCertificate), eq(stationCertificate.stationId, stationId)))
    .orderBy(desc(stationCertificate.id))
    .limit(limit);
}

/** The newest of a station with this serial number (hex, lower case, no leading zeros). */
export async function findCertificate(
  db: Database,
  actor: Actor,
  stationId: number,
  serialNumber: string,
): Promise<StationCertificateRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(stationCertificate)
    .where(
      all(
        inTenant(actor, stationCertificate),
        eq(stationCertificate.stationId, stationId),
        eq(stationCertificate.serialNumber, serialNumber),
      ),
    )
    .orderBy(desc(stationCertificate.id))
    .limit(1);
  return rows[0];
}

/** Revokes it, once: what was said first stays. */
export async function revokeCertificate(db: Database, actor: Actor, id: number, reason: string): Promise<void> {
  await db.query(
    `with gone as (
       update station_certificate set revoked_at = now(), revocation_reason = $3::text
       where id = $1::int8 and tenant_id = $2::int4 and revoked_at is null
       returning tenant_id, station_id, serial_number, fingerprint)
     insert into outbox (tenant_id, kind, payload)
     select tenant_id, 'certificate.revoked', jsonb_build_object('device_id', station_id::text,
       'serial_number', serial_number, 'fingerprint', fingerprint, 'reason', $3::text) from gone`,
    [id, actor.tenantId, reason],
  );
}

export interface Revoked {
  readonly serialNumber: string;
  /** ms since 1970. */
  readonly revokedAt: number;
  readonly reason: string;
}

/** All that an authority has to name in its list: revoked, and not run out yet. Of all tenants, as the authority is. */
export function revokedOf(db: Sql, issuerKeyHash: string): Promise<Revoked[]> {
  return db.query<Revoked>(
    `select serial_number as "serialNumber", date_part('epoch', revoked_at) * 1000 as "revokedAt",
       coalesce(revocation_reason, 'unspecified') as reason
     from station_certificate
     where issuer_key_hash = $1::text and revoked_at is not null and not_after > now() order by id`,
    [issuerKeyHash],
  );
}
