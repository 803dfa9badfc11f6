/** The first administrator. */
import { randomBytes } from 'node:crypto';
import { createUser, type Database, findUserByEmail, hasAdministrator } from '@sigec/store';
import { hashPassword } from './password.js';

export interface FirstAdministrator {
  readonly email: string;
  /** At least 8 characters. Made where absent. */
  readonly password?: string | undefined;
  /** Default 1, the tenant that the migrations make. */
  readonly tenantId?: number;
}

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
  const password = options.password ?? randomBytes(18).toString('base64url');
  const made = await createUser(db, {
    tenantId,
    email,
    name: 'Administrador',
    role: 'admin',
    passwordHash: await hashPassword(password),
  });
  if (made) return options.password === undefined ? { created: true, password } : { created: true };
  // Another process was faster, or the address is somebody else's.
  const other = await findUserByEmail(db, email);
  if (other?.role !== 'admin') throw new Error('email: belongs to a user who is not an administrator');
  return { created: false };
}
