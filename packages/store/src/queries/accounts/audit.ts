/** Who changed what of whose account: written in the commit that changed it, with an event beside it. */
import { desc, eq, lt } from 'drizzle-orm';
import type { Database, Sql } from '../../database.js';
import { auditEntry } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';
import { tellEvent } from '../tell.js';

/** What can be done to an account. */
export type AccountAction =
  | 'user.registered'
  | 'user.created'
  | 'user.changed'
  | 'user.erased'
  | 'password.changed'
  | 'password.reset'
  | 'email.verified'
  | 'identity.linked'
  | 'second-factor.enabled'
  | 'second-factor.disabled'
  | 'recovery-code.used'
  | 'api-key.created'
  | 'api-key.revoked'
  | 'grant.created'
  | 'grant.changed'
  | 'grant.ended';

export interface AuditNote {
  readonly action: AccountAction;
  readonly tenantId: number;
  /** Whose account. */
  readonly userId: string;
  /** Who did it. */
  readonly actorId: string | null;
  /** Never a secret, and nothing personal. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** To be called within the transaction that changes what is noted. */
export async function audit(tx: Sql, { action, tenantId, userId, actorId, detail = {} }: AuditNote): Promise<void> {
  await Promise.all([
    tx.query(
      `insert into audit_entry (tenant_id, actor_id, action, user_id, detail)
       values ($1::int4, $2::text::uuid, $3::text, $4::text::uuid, $5::text::jsonb)`,
      [tenantId, actorId, action, userId, JSON.stringify(detail)],
    ),
    tellEvent(tx, tenantId, 'account.changed', { action, user_id: userId }),
  ]);
}

export type AuditRow = Omit<typeof auditEntry.$inferSelect, 'tenantId'>;

const ROW = {
  id: auditEntry.id,
  actorId: auditEntry.actorId,
  action: auditEntry.action,
  userId: auditEntry.userId,
  detail: auditEntry.detail,
  at: auditEntry.at,
};

/** The newest first. */
export async function listAuditEntries(
  db: Database,
  actor: Actor,
  options: { readonly before?: number; readonly limit: number; readonly userId?: string },
): Promise<Page<AuditRow>> {
  const { before, limit, userId } = options;
  const rows = await db.orm
    .select(ROW)
    .from(auditEntry)
    .where(
      all(
        inTenant(actor, auditEntry),
        before === undefined ? undefined : lt(auditEntry.id, before),
        userId === undefined ? undefined : eq(auditEntry.userId, userId),
      ),
    )
    .orderBy(desc(auditEntry.id))
    .limit(limit + 1);
  return page(rows, limit);
}
