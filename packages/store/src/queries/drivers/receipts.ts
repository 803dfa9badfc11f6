/** Receipts: numbered per tenant without gaps, made once for a session that has ended, and given again to the letter. */
import { eq } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { receipt, transaction } from '../../schema.js';
import { type Actor, all, inTenant, visibleTransactions } from '../scope.js';

export interface ReceiptRow {
  readonly transactionId: number;
  readonly number: number;
  readonly issuedAt: Date;
  readonly content: Readonly<Record<string, unknown>>;
}

const ROW = {
  transactionId: receipt.transactionId,
  number: receipt.number,
  issuedAt: receipt.issuedAt,
  content: receipt.content,
};

/** Of a transaction that the actor may see. */
export async function getReceipt(db: Database, actor: Actor, transactionId: number): Promise<ReceiptRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(receipt)
    .innerJoin(transaction, eq(transaction.id, receipt.transactionId))
    .where(all(inTenant(actor, receipt), visibleTransactions(actor), eq(receipt.transactionId, transactionId)));
  return rows[0];
}

/**
 * Keeps a receipt under the tenant's next number; one that is there already stays. The counter's row is held first: of two
 * that are made at once the second finds the first, and a number that was not used is not lost.
 */
export function putReceipt(
  db: Database,
  actor: Actor,
  made: Pick<ReceiptRow, 'transactionId' | 'content'> & { readonly userId: string | null },
): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.query('insert into receipt_counter (tenant_id, last) values ($1::int4, 0) on conflict do nothing', [
      actor.tenantId,
    ]);
    await tx.query('select last from receipt_counter where tenant_id = $1::int4 for update', [actor.tenantId]);
    const kept = await tx.query(
      `insert into receipt (tenant_id, transaction_id, user_id, number, content)
       select $1::int4, $2::int8, $3::text::uuid, last + 1, $4::text::jsonb from receipt_counter where tenant_id = $1::int4
       on conflict (transaction_id) do nothing returning id`,
      [actor.tenantId, made.transactionId, made.userId, JSON.stringify(made.content)],
    );
    if (kept.length > 0)
      await tx.query('update receipt_counter set last = last + 1 where tenant_id = $1::int4', [actor.tenantId]);
  });
}

/** Who sold, and who bought: what a receipt says beside the session. */
export interface ReceiptParties {
  readonly operator: string;
  readonly customer: { readonly name: string; readonly taxId: string | null } | null;
  readonly station: {
    readonly name: string | null;
    readonly serialNumber: string | null;
    readonly site: string | null;
    /** Its own, or that of its site. */
    readonly address: string | null;
  };
}

interface Found {
  readonly operator: string;
  readonly customer: string | null;
  readonly taxId: string | null;
  readonly name: string | null;
  readonly serialNumber: string | null;
  readonly site: string | null;
  readonly address: string | null;
}

export async function receiptParties(
  db: Database,
  actor: Actor,
  transactionId: number,
): Promise<ReceiptParties | undefined> {
  const [found] = await db.query<Found>(
    `select o.name as operator, u.name as customer, u.tax_id as "taxId", s.name, s.serial_number as "serialNumber",
       p.name as site, coalesce(s.address, p.address) as address
     from transaction t join tenant o on o.id = t.tenant_id join station s on s.id = t.station_id
       left join site p on p.id = s.site_id
       left join app_user u on u.id = t.user_id and u.erased_at is null
     where t.id = $1::int8 and t.tenant_id = $2::int4`,
    [transactionId, actor.tenantId],
  );
  if (found === undefined) return undefined;
  const { operator, customer, taxId, ...station } = found;
  return { operator, customer: customer === null ? null : { name: customer, taxId }, station };
}
