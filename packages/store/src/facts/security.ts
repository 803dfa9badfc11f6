/** Rows and look-ups of certificates, security events, and ISO 15118. */

import type { CertificateName } from '@sigec/domain';
import { numbers, texts } from '../batch/columns.js';
import type { Sql } from '../database.js';
import type { Fact, Lookup } from './fact.js';

/**
 * open: to be issued; signed: issued, on its way to the station; installed, refused: the station's own answer; failed: it
 * cannot be issued or brought there; superseded: the station asked again, with another key.
 */
export type CertificateRequestStatus = 'open' | 'signed' | 'installed' | 'refused' | 'failed' | 'superseded';

/** As the specification's list of security events has it; unknown: it is not on the list. */
export type Criticality = 'critical' | 'normal' | 'unknown';

export interface CertificateRequestRow {
  readonly tenantId: number;
  readonly stationId: number;
  readonly certificateType: string | null;
  readonly ocppRequestId: number | null;
  readonly rootHash: CertificateName | null;
  readonly csr: string;
  readonly csrDigest: string;
  /** ms since 1970. */
  readonly at: number;
}

const SUPERSEDE = `
  update certificate_request r set status = 'superseded', ended_at = now(), updated_at = now()
  from json_to_recordset($1::text::json) as c("stationId" int8, "certificateType" text)
  where r.station_id = c."stationId" and r.ended_at is null and r.certificate_type is not distinct from c."certificateType"`;

const ASK = `
  insert into certificate_request (tenant_id, station_id, certificate_type, ocpp_request_id, root_hash, csr, csr_digest,
    status, created_at, ended_at)
  select "tenantId", "stationId", "certificateType", "ocppRequestId", "rootHash", csr, "csrDigest",
    case when last then 'open' else 'superseded' end, to_timestamp(at / 1000), case when last then null else now() end
  from json_to_recordset($1::text::json) as c("tenantId" int4, "stationId" int8, "certificateType" text,
    "ocppRequestId" int4, "rootHash" jsonb, csr text, "csrDigest" text, at float8, last bool)`;

/** One of a kind is under way for each station: a station that asks again has another key. */
const certificateRequestFact: Fact<CertificateRequestRow> = {
  async write(tx, rows) {
    const keyOf = (row: CertificateRequestRow) => `${row.stationId}/${row.certificateType}`;
    const last = new Map(rows.map((row) => [keyOf(row), row]));
    const all = JSON.stringify(rows.map((row) => ({ ...row, last: last.get(keyOf(row)) === row })));
    // In this order on one connection: what comes is not ended by its own batch.
    await Promise.all([tx.query(SUPERSEDE, [all]), tx.query(ASK, [all])]);
  },
};

export interface SecurityEventFact {
  readonly tenantId: number;
  readonly stationId: number;
  readonly type: string;
  readonly criticality: Criticality;
  readonly techInfo: string | null;
  readonly digest: string;
  /** ms since 1970. */
  readonly at: number;
  readonly timeQuality: string;
  /** ms since 1970. */
  readonly receivedAt: number;
}

const EVENTS = `
  insert into security_event (tenant_id, station_id, type, criticality, tech_info, digest, occurred_at, time_quality, received_at)
  select "tenantId", "stationId", type, criticality, "techInfo", digest, to_timestamp(at / 1000), "timeQuality",
    to_timestamp("receivedAt" / 1000)
  from json_to_recordset($1::text::json) as c("tenantId" int4, "stationId" int8, type text, criticality text, "techInfo" text,
    digest text, at float8, "timeQuality" text, "receivedAt" float8)
  on conflict do nothing`;

const securityEventFact: Fact<SecurityEventFact> = {
  write: (tx: Sql, rows) => tx.query(EVENTS, [JSON.stringify(rows)]),
};

export interface Iso15118Fact {
  readonly tenantId: number;
  readonly stationId: number;
  readonly action: string;
  readonly schemaVersion: string | null;
  readonly purpose: string | null;
  readonly hash: CertificateName | null;
  readonly urls: readonly string[];
  /** 2.1: how many contracts the car takes. */
  readonly maxContracts: number | null;
  /** 2.1: contracts that it would rather have. */
  readonly emaids: readonly string[];
  readonly digest: string;
  readonly status: string;
  readonly reason: string | null;
  /** ms since 1970. */
  readonly receivedAt: number;
}

