/** What stations were asked for and answer in messages of their own, for those who asked. */
import { asc, desc, eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import type { RequestStatus } from '../facts/requests.js';
import { stationRequest, stationRequestPart } from '../schema.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';

export type RequestRow = Omit<typeof stationRequest.$inferSelect, 'tenantId'>;

const ROW = {
  id: stationRequest.id,
  stationId: stationRequest.stationId,
  action: stationRequest.action,
  requestId: stationRequest.requestId,
  status: stationRequest.status,
  detail: stationRequest.detail,
  payload: stationRequest.payload,
  parts: stationRequest.parts,
  createdAt: stationRequest.createdAt,
  updatedAt: stationRequest.updatedAt,
  endedAt: stationRequest.endedAt,
};

/** A number that no request of any station has, until all two thousand million were used. */
export async function nextRequestId(db: Database): Promise<number> {
  const [row] = await db.query<{ id: number }>(`select nextval('station_request_number')::int4 as id`);
  return row?.id ?? 0;
}

export interface NewRequest {
  readonly stationId: number;
  readonly action: string;
  readonly requestId: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Notes a request that is about to be sent; undefined where the station has one of this number. */
export async function createRequest(db: Database, actor: Actor, request: NewRequest): Promise<number | undefined> {
  const rows = await db.orm
    .insert(stationRequest)
    .values({ ...request, tenantId: actor.tenantId, status: 'sent' })
    .onConflictDoNothing()
    .returning({ id: stationRequest.id });
  return rows[0]?.id;
}

/** What the charger said to it; a report that came first has said more. */
export async function settleRequest(
  db: Database,
  id: number,
  status: Extract<RequestStatus, 'accepted' | 'rejected' | 'failed'>,
  detail: string | null,
): Promise<void> {
  const ended = status === 'accepted' ? null : sql`now()`;
  await db.orm
    .update(stationRequest)
    .set({ status, detail, updatedAt: sql`now()`, endedAt: ended })
    .where(all(eq(stationRequest.id, id), eq(stationRequest.status, 'sent')));
}

export async function getRequest(
  db: Database,
  actor: Actor,
  stationId: number,
  requestId: number,
): Promise<RequestRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(stationRequest)
    .where(
      all(
        inTenant(actor, stationRequest),
        eq(stationRequest.stationId, stationId),
        eq(stationRequest.requestId, requestId),
      ),
    );
  return rows[0];
}

/** Newest first. */
export async function listRequests(
  db: Database,
  actor: Actor,
  stationId: number,
  options: { readonly before?: number; readonly limit: number },
): Promise<Page<RequestRow>> {
  const { before, limit } = options;
  const rows = await db.orm
    .select(ROW)
    .from(stationRequest)
    .where(
      all(
        inTenant(actor, stationRequest),
        eq(stationRequest.stationId, stationId),
        before === undefined ? undefined : lt(stationRequest.id, before),
      ),
    )
    .orderBy(desc(stationRequest.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** What came under a request so far, in order. */
export async function requestItems(db: Database, id: number): Promise<unknown[]> {
  const parts = await db.orm
    .select({ items: stationRequestPart.items })
    .from(stationRequestPart)
    .where(eq(stationRequestPart.request, id))
    .orderBy(asc(stationRequestPart.seqNo));
  return parts.flatMap(({ items }) => items as unknown[]);
}

/** Ends requests that nothing was heard of for so long; how many. */
export async function expireRequests(db: Database, quietMs: number): Promise<number> {
  const rows = await db.query(
    `update station_request set status = 'expired', ended_at = now(), updated_at = now()
     where ended_at is null and updated_at < now() - $1::float8 * interval '1 millisecond' returning id`,
    [quietMs],
  );
  return rows.length;
}
