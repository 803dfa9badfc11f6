/** The OCPP log of one station, in the order (at, leg). */
import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { messageLog, station } from '../schema.js';
import { type Actor, inTenant, type Page, page } from './scope.js';

/** A place in the log. `at` in microseconds since 1970: a Date would lose three digits, and with them messages. */
export interface MessageKey {
  readonly atMicros: number;
  readonly leg: number;
}

export type MessageRow = Omit<typeof messageLog.$inferSelect, 'stationId'> & MessageKey;

export interface MessageFilter {
  readonly action?: string;
  readonly order: 'asc' | 'desc';
  readonly after?: MessageKey;
  readonly limit: number;
}

export async function listMessages(
  db: Database,
  actor: Actor,
  stationId: number,
  filter: MessageFilter,
): Promise<Page<MessageRow>> {
  const { after, action, order, limit } = filter;
  const direction = order === 'asc' ? asc : desc;
  const compare = sql.raw(order === 'asc' ? '>' : '<');
  const rows = await db.orm
    .select({
      at: messageLog.at,
      atMicros: sql`(extract(epoch from ${messageLog.at}) * 1000000)::bigint`.mapWith(Number),
      leg: messageLog.leg,
      direction: messageLog.direction,
      type: messageLog.type,
      messageId: messageLog.messageId,
      action: messageLog.action,
      payload: messageLog.payload,
    })
    .from(messageLog)
    .innerJoin(station, eq(station.id, messageLog.stationId))
    .where(
      and(
        inTenant(actor, station),
        eq(messageLog.stationId, stationId),
        action === undefined ? undefined : eq(messageLog.action, action),
        after === undefined
          ? undefined
          : sql`(${messageLog.at}, ${messageLog.leg}) ${compare}
              (timestamptz 'epoch' + ${after.atMicros}::float8 * interval '1 microsecond', ${after.leg}::smallint)`,
      ),
    )
    .orderBy(direction(messageLog.at), direction(messageLog.leg))
    .limit(limit + 1);
  return page(rows, limit);
}
