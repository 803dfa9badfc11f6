/** People: what login and refresh read, and the making of them. Before login there is no tenant to scope by. */
import { uuidv7 } from '@sigec/runtime';
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { appUser } from '../schema.js';
import type { UserRole } from './scope.js';

export type UserStatus = 'active' | 'inactive' | 'blocked';

export interface LoginUser {
  readonly id: string;
  readonly tenantId: number;
  readonly name: string;
  readonly email: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  /** argon2id in PHC form; null for who comes by a login provider alone. */
  readonly passwordHash: string | null;
  /** Made by its owner. */
  readonly registered: boolean;
  readonly emailVerifiedAt: Date | null;
  /** Sessions of an older number are over. */
  readonly sessionEpoch: number;
  /** Whether a code is asked for beside whatever else is shown. */
  readonly secondFactor: boolean;
}

export const LOGIN = {
  id: appUser.id,
  tenantId: appUser.tenantId,
  name: appUser.name,
  email: appUser.email,
  role: appUser.role,
  status: appUser.status,
  passwordHash: appUser.passwordHash,
  registered: appUser.registered,
  emailVerifiedAt: appUser.emailVerifiedAt,
  sessionEpoch: appUser.sessionEpoch,
  secondFactor: sql<boolean>`exists (
    select 1 from second_factor f where f.user_id = app_user.id and f.confirmed_at is not null)`,
};

/** The user of an e-mail address, in whatever case it is written. */
export async function findUserByEmail(db: Database, email: string): Promise<LoginUser | undefined> {
  const rows = await db.orm.select(LOGIN).from(appUser).where(sql`lower(${appUser.email}) = ${email.toLowerCase()}`);
  return rows[0];
}

export async function findUserById(db: Database, id: string): Promise<LoginUser | undefined> {
  const rows = await db.orm.select(LOGIN).from(appUser).where(eq(appUser.id, id));
  return rows[0];
}

export async function hasAdministrator(db: Database): Promise<boolean> {
  const rows = await db.orm.select({ id: appUser.id }).from(appUser).where(eq(appUser.role, 'admin')).limit(1);
  return rows.length > 0;
}

export interface NewUser {
  readonly tenantId: number;
  readonly name: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly role: UserRole;
}

/** Makes a user; undefined where the e-mail address is taken. */
export async function createUser(db: Database, user: NewUser): Promise<{ readonly id: string } | undefined> {
  const rows = await db.orm
    .insert(appUser)
    .values({ id: uuidv7(), ...user })
    .onConflictDoNothing()
    .returning({ id: appUser.id });
  return rows[0];
}

/** A session began. */
export async function noteLogin(db: Database, id: string): Promise<void> {
  await db.query('update app_user set last_login_at = now() where id = $1::uuid', [id]);
}
