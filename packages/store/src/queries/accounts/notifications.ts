/** Messages to people, kept until somebody delivers them. */
import type { Database } from '../../database.js';

export interface NewNotification {
  readonly tenantId: number;
  readonly userId: string | null;
  readonly kind: string;
  /** An e-mail address. */
  readonly recipient: string;
  /** Encrypted: it may hold a one-time token. */
  readonly contentBox: Uint8Array;
}

export async function addNotification(db: Database, row: NewNotification): Promise<void> {
  await db.query(
    `insert into notification (tenant_id, user_id, kind, recipient, content_box)
     values ($1::int4, $2::text::uuid, $3::text, $4::text, $5::bytea)`,
    [row.tenantId, row.userId, row.kind, row.recipient, row.contentBox],
  );
}

/** Whether it was delivered or not: what it holds is of no use by then. */
export async function dropOldNotifications(db: Database, days: number): Promise<void> {
  await db.query("delete from notification where created_at < now() - $1::int4 * interval '1 day'", [days]);
}
