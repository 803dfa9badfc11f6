/** Puts into the outbox what people's commands and background jobs changed. */
import type { Sql } from '../database.js';

/** @param kind `noun.verb` */
export async function tellEvent(
  db: Sql,
  tenantId: number,
  kind: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  await db.query('insert into outbox (tenant_id, kind, payload) values ($1::int4, $2::text, $3::text::jsonb)', [
    tenantId,
    kind,
    JSON.stringify(payload),
  ]);
}
