/** What stations hold: as they were sent it, and as they told. */

import type { CertificateName } from '@sigec/domain';
import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { installedCertificate } from '../../schema.js';
import { type Actor, all, inTenant } from '../scope.js';

export type InstalledRow = Omit<typeof installedCertificate.$inferSelect, 'tenantId'>;

const ROW = {
  id: installedCertificate.id,
  stationId: installedCertificate.stationId,
  certificateType: installedCertificate.certificateType,
  hashAlgorithm: installedCertificate.hashAlgorithm,
  issuerNameHash: installedCertificate.issuerNameHash,
  issuerKeyHash: installedCertificate.issuerKeyHash,
  serialNumber: installedCertificate.serialNumber,
  children: installedCertificate.children,
  pem: installedCertificate.pem,
  installedAt: installedCertificate.installedAt,
  reportedAt: installedCertificate.reportedAt,
  notAfter: installedCertificate.notAfter,
  createdAt: installedCertificate.createdAt,
};

/** Rows that are kept of one station; those above it are not. */
export const MOST_INSTALLED = 200;

export function listInstalled(db: Database, actor: Actor, stationId: number): Promise<InstalledRow[]> {
  return db.orm
    .select(ROW)
    .from(installedCertificate)
    .where(all(inTenant(actor, installedCertificate), eq(installedCertificate.stationId, stationId)))
    .orderBy(asc(installedCertificate.id))
    .limit(MOST_INSTALLED);
}

/** One certificate that a station holds. */
export interface Installed {
  readonly certificateType: string;
  readonly hashAlgorithm: string;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string | null;
  readonly serialNumber: string;
  readonly children: readonly CertificateName[];
  readonly pem: string | null;
  /** ms since 1970. */
  readonly installedAt: number | null;
  readonly reportedAt: number | null;
  /** When it runs out, ms since 1970; null where the certificate itself is not known. */
  readonly notAfter: number | null;
}

/** What changes, given what there is. */
export interface InstalledChange {
  readonly remove: readonly number[];
  readonly add: readonly Installed[];
}

const ADD = `
  insert into installed_certificate (tenant_id, station_id, certificate_type, hash_algorithm, issuer_name_hash, issuer_key_hash,
    serial_number, children, pem, installed_at, reported_at, not_after)
  select $2::int4, $1::int8, "certificateType", "hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber", children, pem,
    to_timestamp("installedAt" / 1000), to_timestamp("reportedAt" / 1000), to_timestamp("notAfter" / 1000)
  from json_to_recordset($3::text::json) as c("certificateType" text, "hashAlgorithm" text, "issuerNameHash" text,
    "issuerKeyHash" text, "serialNumber" text, children jsonb, pem text, "installedAt" float8, "reportedAt" float8, "notAfter" float8)`;

/** Changes what a station holds by what is known of it, one process at a time; told where something changed. */
export async function changeInstalled(
  db: Database,
  actor: Actor,
  stationId: number,
  change: (now: readonly InstalledRow[]) => InstalledChange,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [mine] = await tx.query<{ id: number }>(
      'select id from station where id = $1::int8 and tenant_id = $2::int4 for no key update',
      [stationId, actor.tenantId],
    );
    if (mine === undefined) return;
    const rows = await tx.query<InstalledRow>(
      `select id, station_id as "stationId", certificate_type as "certificateType", hash_algorithm as "hashAlgorithm",
         issuer_name_hash as "issuerNameHash", issuer_key_hash as "issuerKeyHash", serial_number as "serialNumber", children,
         pem, installed_at as "installedAt", reported_at as "reportedAt",
         not_after as "notAfter", created_at as "createdAt"
       from installed_certificate where station_id = $1::int8 order by id limit $2::int4`,
      [stationId, MOST_INSTALLED],
    );
    const { remove, add } = change(rows);
    if (remove.length === 0 && add.length === 0) return;
    if (remove.length > 0)
      await tx.query('delete from installed_certificate where station_id = $1::int8 and id = any($2::int8[])', [
        stationId,
        [...remove],
      ]);
    const room = add.slice(0, MOST_INSTALLED - (rows.length - remove.length));
    if (room.length > 0) await tx.query(ADD, [stationId, actor.tenantId, JSON.stringify(room)]);
    await tx.query(
      `insert into outbox (tenant_id, kind, payload)
       values ($1::int4, 'certificates.changed',
         jsonb_build_object('device_id', $2::int8::text, 'removed', $3::int4, 'added', $4::int4))`,
      [actor.tenantId, stationId, remove.length, room.length],
    );
  });
}
