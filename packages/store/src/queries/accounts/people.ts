/** The people of a tenant, as its administrators see and change them. */
import { uuidv7 } from '@sigec/runtime';
import { asc, eq, gt, sql } from 'drizzle-orm';
import type { Database, Sql } from '../../database.js';
import { appUser } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page, type UserRole } from '../scope.js';
import { LOGIN, type UserStatus } from '../users.js';
import { audit } from './audit.js';
import { endTokens, type NewToken, putToken } from './one-time-tokens.js';

const ROW = {
  id: appUser.id,
  name: appUser.name,
  email: appUser.email,
  emailVerifiedAt: appUser.emailVerifiedAt,
  role: appUser.role,
  status: appUser.status,
  taxId: appUser.taxId,
  hasPassword: sql<boolean>`app_user.password_hash is not null`,
  secondFactor: LOGIN.secondFactor,
  lastLoginAt: appUser.lastLoginAt,
  createdAt: appUser.createdAt,
  updatedAt: appUser.updatedAt,
};

export interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly emailVerifiedAt: Date | null;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly taxId: string | null;
  readonly hasPassword: boolean;
  readonly secondFactor: boolean;
  readonly lastLoginAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface PersonFilter {
  readonly role?: UserRole | undefined;
  readonly status?: UserStatus | undefined;
  /** Part of name or e-mail, in whatever case. */
  readonly q?: string | undefined;
}

/** In order of id, which is the order in which they were made. */
export async function listPeople(
  db: Database,
  actor: Actor,
  options: PersonFilter & { readonly after?: string | undefined; readonly limit: number },
): Promise<Page<PersonRow>> {
  const { role, status, q, after, limit } = options;
  const part = q?.toLowerCase();
  const rows = await db.orm
    .select(ROW)
    .from(appUser)
    .where(
      all(
        inTenant(actor, appUser),
        role === undefined ? undefined : eq(appUser.role, role),
        status === undefined ? undefined : eq(appUser.status, status),
        part === undefined
          ? undefined
          : sql`position(${part} in lower(${appUser.name} || ' ' || ${appUser.email})) > 0`,
        after === undefined ? undefined : gt(appUser.id, after),
      ),
    )
    .orderBy(asc(appUser.id))
    .limit(limit + 1);
  return page(rows, limit);
}

export async function getPerson(db: Database, actor: Actor, id: string): Promise<PersonRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(appUser)
    .where(all(inTenant(actor, appUser), eq(appUser.id, id)));
  return rows[0];
}

export interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly role: UserRole;
  /** Null where the person is to choose one: then `token` lets them. */
  readonly passwordHash: string | null;
  readonly token: NewToken | null;
}

/** @returns undefined where the e-mail address is taken */
export function createPerson(db: Database, actor: Actor, person: NewPerson): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    const [made] = await tx.query<{ id: string }>(
      `insert into app_user (id, tenant_id, name, email, password_hash, role)
       values ($1::uuid, $2::int4, $3::text, $4::text, $5::text, $6::text)
       on conflict do nothing returning id::text`,
      [uuidv7(), actor.tenantId, person.name, person.email, person.passwordHash, person.role],
    );
    if (made === undefined) return undefined;
    const user = { id: made.id, tenantId: actor.tenantId, email: person.email };
    if (person.token !== null) await putToken(tx, user, 'reset', person.token);
    const whose = { tenantId: actor.tenantId, userId: made.id, actorId: actor.userId };
    await audit(tx, { action: 'user.created', ...whose, detail: { role: person.role } });
    return made.id;
  });
}

export interface PersonPatch {
  readonly name?: string | undefined;
  readonly role?: UserRole | undefined;
  readonly status?: UserStatus | undefined;
  /** Checked, without punctuation; null takes it away. */
  readonly taxId?: string | null | undefined;
}

interface Before {
  readonly role: UserRole;
  readonly status: UserStatus;
}

const isActiveAdmin = ({ role, status }: Before): boolean => role === 'admin' && status === 'active';

/** The administrators of the tenant, held until the end: of two who take the right from one another one is too late. */
const administrators = (tx: Sql, actor: Actor) =>
  tx.query(
    `select id from app_user where tenant_id = $1::int4 and role = 'admin' and status = 'active' order by id for update`,
    [actor.tenantId],
  );

/**
 * Changes what is given. Whoever is not active any more has no session any more, and nothing that was sent to them is good.
 * @returns undefined where the tenant has no such person; `last-administrator` where nobody would be left to administer
 */
export function updatePerson(
  db: Database,
  actor: Actor,
  id: string,
  patch: PersonPatch,
): Promise<'changed' | 'last-administrator' | undefined> {
  return db.transaction(async (tx) => {
    const left = patch.role === undefined && patch.status === undefined ? [] : await administrators(tx, actor);
    const [before] = await tx.query<Before>(
      `select role, status from app_user where id = $1::uuid and tenant_id = $2::int4 and erased_at is null for update`,
      [id, actor.tenantId],
    );
    if (before === undefined) return undefined;
    const after = { role: patch.role ?? before.role, status: patch.status ?? before.status };
    if (isActiveAdmin(before) && !isActiveAdmin(after) && left.length < 2) return 'last-administrator';
    const detail = {
      ...(after.role === before.role ? {} : { role: [before.role, after.role] }),
      ...(after.status === before.status ? {} : { status: [before.status, after.status] }),
      ...(patch.name === undefined ? {} : { name: true }),
      ...(patch.taxId === undefined ? {} : { tax_id: true }),
    };
    // What was so before is no line of the trail.
    if (Object.keys(detail).length === 0) return 'changed';
    await tx.query(
      `update app_user set name = coalesce($2::text, name), role = $3::text, status = $4::text, updated_at = now(),
         session_epoch = session_epoch + case when $4::text <> 'active' then 1 else 0 end,
         tax_id = case when $5::int4 = 1 then $6::text else tax_id end
       where id = $1::uuid`,
      [id, patch.name ?? null, after.role, after.status, patch.taxId === undefined ? 0 : 1, patch.taxId ?? null],
    );
    if (after.status !== 'active') await endTokens(tx, id);
    await audit(tx, { action: 'user.changed', tenantId: actor.tenantId, userId: id, actorId: actor.userId, detail });
    return 'changed';
  });
}
