/** The OCPP log of one station: every message in the order (at, leg), each followed by its answer. */
import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { messageExchange, station } from '../schema.js';
import { type Actor, inTenant, type Page, page } from './scope.js';

/** A place in the log. `atMicros` since 1970: a Date would lose three digits, and with them messages. */
export interface MessageKey {
  /** Of the message; its answer stands at the same place, with leg 1. */
  readonly atMicros: number;
  readonly leg: number;
}

type Exchange = typeof messageExchange.$inferSelect;

export interface MessageRow
  extends Pick<Exchange, 'at' | 'direction' | 'type' | 'messageId' | 'action' | 'payload'>,
    MessageKey {}

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
  // The place itself is asked for as well: its other leg may be what comes next.
  const compare = sql.raw(order === 'asc' ? '>=' : '<=');
  const rows = await db.orm
    .select({
      at: messageExchange.at,
      atMicros: sql`(extract(epoch from ${messageExchange.at}) * 1000000)::bigint`.mapWith(Number),
      direction: messageExchange.direction,
      type: messageExchange.type,
      messageId: messageExchange.messageId,
      action: messageExchange.action,
      payload: messageExchange.payload,
      answerType: messageExchange.answerType,
      answeredAt: messageExchange.answeredAt,
      answer: messageExchange.answer,
    })
    .from(messageExchange)
    .innerJoin(station, eq(station.id, messageExchange.stationId))
    .where(
      and(
        inTenant(actor, station),
        eq(messageExchange.stationId, stationId),
        action === undefined ? undefined : eq(messageExchange.action, action),
        after === undefined
          ? undefined
          : sql`${messageExchange.at} ${compare} timestamptz 'epoch' + ${after.atMicros}::float8 * interval '1 microsecond'`,
      ),
    )
    .orderBy(direction(messageExchange.at))
    .limit(limit + 2);
  const sign = order === 'asc' ? 1 : -1;
  const legs = rows.flatMap((row) => (order === 'asc' ? legsOf(row) : legsOf(row).reverse()));
  const further = legs.filter(
    ({ atMicros, leg }) => after === undefined || (atMicros - after.atMicros || leg - after.leg) * sign > 0,
  );
  return page(further.slice(0, limit + 1), limit);
}

/** A message, and its answer where it has one. */
export function legsOf(row: Omit<Exchange, 'stationId'> & Pick<MessageKey, 'atMicros'>): MessageRow[] {
  const { at, atMicros, direction, type, messageId, action, payload, answerType, answeredAt, answer } = row;
  const message = { at, atMicros, leg: 0, direction, type, messageId, action, payload };
  if (answerType === null || answeredAt === null || answer === null) return [message];
  const back = direction === 'in' ? ('out' as const) : ('in' as const);
  return [message, { ...message, at: answeredAt, leg: 1, direction: back, type: answerType, payload: answer }];
}
