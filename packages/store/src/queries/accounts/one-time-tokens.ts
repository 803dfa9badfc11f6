/** What a person got by mail and shows once. A token is used up by being deleted, so that no two uses are both the first. */
import type { Database, Sql } from '../../database.js';
import type { LoginUser } from '../users.js';
import { audit } from './audit.js';

/** What it is shown for: to confirm an address, to choose a new password, to be forgotten. */
export type TokenPurpose = 'verify' | 'reset' | 'erase';

export interface NewToken {
  /** SHA-256 of it. */
  readonly hash: Uint8Array;
  readonly lifetimeMs: number;
}

/** Of one purpose the newest alone is good. */
export async function putToken(
  tx: Sql,
  user: Pick<LoginUser, 'id' | 'tenantId' | 'email'>,
  purpose: TokenPurpose,
  token: NewToken,
): Promise<void> {
  await tx.query('delete from account_token where user_id = $1::uuid and purpose = $2::text', [user.id, purpose]);
  await tx.query(
    `insert into account_token (tenant_id, user_id, purpose, token_hash, email, expires_at)
     values ($1::int4, $2::uuid, $3::text, $4::bytea, $5::text, now() + $6::int4 * interval '1 ms')`,
    [user.tenantId, user.id, purpose, token.hash, user.email, token.lifetimeMs],
  );
}

/**
 * What a person's account was asked for before, somebody else may have asked for: with the password that is no more, or at an
 * address that is not theirs any more. None of it is good from here on.
 */
export async function endTokens(tx: Sql, userId: string): Promise<void> {
  await tx.query('delete from account_token where user_id = $1::uuid', [userId]);
}

/** @param user with the address that the token proves, which may be one to come */
export async function issueToken(
  db: Database,
  user: Pick<LoginUser, 'id' | 'tenantId' | 'email'>,
  purpose: TokenPurpose,
  token: NewToken,
): Promise<void> {
  await db.transaction((tx) => putToken(tx, user, purpose, token));
}

interface Shown {
  readonly userId: string;
  readonly tenantId: number;
  readonly email: string;
}

async function take(tx: Sql, hash: Uint8Array, purpose: TokenPurpose): Promise<Shown | undefined> {
  const [shown] = await tx.query<Shown>(
    `delete from account_token where token_hash = $1::bytea and purpose = $2::text and expires_at > now()
     returning user_id::text as "userId", tenant_id as "tenantId", email`,
    [hash, purpose],
  );
  return shown;
}

/**
 * A new password for whoever shows the token; all sessions end. Who reads the mail of an address owns it, so it is
 * confirmed as well.
 * @returns whose; undefined where the token is not good, or its owner is not active
 */
export function resetPassword(db: Database, hash: Uint8Array, passwordHash: string): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    const shown = await take(tx, hash, 'reset');
    if (shown === undefined) return undefined;
    const changed = await tx.query(
      `update app_user set password_hash = $2::text, session_epoch = session_epoch + 1, updated_at = now(),
         email_verified_at = case when lower(email) = lower($3::text) then coalesce(email_verified_at, now())
           else email_verified_at end
       where id = $1::uuid and status = 'active' returning id`,
      [shown.userId, passwordHash, shown.email],
    );
    if (changed.length === 0) return undefined;
    await endTokens(tx, shown.userId);
    await audit(tx, { action: 'password.reset', ...shown, actorId: shown.userId });
    return shown.userId;
  });
}

/** Who confirms an address waits for whoever confirms the same one. */
const ADDRESS = 'select pg_advisory_xact_lock(7344326, hashtext(lower($1::text)))';

/** Whose address was confirmed. */
export interface Confirmed {
  readonly userId: string;
  readonly tenantId: number;
  /** The address that they had; null where it is the same. */
  readonly before: string | null;
}

/**
 * The address that the token proves is its owner's. Where it is another than before, what was sent to that one is good no more.
 * @returns undefined where the token is not good, its owner is not active, or the address became somebody else's meanwhile
 */
export function confirmEmail(db: Database, hash: Uint8Array): Promise<Confirmed | undefined> {
  return db.transaction(async (tx) => {
    const shown = await take(tx, hash, 'verify');
    if (shown === undefined) return undefined;
    const { userId, tenantId, email } = shown;
    await tx.query(ADDRESS, [email]);
    const [changed] = await tx.query<{ before: string | null }>(
      `update app_user u set email = $2::text, email_verified_at = now(), updated_at = now()
       from (select id, email from app_user where id = $1::uuid for update) was
       where u.id = was.id and u.status = 'active'
         and not exists (select 1 from app_user o where lower(o.email) = lower($2::text) and o.id <> u.id)
       returning case when lower(was.email) <> lower($2::text) then was.email end as before`,
      [userId, email],
    );
    if (changed === undefined) return undefined;
    if (changed.before !== null) await endTokens(tx, userId);
    await audit(tx, { action: 'email.verified', userId, tenantId, actorId: userId });
    return { userId, tenantId, before: changed.before };
  });
}

/** Whether this person holds the token that says they want to be forgotten; it is used up. */
export async function takeErasureToken(db: Database, userId: string, hash: Uint8Array): Promise<boolean> {
  const rows = await db.query(
    `delete from account_token where token_hash = $2::bytea and user_id = $1::uuid and purpose = 'erase'
       and expires_at > now() returning id`,
    [userId, hash],
  );
  return rows.length > 0;
}

/** Expired tokens go. */
export async function dropOldTokens(db: Database): Promise<void> {
  await db.query('delete from account_token where expires_at < now()');
}