const ISO15118 = `
  insert into iso15118_request (tenant_id, station_id, action, schema_version, purpose, hash_algorithm, issuer_name_hash,
    issuer_key_hash, serial_number, urls, max_contracts, emaids, digest, status, reason, received_at)
  select "tenantId", "stationId", action, "schemaVersion", purpose, hash->>'hashAlgorithm', hash->>'issuerNameHash',
    hash->>'issuerKeyHash', hash->>'serialNumber', urls, "maxContracts", emaids, digest, status, reason, to_timestamp("receivedAt" / 1000)
  from json_to_recordset($1::text::json) as c("tenantId" int4, "stationId" int8, action text, "schemaVersion" text,
    purpose text, hash jsonb, urls jsonb, "maxContracts" int4, emaids jsonb, digest text, status text, reason text, "receivedAt" float8)
  on conflict do nothing`;

const iso15118Fact: Fact<Iso15118Fact> = { write: (tx: Sql, rows) => tx.query(ISO15118, [JSON.stringify(rows)]) };

export interface DigestKey {
  readonly stationId: number;
  readonly digest: string;
}

const byDigest = ({ stationId, digest }: DigestKey): string => `${stationId}/${digest}`;
const digestColumns = (keys: readonly DigestKey[]): [string, string] => [
  numbers(keys, (key) => key.stationId),
  texts(keys, (key) => key.digest),
];

/** Who asks for a certificate, and what became of the same request before. */
export interface CertificateAsker {
  readonly serialNumber: string | null;
  /** Of the newest request with this text; null where it is new. */
  readonly status: CertificateRequestStatus | null;
  /** ms since 1970. */
  readonly endedAt: number | null;
}

const ASKERS = `
  select s.id as "stationId", k.digest, s.serial_number as "serialNumber", r.status,
    date_part('epoch', r.ended_at) * 1000 as "endedAt"
  from unnest($1::text::int8[], $2::text::text[]) as k(station_id, digest)
    join station s on s.id = k.station_id
    left join lateral (
      select status, ended_at from certificate_request r where r.station_id = k.station_id and r.csr_digest = k.digest
      order by r.id desc limit 1) r on true`;

const certificateAsker: Lookup<DigestKey, CertificateAsker> = {
  keyOf: byDigest,
  async read(tx, keys) {
    const rows = await tx.query<DigestKey & CertificateAsker>(ASKERS, digestColumns(keys));
    return new Map(rows.map((row) => [byDigest(row), row]));
  },
};

/** Whether it was told before. */
const seenBy = (table: string): Lookup<DigestKey, true> => ({
  keyOf: byDigest,
  async read(tx, keys) {
    const rows = await tx.query<DigestKey>(
      `select t.station_id as "stationId", t.digest from unnest($1::text::int8[], $2::text::text[]) as k(station_id, digest)
         join ${table} t on t.station_id = k.station_id and t.digest = k.digest`,
      digestColumns(keys),
    );
    return new Map(rows.map((row) => [byDigest(row), true]));
  },
});

export interface IssuedKey {
  /** Hex, lower case, without leading zeros. */
  readonly serialNumber: string;
  /** SHA-256 of the issuer's key, hex, lower case. */
  readonly issuerKeyHash: string;
}

/** A certificate that this installation issued. */
export interface IssuedCertificate {
  readonly issuerNameHash: string;
  /** ms since 1970. */
  readonly notAfter: number;
  readonly revokedAt: number | null;
}

const byIssued = ({ serialNumber, issuerKeyHash }: IssuedKey): string => `${issuerKeyHash}/${serialNumber}`;

const ISSUED = `
  select c.serial_number as "serialNumber", c.issuer_key_hash as "issuerKeyHash", c.issuer_name_hash as "issuerNameHash",
    date_part('epoch', c.not_after) * 1000 as "notAfter", date_part('epoch', c.revoked_at) * 1000 as "revokedAt"
  from unnest($1::text::text[], $2::text::text[]) as k(serial_number, issuer_key_hash), lateral (
    select * from station_certificate c where c.serial_number = k.serial_number and c.issuer_key_hash = k.issuer_key_hash
      and c.source = 'builtin' limit 1) c`;

const issuedCertificate: Lookup<IssuedKey, IssuedCertificate> = {
  keyOf: byIssued,
  async read(tx, keys) {
    const wanted = [texts(keys, (key) => key.serialNumber), texts(keys, (key) => key.issuerKeyHash)];
    const rows = await tx.query<IssuedKey & IssuedCertificate>(ISSUED, wanted);
    return new Map(rows.map((row) => [byIssued(row), row]));
  },
};

export const SECURITY_FACTS = {
  certificateRequest: certificateRequestFact,
  securityEvent: securityEventFact,
  iso15118Request: iso15118Fact,
};

export const SECURITY_LOOKUPS = {
  certificateAsker,
  securityEventSeen: seenBy('security_event'),
  iso15118Seen: seenBy('iso15118_request'),
  issuedCertificate,
};
