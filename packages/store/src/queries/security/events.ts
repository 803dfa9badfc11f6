/** What stations told of their security, and what they asked for cars (ISO 15118). */
import { desc, eq, lt } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { iso15118Request, securityEvent } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';

export type SecurityEventRow = Omit<typeof securityEvent.$inferSelect, 'tenantId' | 'digest'>;

const EVENT = {
  id: securityEvent.id,
  stationId: securityEvent.stationId,
  type: securityEvent.type,
  criticality: securityEvent.criticality,
  techInfo: securityEvent.techInfo,
  occurredAt: securityEvent.occurredAt,
  timeQuality: securityEvent.timeQuality,
  receivedAt: securityEvent.receivedAt,
};

export interface EventFilter {
  readonly stationId?: number;
  readonly criticalOnly?: boolean;
  readonly before?: number;
  readonly limit: number;
}

/** Newest first: of one station, or of the tenant. */
export async function listSecurityEvents(
  db: Database,
  actor: Actor,
  { stationId, criticalOnly = false, before, limit }: EventFilter,
): Promise<Page<SecurityEventRow>> {
  const rows = await db.orm
    .select(EVENT)
    .from(securityEvent)
    .where(
      all(
        inTenant(actor, securityEvent),
        stationId === undefined ? undefined : eq(securityEvent.stationId, stationId),
        criticalOnly ? eq(securityEvent.criticality, 'critical') : undefined,
        before === undefined ? undefined : lt(securityEvent.id, before),
      ),
    )
    .orderBy(desc(securityEvent.id))
    .limit(limit + 1);
  return page(rows, limit);
}

export type Iso15118Row = Omit<typeof iso15118Request.$inferSelect, 'tenantId' | 'digest'>;

const ISO = {
  id: iso15118Request.id,
  stationId: iso15118Request.stationId,
  action: iso15118Request.action,
  schemaVersion: iso15118Request.schemaVersion,
  purpose: iso15118Request.purpose,
  hashAlgorithm: iso15118Request.hashAlgorithm,
  issuerNameHash: iso15118Request.issuerNameHash,
  issuerKeyHash: iso15118Request.issuerKeyHash,
  serialNumber: iso15118Request.serialNumber,
  urls: iso15118Request.urls,
  maxContracts: iso15118Request.maxContracts,
  emaids: iso15118Request.emaids,
  status: iso15118Request.status,
  reason: iso15118Request.reason,
  receivedAt: iso15118Request.receivedAt,
};

/** Newest first. */
export async function listIso15118Requests(
  db: Database,
  actor: Actor,
  stationId: number,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<Page<Iso15118Row>> {
  const rows = await db.orm
    .select(ISO)
    .from(iso15118Request)
    .where(
      all(
        inTenant(actor, iso15118Request),
        eq(iso15118Request.stationId, stationId),
        before === undefined ? undefined : lt(iso15118Request.id, before),
      ),
    )
    .orderBy(desc(iso15118Request.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** Rows of one statement. */
const MOST = 2000;

/** Drops what is older than so many days, some at a time; whether there is more. */
export async function dropOldSecurityEvents(db: Database, days: number): Promise<boolean> {
  let more = false;
  for (const table of ['security_event', 'iso15118_request']) {
    const gone = await db.query(
      `delete from ${table} where id in (
         select id from ${table} where received_at < now() - $1::float8 * interval '1 day' order by received_at limit ${MOST})
       returning id`,
      [days],
    );
    more ||= gone.length === MOST;
  }
  return more;
}
