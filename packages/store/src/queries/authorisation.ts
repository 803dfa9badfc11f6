/** Reservations, what vendors said, and what transactions told beside their meter, for people. */
import { desc, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import {
  AUTHORISATION_FACTS,
  DATA_TRANSFERS_KEPT,
  type DataTransferRow,
  type ReservationStatus,
} from '../facts/authorisation.js';
import { dataTransfer, reservation, transaction, transactionDetail } from '../schema.js';
import { type Actor, all, inTenant, type Page, page, visibleTransactions } from './scope.js';

export * from './local-lists.js';

export type ReservationRow = Omit<typeof reservation.$inferSelect, 'tenantId'>;

const RESERVATION = {
  id: reservation.id,
  stationId: reservation.stationId,
  reservationId: reservation.reservationId,
  evseId: reservation.evseId,
  connectorType: reservation.connectorType,
  idToken: reservation.idToken,
  groupId: reservation.groupId,
  expiresAt: reservation.expiresAt,
  status: reservation.status,
  detail: reservation.detail,
  madeBy: reservation.madeBy,
  transactionId: reservation.transactionId,
  createdAt: reservation.createdAt,
  updatedAt: reservation.updatedAt,
  endedAt: reservation.endedAt,
};

/** A number that no reservation of any station has, until all two thousand million were used. */
export async function nextReservationId(db: Database): Promise<number> {
  const [row] = await db.query<{ id: number }>(`select nextval('reservation_number')::int4 as id`);
  return row?.id ?? 0;
}

export type NewReservation = Pick<
  ReservationRow,
  'stationId' | 'reservationId' | 'evseId' | 'connectorType' | 'idToken' | 'groupId' | 'expiresAt'
>;

/** Notes a reservation that is about to be asked for; undefined where the station has one of this number. */
export async function createReservation(db: Database, actor: Actor, made: NewReservation): Promise<number | undefined> {
  const rows = await db.orm
    .insert(reservation)
    .values({ ...made, tenantId: actor.tenantId, madeBy: actor.userId, status: 'sent' })
    .onConflictDoNothing()
    .returning({ id: reservation.id });
  return rows[0]?.id;
}

const ENDED: ReadonlySet<ReservationStatus> = new Set([
  ...(['used', 'cancelled', 'expired', 'removed', 'no_transaction', 'rejected', 'failed'] as const),
]);

const MOVED = `
  with moved as (
    update reservation set status = $2, detail = $3, updated_at = now(), ended_at = case when $4::text::bool then now() end
    where id = $1::int8 and ended_at is null and ($5::text is null or status = $5::text)
    returning tenant_id, station_id, reservation_id, transaction_id)
  insert into outbox (tenant_id, kind, payload)
  select tenant_id, 'reservation.' || $2, jsonb_build_object('device_id', station_id::text, 'reservation_id', reservation_id,
    'transaction_id', transaction_id::text) from moved`;

/**
 * Moves a reservation on, and tells it; one that has ended stays.
 * @param from the status it must have; what the charger said meanwhile goes before
 */
export async function moveReservation(
  db: Database,
  id: number,
  status: ReservationStatus,
  detail: string | null,
  from: ReservationStatus | null = null,
): Promise<void> {
  await db.query(MOVED, [id, status, detail, ENDED.has(status) ? 'true' : 'false', from]);
}

export async function getReservation(
  db: Database,
  actor: Actor,
  stationId: number,
  reservationId: number,
): Promise<ReservationRow | undefined> {
  const rows = await db.orm
    .select(RESERVATION)
    .from(reservation)
    .where(
      all(
        inTenant(actor, reservation),
        eq(reservation.stationId, stationId),
        eq(reservation.reservationId, reservationId),
      ),
    );
  return rows[0];
}

interface Part {
  readonly before?: number;
  readonly limit: number;
}

/** Newest first. */
export async function listReservations(
  db: Database,
  actor: Actor,
  stationId: number,
  { before, limit, open = false }: Part & { readonly open?: boolean },
): Promise<Page<ReservationRow>> {
  const rows = await db.orm
    .select(RESERVATION)
    .from(reservation)
    .where(
      all(
        inTenant(actor, reservation),
        eq(reservation.stationId, stationId),
        open ? isNull(reservation.endedAt) : undefined,
        before === undefined ? undefined : lt(reservation.id, before),
      ),
    )
    .orderBy(desc(reservation.id))
    .limit(limit + 1);
  return page(rows, limit);
}

const EXPIRE = `
  with due as (
    select id from reservation where ended_at is null and expires_at < now() - $1::float8 * interval '1 millisecond'
    order by expires_at limit $2::int4 for update skip locked),
  moved as (
    update reservation r set status = 'expired', ended_at = now(), updated_at = now() from due where r.id = due.id
    returning r.tenant_id, r.station_id, r.reservation_id)
  insert into outbox (tenant_id, kind, payload)
  select tenant_id, 'reservation.expired', jsonb_build_object('device_id', station_id::text, 'reservation_id', reservation_id,
    'transaction_id', null) from moved returning 1`;

/** Ends reservations whose time is over and whose charger did not say so; how many. */
export async function expireReservations(db: Database, graceMs: number, limit: number): Promise<number> {
  return (await db.query(EXPIRE, [graceMs, limit])).length;
}

export type DataTransferView = Omit<typeof dataTransfer.$inferSelect, 'tenantId' | 'stationId' | 'digest'>;

/** Newest first; a station keeps the newest {@link DATA_TRANSFERS_KEPT}. */
export async function listDataTransfers(
  db: Database,
  actor: Actor,
  stationId: number,
  { before, limit }: Part,
): Promise<Page<DataTransferView>> {
  const { id, direction, at, vendorId, messageId, data, dataBytes, status } = dataTransfer;
  const rows = await db.orm
    .select({ id, direction, at, vendorId, messageId, data, dataBytes, status })
    .from(dataTransfer)
    .where(
      all(
        inTenant(actor, dataTransfer),
        eq(dataTransfer.stationId, stationId),
        before === undefined ? undefined : lt(id, before),
      ),
    )
    .orderBy(desc(id))
    .limit(Math.min(limit, DATA_TRANSFERS_KEPT) + 1);
  return page(rows, limit);
}

/** Keeps what was sent to a vendor's part of a charger. */
export async function noteDataTransfer(db: Database, row: DataTransferRow): Promise<void> {
  await db.transaction((tx) => AUTHORISATION_FACTS.dataTransfer.write(tx, [row]).then(() => undefined));
}

export type TransactionDetailRow = Omit<typeof transactionDetail.$inferSelect, 'transactionId' | 'updatedAt'>;

/** What a transaction told beside its meter; undefined where it told nothing. */
export async function getTransactionDetail(
  db: Database,
  actor: Actor,
  id: number,
): Promise<TransactionDetailRow | undefined> {
  const rows = await db.orm
    .select({ detail: transactionDetail })
    .from(transactionDetail)
    .innerJoin(transaction, eq(transaction.id, transactionDetail.transactionId))
    .where(all(visibleTransactions(actor), eq(transactionDetail.transactionId, id)));
  const found = rows[0]?.detail;
  if (found === undefined) return undefined;
  const { transactionId: _id, updatedAt: _at, ...detail } = found;
  return detail;
}

/** What a charger answered to GetTransactionStatus; the transaction by the charger's own name. */
export async function noteTransactionStatus(
  db: Database,
  actor: Actor,
  stationId: number,
  ocppTransactionId: string,
  status: { readonly ongoing: boolean | null; readonly messagesQueued: boolean },
): Promise<number | undefined> {
  const rows = await db.orm
    .select({ id: transaction.id })
    .from(transaction)
    .where(
      all(
        inTenant(actor, transaction),
        eq(transaction.stationId, stationId),
        eq(transaction.ocppTransactionId, ocppTransactionId),
      ),
    );
  const transactionId = rows[0]?.id;
  if (transactionId === undefined) return undefined;
  const set = { ...status, statusAt: sql`now()`, updatedAt: sql`now()` };
  await db.orm
    .insert(transactionDetail)
    .values({ transactionId, ...set })
    .onConflictDoUpdate({ target: transactionDetail.transactionId, set });
  return transactionId;
}
