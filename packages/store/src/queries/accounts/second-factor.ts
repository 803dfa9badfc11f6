/** The second factor of a person: a secret, the last code that was taken, and codes for when the secret is lost. */
import type { Database, Sql } from '../../database.js';
import type { Actor } from '../scope.js';
import { audit } from './audit.js';

export interface SecondFactor {
  /** Encrypted. */
  readonly secretBox: Uint8Array;
  /** Whether it was shown to work. */
  readonly confirmed: boolean;
}

export async function getSecondFactor(db: Database, userId: string): Promise<SecondFactor | undefined> {
  const rows = await db.query<SecondFactor>(
    `select secret_box as "secretBox", confirmed_at is not null as confirmed from second_factor where user_id = $1::uuid`,
    [userId],
  );
  return rows[0];
}

/** Keeps a secret that is not yet shown to work, in place of another such. False where there is one that works. */
export async function beginSecondFactor(db: Database, actor: Actor, secretBox: Uint8Array): Promise<boolean> {
  const rows = await db.query(
    `insert into second_factor as f (user_id, tenant_id, secret_box) values ($1::uuid, $2::int4, $3::bytea)
     on conflict (user_id) do update set secret_box = excluded.secret_box, last_step = 0, created_at = now()
       where f.confirmed_at is null
     returning user_id`,
    [actor.userId, actor.tenantId, secretBox],
  );
  return rows.length > 0;
}

async function putCodes(tx: Sql, userId: string, hashes: readonly Uint8Array[]): Promise<void> {
  await tx.query('delete from recovery_code where user_id = $1::uuid', [userId]);
  await Promise.all(
    hashes.map((hash) =>
      tx.query('insert into recovery_code (user_id, code_hash) values ($1::uuid, $2::bytea)', [userId, hash]),
    ),
  );
}

/**
 * It was shown to work by the code of `step`.
 * @param hashes SHA-256 of the recovery codes
 * @returns false where there is none that waits for that, or the code was taken before
 */
export function confirmSecondFactor(
  db: Database,
  actor: Actor,
  step: number,
  hashes: readonly Uint8Array[],
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx.query(
      `update second_factor set confirmed_at = now(), last_step = $2::int8
       where user_id = $1::uuid and confirmed_at is null and last_step < $2::int8 returning user_id`,
      [actor.userId, step],
    );
    if (rows.length === 0) return false;
    await putCodes(tx, actor.userId, hashes);
    const whose = { tenantId: actor.tenantId, userId: actor.userId, actorId: actor.userId };
    await audit(tx, { action: 'second-factor.enabled', ...whose });
    return true;
  });
}

/** Takes the code of a time step: of two uses at once one is the first. */
export async function takeStep(db: Database, userId: string, step: number): Promise<boolean> {
  const rows = await db.query(
    `update second_factor set last_step = $2::int8
     where user_id = $1::uuid and confirmed_at is not null and last_step < $2::int8 returning user_id`,
    [userId, step],
  );
  return rows.length > 0;
}

/** Takes a recovery code. @param hash SHA-256 of it */
export function takeRecoveryCode(
  db: Database,
  user: { readonly id: string; readonly tenantId: number },
  hash: Uint8Array,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx.query(
      `delete from recovery_code c using second_factor f
       where c.user_id = $1::uuid and c.code_hash = $2::bytea and f.user_id = c.user_id and f.confirmed_at is not null
       returning c.user_id`,
      [user.id, hash],
    );
    if (rows.length === 0) return false;
    await audit(tx, { action: 'recovery-code.used', tenantId: user.tenantId, userId: user.id, actorId: user.id });
    return true;
  });
}

/** @param userId whose; the actor's own, or that of somebody of their tenant. False where there is none. */
export function dropSecondFactor(db: Database, actor: Actor, userId: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx.query(
      'delete from second_factor where user_id = $1::uuid and tenant_id = $2::int4 returning user_id',
      [userId, actor.tenantId],
    );
    if (rows.length === 0) return false;
    const whose = { tenantId: actor.tenantId, userId, actorId: actor.userId };
    await audit(tx, { action: 'second-factor.disabled', ...whose });
    return true;
  });
}
