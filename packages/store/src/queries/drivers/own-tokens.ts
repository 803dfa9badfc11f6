/** Tokens as their owner sees and changes them: no value, no limits, no group; those are the operator's word. */
import { and, asc, eq, sql } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { idToken } from '../../schema.js';
import { blocker, createOwn, type IdTokenRow, TOKEN_ROW } from '../id-tokens.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';

/** More than anybody carries. */
export const MAX_OWN_TOKENS = 20;

const own = (actor: Actor) => and(inTenant(actor, idToken), eq(idToken.userId, actor.userId));

/** By id. */
export async function listOwnTokens(
  db: Database,
  actor: Actor,
  options: { readonly after?: number | undefined; readonly limit: number },
): Promise<Page<IdTokenRow>> {
  const { after, limit } = options;
  const rows = await db.orm
    .select(TOKEN_ROW)
    .from(idToken)
    .where(all(own(actor), after === undefined ? undefined : sql`${idToken.id} > ${after}`))
    .orderBy(asc(idToken.id))
    .limit(limit + 1);
  return page(rows, limit);
}

const COUNT = 'select count(*)::int4 as n from id_token where tenant_id = $1::int4 and user_id = $2::uuid';

/** Makes a card known as one's own. A card that anybody has is nobody else's: whose it is, the operator says. */
export async function addOwnToken(
  db: Database,
  actor: Actor,
  token: { readonly value: string; readonly name: string | null },
): Promise<IdTokenRow | 'taken' | 'too-many'> {
  const card = { ...token, type: 'ISO14443', localList: true };
  const made = await createOwn(db, actor, card, async (tx) => {
    const [counted] = await tx.query<{ n: number }>(COUNT, [actor.tenantId, actor.userId]);
    return (counted?.n ?? 0) >= MAX_OWN_TOKENS ? ('too-many' as const) : undefined;
  });
  return made ?? 'taken';
}

export interface OwnTokenPatch {
  readonly name?: string | null | undefined;
  readonly status?: 'active' | 'blocked' | undefined;
}

/** @returns undefined where it is not theirs; `held` where somebody else blocked it */
export async function changeOwnToken(
  db: Database,
  actor: Actor,
  id: number,
  { name, status }: OwnTokenPatch,
): Promise<IdTokenRow | 'held' | undefined> {
  const [changed] = await db.orm
    .update(idToken)
    .set({
      ...(name === undefined ? {} : { name }),
      ...(status === undefined ? {} : { status, ...blocker(actor, status) }),
      updatedAt: sql`now()`,
    })
    .where(all(own(actor), eq(idToken.id, id), status === undefined ? undefined : notHeld(actor)))
    .returning(TOKEN_ROW);
  return changed ?? ((await isOwn(db, actor, id)) ? 'held' : undefined);
}

/** A token of which a transaction runs stays: whoever charges has to be able to stop. */
const RUNS = sql`exists (select 1 from transaction t where t.tenant_id = id_token.tenant_id and t.ended_at is null
  and lower(t.id_token) = id_token.value_key)`;

const notHeld = (actor: Actor) =>
  sql`(${idToken.status} = 'active' or ${idToken.blockedBy} is not distinct from ${actor.userId}::uuid)`;

/** @returns undefined where it is not theirs; `held` where it charges, or somebody else blocked it: gone, it could come back */
export async function removeOwnToken(db: Database, actor: Actor, id: number): Promise<'removed' | 'held' | undefined> {
  const gone = await db.orm
    .delete(idToken)
    .where(all(own(actor), eq(idToken.id, id), notHeld(actor), sql`not ${RUNS}`))
    .returning({ id: idToken.id });
  if (gone.length > 0) return 'removed';
  return (await isOwn(db, actor, id)) ? 'held' : undefined;
}

async function isOwn(db: Database, actor: Actor, id: number): Promise<boolean> {
  const rows = await db.orm
    .select({ id: idToken.id })
    .from(idToken)
    .where(all(own(actor), eq(idToken.id, id)));
  return rows.length > 0;
}
