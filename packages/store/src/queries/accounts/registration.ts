/** Drivers who register themselves. What is written is as much for an address that is taken as for a new one. */
import { uuidv7 } from '@sigec/runtime';
import type { Database } from '../../database.js';
import type { UserStatus } from '../users.js';
import { audit } from './audit.js';
import { type NewToken, putToken } from './one-time-tokens.js';

export interface Registration {
  readonly tenantId: number;
  readonly name: string;
  readonly email: string;
  readonly passwordHash: string;
  /** Of a token that confirms the address, ms. */
  readonly verifyMs: number;
  /** As it would reset the password of somebody who has the address already. */
  readonly token: NewToken;
  /** Whether one that was never confirmed, nor used, gives way. */
  readonly replaceUnconfirmed: boolean;
}

export interface Registered {
  /** Of the account that the address belongs to. */
  readonly id: string;
  readonly tenantId: number;
  /** `taken`: it was somebody's before; the token resets their password, as they may have forgotten that they have one. */
  readonly outcome: 'made' | 'taken';
}

interface Owner {
  readonly id: string;
  readonly tenantId: number;
  readonly status: UserStatus;
}

/**
 * Whom administrators made something of does not give way, though nobody proved the address: it would be gone unseen.
 * The one that gives way goes, and another is made: whoever registers an address twice sees two ids, as they would where it is
 * taken, and learns nothing.
 */
const GIVE_WAY = `
  delete from app_user u
  where $2::int4 = 1 and lower(email) = lower($1::text) and registered and status = 'active' and role = 'user'
    and email_verified_at is null and last_login_at is null
    and not exists (select 1 from station_grant g where g.user_id = u.id)
    and not exists (select 1 from id_token t where t.user_id = u.id)
    and not exists (select 1 from transaction t where t.user_id = u.id)`;

const OWNER = `id::text, tenant_id as "tenantId", status`;

/** @returns undefined where the address belongs to somebody who is not active: nothing is to be sent */
export function registerUser(db: Database, given: Registration): Promise<Registered | undefined> {
  const { tenantId, name, email, passwordHash, token, verifyMs, replaceUnconfirmed } = given;
  return db.transaction(async (tx) => {
    await tx.query(GIVE_WAY, [email, replaceUnconfirmed ? 1 : 0]);
    const made = await tx.query<Owner>(
      `insert into app_user (id, tenant_id, name, email, password_hash, role, registered)
       values ($1::uuid, $2::int4, $3::text, $4::text, $5::text, 'user', true)
       on conflict do nothing returning ${OWNER}`,
      [uuidv7(), tenantId, name, email, passwordHash],
    );
    const [owner] =
      made.length > 0
        ? made
        : await tx.query<Owner>(`select ${OWNER} from app_user where lower(email) = lower($1::text)`, [email]);
    if (owner?.status !== 'active') return undefined;
    const outcome = made.length > 0 ? 'made' : 'taken';
    const user = { ...owner, email };
    if (outcome === 'taken') await putToken(tx, user, 'reset', token);
    else {
      await putToken(tx, user, 'verify', { ...token, lifetimeMs: verifyMs });
      await audit(tx, { action: 'user.registered', tenantId, userId: owner.id, actorId: owner.id });
    }
    return { id: owner.id, tenantId: owner.tenantId, outcome };
  });
}
