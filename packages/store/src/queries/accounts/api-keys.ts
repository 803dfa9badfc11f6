/** Keys of machines: made and revoked by people, found by their hash. */
import { and, asc, eq, gt } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { apiKey } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page, type UserRole } from '../scope.js';
import { audit } from './audit.js';

export type ApiKeyRow = Omit<typeof apiKey.$inferSelect, 'tenantId' | 'keyHash'>;

const ROW = {
  id: apiKey.id,
  userId: apiKey.userId,
  name: apiKey.name,
  hint: apiKey.hint,
  scopes: apiKey.scopes,
  expiresAt: apiKey.expiresAt,
  lastUsedAt: apiKey.lastUsedAt,
  revokedAt: apiKey.revokedAt,
  createdAt: apiKey.createdAt,
};

export interface NewApiKey {
  readonly name: string;
  readonly hint: string;
  /** SHA-256. */
  readonly hash: Uint8Array;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
}

export function createApiKey(db: Database, actor: Actor, key: NewApiKey): Promise<number> {
  return db.transaction(async (tx) => {
    const [made] = await tx.query<{ id: number }>(
      `insert into api_key (tenant_id, user_id, name, hint, key_hash, scopes, expires_at)
       select $1::int4, $2::uuid, $3::text, $4::text, $5::bytea,
         coalesce((select array_agg(value) from json_array_elements_text($6::text::json)), '{}'), $7::text::timestamptz
       returning id`,
      [
        actor.tenantId,
        actor.userId,
        key.name,
        key.hint,
        key.hash,
        JSON.stringify(key.scopes),
        key.expiresAt?.toISOString() ?? null,
      ],
    );
    if (made === undefined) throw new Error('api key: could not be made');
    const detail = { api_key_id: String(made.id), scopes: key.scopes };
    await audit(tx, {
      action: 'api-key.created',
      tenantId: actor.tenantId,
      userId: actor.userId,
      actorId: actor.userId,
      detail,
    });
    return made.id;
  });
}

/** Administrators have to do with all keys of the tenant, others with those that they made. */
function manages(actor: Actor) {
  return and(inTenant(actor, apiKey), actor.role === 'admin' ? undefined : eq(apiKey.userId, actor.userId));
}

export async function getApiKey(db: Database, actor: Actor, id: number): Promise<ApiKeyRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(apiKey)
    .where(all(manages(actor), eq(apiKey.id, id)));
  return rows[0];
}

export async function listApiKeys(
  db: Database,
  actor: Actor,
  options: { readonly after?: number; readonly limit: number },
): Promise<Page<ApiKeyRow>> {
  const rows = await db.orm
    .select(ROW)
    .from(apiKey)
    .where(all(manages(actor), options.after === undefined ? undefined : gt(apiKey.id, options.after)))
    .orderBy(asc(apiKey.id))
    .limit(options.limit + 1);
  return page(rows, options.limit);
}

/** Revokes it; one that was revoked stays so. False where the actor has to do with no such key. */
export async function revokeApiKey(db: Database, actor: Actor, id: number): Promise<boolean> {
  const key = await getApiKey(db, actor, id);
  if (key === undefined) return false;
  await db.transaction(async (tx) => {
    const revoked = await tx.query(
      'update api_key set revoked_at = now() where id = $1::int8 and tenant_id = $2::int4 and revoked_at is null returning id',
      [id, actor.tenantId],
    );
    if (revoked.length === 0) return;
    const whose = { tenantId: actor.tenantId, userId: key.userId, actorId: actor.userId };
    await audit(tx, { action: 'api-key.revoked', ...whose, detail: { api_key_id: String(id) } });
  });
  return true;
}

/** Whom a key speaks for. */
export interface KeyHolder {
  readonly id: number;
  readonly tenantId: number;
  readonly userId: string;
  /** Of its maker as they are now. */
  readonly role: UserRole;
  readonly scopes: readonly string[];
  /** Until its end, ms; null: it has none. */
  readonly leftMs: number | null;
}

/** A key that is neither revoked nor over, and whose maker is active. Notes that it was used, once a minute. */
export async function findApiKey(db: Database, hash: Uint8Array): Promise<KeyHolder | undefined> {
  const [found] = await db.query<KeyHolder & { readonly stale: boolean }>(
    `select k.id, k.tenant_id as "tenantId", k.user_id::text as "userId", u.role, k.scopes,
       (extract(epoch from k.expires_at - now()) * 1000)::float8 as "leftMs",
       coalesce(k.last_used_at < now() - interval '1 minute', true) as stale
     from api_key k join app_user u on u.id = k.user_id and u.tenant_id = k.tenant_id
     where k.key_hash = $1::bytea and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
       and u.status = 'active'`,
    [hash],
  );
  if (found === undefined) return undefined;
  const { stale, ...holder } = found;
  if (stale) await db.query('update api_key set last_used_at = now() where id = $1::int8', [holder.id]);
  return holder;
}
