/** Id tokens: cards, app users, whatever may charge. */
import { randomBytes } from 'node:crypto';
import { idTokenKey, type TokenLimits } from '@sigec/domain';
import { asc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Database, Sql } from '../database.js';
import { appUser, idToken } from '../schema.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';

export type IdTokenRow = Omit<typeof idToken.$inferSelect, 'tenantId' | 'valueKey' | 'listVersion'>;

export const TOKEN_ROW = {
  id: idToken.id,
  value: idToken.value,
  type: idToken.type,
  status: idToken.status,
  groupId: idToken.groupId,
  userId: idToken.userId,
  expiresAt: idToken.expiresAt,
  maxConcurrent: idToken.maxConcurrent,
  limits: idToken.limits,
  localList: idToken.localList,
  name: idToken.name,
  blockedBy: idToken.blockedBy,
  createdAt: idToken.createdAt,
  updatedAt: idToken.updatedAt,
};

export interface NewIdToken {
  readonly value: string;
  readonly type?: string | null;
  readonly status?: 'active' | 'blocked';
  readonly groupId?: string | null;
  readonly userId?: string | null;
  readonly expiresAt?: Date | null;
  /** Most transactions at once; null: any number. */
  readonly maxConcurrent?: number | null;
  readonly limits?: TokenLimits | null;
  /** Whether chargers may be told of it beforehand. */
  readonly localList?: boolean;
  /** What its owner calls it. */
  readonly name?: string | null;
}

/** Makes a token; undefined where the tenant has one of this value, in whatever case. */
export async function createIdToken(db: Database, actor: Actor, token: NewIdToken): Promise<IdTokenRow | undefined> {
  const rows = await db.orm
    .insert(idToken)
    .values({ ...token, tenantId: actor.tenantId, valueKey: idTokenKey(token.value) })
    .onConflictDoNothing()
    .returning(TOKEN_ROW);
  return rows[0];
}

export async function findIdToken(db: Database, actor: Actor, value: string): Promise<IdTokenRow | undefined> {
  const rows = await db.orm
    .select(TOKEN_ROW)
    .from(idToken)
    .where(all(inTenant(actor, idToken), eq(idToken.valueKey, idTokenKey(value))));
  return rows[0];
}

/** The token of this value as it stands; made from what is given where there is none. */
export async function ensureIdToken(
  db: Database,
  actor: Actor,
  token: NewIdToken,
): Promise<{ readonly token: IdTokenRow; readonly created: boolean }> {
  const known = await findIdToken(db, actor, token.value);
  if (known) return { token: known, created: false };
  const made = await createIdToken(db, actor, token);
  if (made) return { token: made, created: true };
  const other = await findIdToken(db, actor, token.value);
  if (!other) throw new Error('id token: went away while it was made');
  return { token: other, created: false };
}

/** Of two requests of one person at once the second sees what the first made: they hold their row meanwhile. */
const HOLD = 'select 1 from app_user where tenant_id = $1::int4 and id = $2::uuid for no key update';
const INSERT_OWN = `
  insert into id_token (tenant_id, user_id, value, value_key, type, name, local_list)
  values ($1::int4, $2::uuid, $3::text, $4::text, $5::text, $6::text, $7::text::boolean)
  on conflict do nothing returning id`;

interface OwnToken extends Pick<NewIdToken, 'value'> {
  readonly type: string;
  readonly name: string | null;
  readonly localList: boolean;
}

/**
 * Makes a token of the actor's own, unless what they have speaks against it.
 * @param against asked while nobody else makes one for them; undefined: nothing does
 */
