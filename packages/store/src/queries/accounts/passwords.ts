/** A password that its owner changes, knowing the old one. */
import type { Database } from '../../database.js';
import type { LoginUser } from '../users.js';
import { audit } from './audit.js';
import { endTokens } from './one-time-tokens.js';

/**
 * All sessions end, and all that was sent to be shown. The old hash is compared: of two changes at once one holds.
 * @returns the number that sessions bear from now on; undefined where the password is another by now
 */
export function changePassword(
  db: Database,
  user: Pick<LoginUser, 'id' | 'tenantId' | 'passwordHash'>,
  passwordHash: string,
): Promise<number | undefined> {
  return db.transaction(async (tx) => {
    const [changed] = await tx.query<{ sessionEpoch: number }>(
      `update app_user set password_hash = $3::text, session_epoch = session_epoch + 1, updated_at = now()
       where id = $1::uuid and password_hash = $2::text returning session_epoch as "sessionEpoch"`,
      [user.id, user.passwordHash, passwordHash],
    );
    if (changed === undefined) return undefined;
    await endTokens(tx, user.id);
    await audit(tx, { action: 'password.changed', tenantId: user.tenantId, userId: user.id, actorId: user.id });
    return changed.sessionEpoch;
  });
}
