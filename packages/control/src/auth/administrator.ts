/** The first administrator, of the installation and of each further tenant. */
import { randomBytes } from 'node:crypto';
import { createTenant, createUser, type Database, findUserByEmail, hasAdministrator } from '@sigec/store';
import { Email } from '../wire/auth.js';
import { hashPassword } from './password.js';

export interface FirstAdministrator {
  readonly email: string;
  /** At least 8 characters. Made where absent. */
  readonly password?: string | undefined;
  /** Default 1, the tenant that the migrations make. */
  readonly tenantId?: number;
}

const NAME = 'Administrador';
const newPassword = (): string => randomBytes(18).toString('base64url');

/**
 * Makes the first administrator where there is none; changes nothing where there is one.
 * @returns `password` only where it was made here: to be shown once, and kept nowhere
 * @throws {Error} where the e-mail belongs to somebody who is not an administrator
 */
export async function ensureAdministrator(
  db: Database,
  options: FirstAdministrator,
): Promise<{ readonly created: boolean; readonly password?: string }> {
  if (await hasAdministrator(db)) return { created: false };
  const { email, tenantId = 1 } = options;
  if (options.password !== undefined && options.password.length < 8)
    throw new RangeError('password: must be at least 8 characters');
  const password = options.password ?? newPassword();
  const made = await createUser(db, {
    tenantId,
    email,
    name: NAME,
    role: 'admin',
    passwordHash: await hashPassword(password),
  });
  if (made) return options.password === undefined ? { created: true, password } : { created: true };
  // Another process was faster, or the address is somebody else's.
  const other = await findUserByEmail(db, email);
  if (other?.role !== 'admin') throw new Error('email: belongs to a user who is not an administrator');
  return { created: false };
}

/**
 * Makes another network, with its first administrator.
 * @returns its id, and the password that was made: to be shown once, and kept nowhere
 * @throws {RangeError} where the name or the e-mail address is none
 * @throws {Error} where the e-mail address is somebody's
 */
export async function openTenant(
  db: Database,
  { name, email }: { readonly name: string; readonly email: string },
): Promise<{ readonly tenantId: number; readonly password: string }> {
  if (name.trim() === '' || name.length > 100) throw new RangeError('name: must be 1 to 100 characters');
  if (!Email.safeParse(email).success) throw new RangeError('email: must be a mail address');
  const password = newPassword();
  const passwordHash = await hashPassword(password);
  const tenantId = await createTenant(db, { name: name.trim(), administrator: { name: NAME, email, passwordHash } });
  if (tenantId === undefined) throw new Error('email: belongs to a user');
  return { tenantId, password };
}
