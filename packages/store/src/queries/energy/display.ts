/** Messages on the displays of stations. */
import { asc, eq, getTableColumns, gt, sql } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { type DisplayMessageFact, putDisplayMessages } from '../../facts/display.js';
import { displayMessage } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';
import { tellEvent } from '../tell.js';

export type DisplayMessageRow = Omit<typeof displayMessage.$inferSelect, 'tenantId'>;
const { tenantId: _tenant, ...ROW } = getTableColumns(displayMessage);

/** A number for a message that no other message of ours has, until all two thousand million were used. */
export async function nextDisplayMessageId(db: Database): Promise<number> {
  const [row] = await db.query<{ id: number }>(`select nextval('display_message_number')::int4 as id`);
  return row?.id ?? 0;
}

/** What a station took from us. */
export async function saveDisplayMessage(
  db: Database,
  { tenantId }: Actor,
  message: Omit<DisplayMessageFact, 'tenantId'>,
): Promise<void> {
  const { stationId, messageId } = message;
  await db.transaction(async (tx) => {
    await putDisplayMessages(tx, [{ ...message, tenantId }], 'set');
    await tellEvent(tx, tenantId, 'display.set', { device_id: String(stationId), message_id: String(messageId) });
  });
}

/** What a station took away, or never had. */
export async function forgetDisplayMessage(
  db: Database,
  { tenantId }: Actor,
  stationId: number,
  messageId: number,
): Promise<void> {
  await db.transaction(async (tx) => {
    const gone = await tx.query(
      'delete from display_message where station_id = $1::int8 and message_id = $2::int8 and tenant_id = $3::int4 returning 1 as n',
      [stationId, messageId, tenantId],
    );
    if (gone.length === 0) return;
    await tellEvent(tx, tenantId, 'display.cleared', { device_id: String(stationId), message_id: String(messageId) });
  });
}

// A station takes a message away by itself when its time or its transaction has ended (2.x O02, O06).
const SHOWN = sql`(${displayMessage.endsAt} is null or ${displayMessage.endsAt} > now()) and not exists (
  select 1 from transaction t where t.station_id = ${displayMessage.stationId}
    and t.ocpp_transaction_id = ${displayMessage.ocppTransactionId} and t.ended_at is not null)`;

/** Those whose time or transaction has not ended, by their id. */
export async function listDisplayMessages(
  db: Database,
  actor: Actor,
  stationId: number,
  { after, limit }: { readonly after?: number; readonly limit: number },
): Promise<Page<DisplayMessageRow>> {
  const rows = await db.orm
    .select(ROW)
    .from(displayMessage)
    .where(
      all(
        inTenant(actor, displayMessage),
        eq(displayMessage.stationId, stationId),
        after === undefined ? undefined : gt(displayMessage.messageId, after),
        SHOWN,
      ),
    )
    .orderBy(asc(displayMessage.messageId))
    .limit(limit + 1);
  return page(rows, limit);
}
