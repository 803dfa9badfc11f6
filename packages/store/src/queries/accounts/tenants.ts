/** Networks of an installation: each is a tenant, with somebody to administer it from its first moment on. */
import { uuidv7 } from '@sigec/runtime';
import type { Database } from '../../database.js';
import { audit } from './audit.js';

export interface NewTenant {
  readonly name: string;
  readonly administrator: { readonly name: string; readonly email: string; readonly passwordHash: string };
}

/** Made by whoever runs the installation. @returns its id; undefined where the e-mail address is taken, and nothing is made */
export function createTenant(db: Database, { name, administrator }: NewTenant): Promise<number | undefined> {
  return db.transaction(async (tx) => {
    const [made] = await tx.query<{ tenantId: number; userId: string }>(
      `with free as (select where not exists (select 1 from app_user where lower(email) = lower($3::text))),
         network as (insert into tenant (name) select $1::text from free returning id)
       insert into app_user (id, tenant_id, name, email, password_hash, role)
       select $2::uuid, id, $4::text, $3::text, $5::text, 'admin' from network
       returning tenant_id as "tenantId", id::text as "userId"`,
      [name, uuidv7(), administrator.email, administrator.name, administrator.passwordHash],
    );
    if (made === undefined) return undefined;
    await audit(tx, { action: 'user.created', ...made, actorId: null, detail: { role: 'admin' } });
    return made.tenantId;
  });
}
