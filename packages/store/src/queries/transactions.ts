/** Transactions as people see them. */
import { idTokenKey, type SessionRegister } from '@sigec/domain';
import { and, desc, eq, getTableColumns, gt, gte, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { station, transaction } from '../schema.js';
import { type Actor, all, inTenant, type Page, page, visibleTransactions } from './scope.js';

export type TransactionRow = Omit<typeof transaction.$inferSelect, 'register' | 'seen' | 'startKey'>;
export type TransactionView = TransactionRow & { readonly identity: string };

const { register: _register, seen: _seen, startKey: _startKey, ...ROW } = getTableColumns(transaction);
const VIEW = { ...ROW, identity: station.identity };

export async function getTransaction(db: Database, actor: Actor, id: number): Promise<TransactionView | undefined> {
  const rows = await db.orm
    .select(VIEW)
    .from(transaction)
    .innerJoin(station, eq(station.id, transaction.stationId))
    .where(all(visibleTransactions(actor), eq(transaction.id, id)));
  return rows[0];
}

/** The fold of its samples, which its cost is made of. */
export async function getTransactionRegister(
  db: Database,
  actor: Actor,
  id: number,
): Promise<SessionRegister | undefined> {
  const rows = await db.orm
    .select({ register: transaction.register })
    .from(transaction)
    .where(all(visibleTransactions(actor), eq(transaction.id, id)));
  return rows[0]?.register;
}

export interface TransactionFilter {
  /** True: only those that run; false: only those that ended. */
  readonly active?: boolean;
  readonly stationId?: number;
  readonly userId?: string;
  /** Started at or after. */
  readonly from?: Date;
  /** Started before. */
  readonly to?: Date;
  /** Those older than this id. */
  readonly before?: number;
  readonly limit: number;
}

/** The newest first. */
export async function listTransactions(
  db: Database,
  actor: Actor,
  filter: TransactionFilter,
): Promise<Page<TransactionView>> {
  const { active, stationId, userId, from, to, before, limit } = filter;
  const rows = await db.orm
    .select(VIEW)
    .from(transaction)
    .innerJoin(station, eq(station.id, transaction.stationId))
    .where(
      and(
        visibleTransactions(actor),
        active === undefined ? undefined : active ? isNull(transaction.endedAt) : isNotNull(transaction.endedAt),
        stationId === undefined ? undefined : eq(transaction.stationId, stationId),
        userId === undefined ? undefined : eq(transaction.userId, userId),
        from === undefined ? undefined : gte(transaction.startedAt, from),
        to === undefined ? undefined : lt(transaction.startedAt, to),
        before === undefined ? undefined : lt(transaction.id, before),
      ),
    )
    .orderBy(desc(transaction.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** How many transactions run on a token, but for what runs at this EVSE. */
export async function runningElsewhere(
  db: Database,
  actor: Actor,
  idToken: string,
  at: { readonly stationId: number; readonly evseId: number },
): Promise<number> {
  const rows = await db.query<{ n: number }>(
    `select count(*)::int4 as n from transaction where tenant_id = $1::int4 and lower(id_token) = $2::text
       and ended_at is null and (station_id, evse_id) <> ($3::int8, $4::int4)`,
    [actor.tenantId, idTokenKey(idToken), at.stationId, at.evseId],
  );
  return rows[0]?.n ?? 0;
}

/** The newest transaction of a station, 0 where it has none: what begins later has a higher id. */
export async function lastTransactionId(db: Database, actor: Actor, stationId: number): Promise<number> {
  const rows = await db.orm
    .select({ id: sql`coalesce(max(${transaction.id}), 0)`.mapWith(Number) })
    .from(transaction)
    .where(all(inTenant(actor, transaction), eq(transaction.stationId, stationId)));
  return rows[0]?.id ?? 0;
}

/** What is known of a start that was asked for. */
export interface StartTrace {
  readonly stationId: number;
  readonly evseId: number;
  readonly idToken: string;
  /** {@link lastTransactionId} before the command went out. */
  readonly afterId: number;
  /** 2.x: the number that was sent with the command. */
  readonly remoteStartId?: number;
  /** 2.x: the charger's own name, where its answer gave one. */
  readonly ocppTransactionId?: string;
}

/**
 * The transaction that a remote start led to. 2.x names the command (F02.FR.01); 1.6, and chargers that forget to, are
 * known by EVSE and token. A transaction that began with the cable, before the command, has the lower id.
 */
export async function findStarted(db: Database, actor: Actor, trace: StartTrace): Promise<TransactionView | undefined> {
  const { stationId, evseId, idToken, afterId, remoteStartId, ocppTransactionId } = trace;
  const alive = or(gt(transaction.id, afterId), isNull(transaction.endedAt));
  const byPlace = and(
    gt(transaction.id, afterId),
    eq(transaction.evseId, evseId),
    sql`lower(${transaction.idToken}) = ${idToken.toLowerCase()}`,
    remoteStartId === undefined ? undefined : isNull(transaction.remoteStartId),
  );
  const rows = await db.orm
    .select(VIEW)
    .from(transaction)
    .innerJoin(station, eq(station.id, transaction.stationId))
    .where(
      and(
        inTenant(actor, transaction),
        eq(transaction.stationId, stationId),
        or(
          byPlace,
          remoteStartId === undefined ? undefined : and(eq(transaction.remoteStartId, remoteStartId), alive),
          ocppTransactionId === undefined
            ? undefined
            : and(eq(transaction.ocppTransactionId, ocppTransactionId), alive),
        ),
      ),
    )
    .orderBy(desc(transaction.id))
    .limit(1);
  return rows[0];
}
