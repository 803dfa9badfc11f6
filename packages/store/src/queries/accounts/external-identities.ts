/** People who come by a login provider: known by issuer and subject, and by their e-mail address only the first time. */
import { uuidv7 } from '@sigec/runtime';
import type { Database, Sql } from '../../database.js';
import { findUserById, type LoginUser } from '../users.js';
import { audit } from './audit.js';
import { endTokens } from './one-time-tokens.js';

/** What a provider says of a person. */
export interface ExternalPerson {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  /** Null where the provider does not say that it is theirs. */
  readonly verifiedEmail: string | null;
}

export interface ExternalRules {
  /** Whether somebody whom nobody knows becomes a driver. */
  readonly register: boolean;
  /** Of such. */
  readonly tenantId: number;
}

const linked = async (tx: Sql, { issuer, subject }: ExternalPerson): Promise<string | undefined> =>
  (
    await tx.query<{ id: string }>(
      'select user_id::text as id from external_identity where issuer = $1::text and subject = $2::text',
      [issuer, subject],
    )
  )[0]?.id;

interface Account {
  readonly id: string;
  readonly tenantId: number;
  readonly proven: boolean;
}

/** The account of an address. One whose address nobody proved may be a stranger's who waits for its owner: it is emptied. */
async function adopt(tx: Sql, email: string): Promise<Account | undefined> {
  const [known] = await tx.query<Account>(
    `select id::text, tenant_id as "tenantId", email_verified_at is not null as proven from app_user
     where lower(email) = lower($1::text) for update`,
    [email],
  );
  if (known === undefined || known.proven) return known;
  await tx.query(
    `update app_user set email_verified_at = now(), updated_at = now(), session_epoch = session_epoch + 1,
       password_hash = case when registered then null else password_hash end
     where id = $1::uuid`,
    [known.id],
  );
  await endTokens(tx, known.id);
  return known;
}

async function register(
  tx: Sql,
  person: ExternalPerson,
  email: string,
  tenantId: number,
): Promise<Account | undefined> {
  const [made] = await tx.query<Account>(
    `insert into app_user (id, tenant_id, name, email, role, registered, email_verified_at)
     values ($1::uuid, $2::int4, $3::text, $4::text, 'user', true, now()) on conflict do nothing
     returning id::text, tenant_id as "tenantId", true as proven`,
    [uuidv7(), tenantId, person.name, email],
  );
  if (made !== undefined) await audit(tx, { action: 'user.registered', tenantId, userId: made.id, actorId: made.id });
  return made;
}

/** @returns the account; undefined where there is none, and none may be made. Of two logins at once both find the same. */
export async function enterByProvider(
  db: Database,
  person: ExternalPerson,
  rules: ExternalRules,
): Promise<LoginUser | undefined> {
  const id = await db.transaction(async (tx) => {
    const known = await linked(tx, person);
    const { verifiedEmail } = person;
    if (known !== undefined || verifiedEmail === null) return known;
    const account =
      (await adopt(tx, verifiedEmail)) ??
      (rules.register ? await register(tx, person, verifiedEmail, rules.tenantId) : undefined) ??
      // Made by another login in between.
      (await adopt(tx, verifiedEmail));
    if (account === undefined) return undefined;
    const made = await tx.query(
      `insert into external_identity (tenant_id, user_id, issuer, subject)
       values ($1::int4, $2::uuid, $3::text, $4::text) on conflict do nothing returning id`,
      [account.tenantId, account.id, person.issuer, person.subject],
    );
    if (made.length === 0) return linked(tx, person);
    const whose = { tenantId: account.tenantId, userId: account.id, actorId: account.id };
    await audit(tx, { action: 'identity.linked', ...whose, detail: { issuer: person.issuer } });
    return account.id;
  });
  return id === undefined ? undefined : findUserById(db, id);
}