export async function createOwn<No>(
  db: Database,
  actor: Actor,
  { value, type, name, localList }: OwnToken,
  against: (tx: Sql) => Promise<No | undefined>,
): Promise<IdTokenRow | No | undefined> {
  const whose = [actor.tenantId, actor.userId];
  const made = await db.transaction(async (tx) => {
    await tx.query(HOLD, whose);
    const no = await against(tx);
    if (no !== undefined) return { no };
    const params = [...whose, value, idTokenKey(value), type, name, String(localList)];
    return { id: (await tx.query<{ id: number }>(INSERT_OWN, params))[0]?.id };
  });
  if ('no' in made) return made.no;
  if (made.id === undefined) return undefined;
  const rows = await db.orm
    .select(TOKEN_ROW)
    .from(idToken)
    .where(all(inTenant(actor, idToken), eq(idToken.id, made.id)));
  return rows[0];
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const VIRTUAL = '^U[A-Z2-7]{19}$';
const HAS_VIRTUAL = `
  select 1 from id_token where tenant_id = $1::int4 and user_id = $2::uuid and value ~ '${VIRTUAL}' limit 1`;

/** The token of a person who has no card: made once, 20 characters, which is all that OCPP 1.6 takes. */
export async function ensureUserToken(db: Database, actor: Actor): Promise<IdTokenRow> {
  const own = async () => {
    const rows = await db.orm
      .select(TOKEN_ROW)
      .from(idToken)
      .where(all(inTenant(actor, idToken), eq(idToken.userId, actor.userId), sql`${idToken.value} ~ ${VIRTUAL}`))
      .orderBy(asc(idToken.id))
      .limit(1);
    return rows[0];
  };
  const known = await own();
  if (known !== undefined) return known;
  const value = `U${[...randomBytes(19)].map((byte) => BASE32[byte & 31]).join('')}`;
  const made = await createOwn(db, actor, { value, type: 'Central', name: null, localList: false }, async (tx) =>
    (await tx.query(HAS_VIRTUAL, [actor.tenantId, actor.userId])).length > 0 ? 'there' : undefined,
  );
  const token = made === 'there' ? await own() : made;
  if (token === undefined) throw new Error('id token: could not be made');
  return token;
}

export async function listIdTokens(
  db: Database,
  actor: Actor,
  options: {
    readonly after?: number | undefined;
    readonly limit: number;
    readonly userId?: string | undefined;
    readonly groupId?: string | undefined;
    /** In whatever case. */
    readonly value?: string | undefined;
  },
): Promise<Page<IdTokenRow>> {
  const { after, limit, userId, groupId, value } = options;
  const rows = await db.orm
    .select(TOKEN_ROW)
    .from(idToken)
    .where(
      all(
        inTenant(actor, idToken),
        after === undefined ? undefined : gt(idToken.id, after),
        userId === undefined ? undefined : eq(idToken.userId, userId),
        groupId === undefined ? undefined : eq(idToken.groupId, groupId),
        value === undefined ? undefined : eq(idToken.valueKey, idTokenKey(value)),
      ),
    )
    .orderBy(asc(idToken.id))
    .limit(limit + 1);
  return page(rows, limit);
}

export type IdTokenPatch = Omit<NewIdToken, 'value'>;

/** Whether the tenant has this person, to give a token to. */
export async function isTokenOwner(db: Database, actor: Actor, userId: string): Promise<boolean> {
  const rows = await db.orm
    .select({ id: appUser.id })
    .from(appUser)
    .where(all(inTenant(actor, appUser), eq(appUser.id, userId), isNull(appUser.erasedAt)));
  return rows.length > 0;
}

/** Who blocked it, where a change of status says. */
export const blocker = (actor: Actor, status: IdTokenPatch['status']): { blockedBy?: string | null } =>
  status === undefined ? {} : { blockedBy: status === 'blocked' ? actor.userId : null };

/** Changes what is given; undefined where the tenant has no such token. */
export async function updateIdToken(
  db: Database,
  actor: Actor,
  id: number,
  patch: IdTokenPatch,
): Promise<IdTokenRow | undefined> {
  const rows = await db.orm
    .update(idToken)
    .set({ ...patch, ...blocker(actor, patch.status), updatedAt: sql`now()` })
    .where(all(inTenant(actor, idToken), eq(idToken.id, id)))
    .returning(TOKEN_ROW);
  return rows[0];
}
