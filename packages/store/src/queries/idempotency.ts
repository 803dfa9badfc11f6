/** Requests that may be sent again: the first takes the key, the others get its answer. */
import type { Database } from '../database.js';
import type { Actor } from './scope.js';

/** How long an answer is given again. Whoever repeats later asks anew. */
const KEPT = "interval '24 hours'";
/** No request takes so long: the process that had it is gone, and nobody knows how far it came. */
const LOST = "interval '5 minutes'";
const DROPPED_AT_ONCE = 5_000;

/** What a key stands for, as who comes with it finds it. */
export type IdempotencyClaim =
  /** Nobody came with it before: do the work, then settle or release it. */
  | { readonly state: 'first' }
  /** It was used for another request. */
  | { readonly state: 'other' }
  /** The first is being worked on. */
  | { readonly state: 'running' }
  /** The first was begun, and its process has ended without an answer. */
  | { readonly state: 'lost' }
  | { readonly state: 'answered'; readonly status: number; readonly answer: Uint8Array };

interface Found {
  readonly same: boolean;
  readonly lost: boolean;
  readonly status: number | null;
  readonly answer: Uint8Array | null;
}

/**
 * Takes a key for a request, in one statement: of many that come at once one is the first.
 * @param fingerprint a digest of method, path and body
 */
export async function claimIdempotencyKey(
  db: Database,
  { tenantId, userId }: Actor,
  key: string,
  fingerprint: Uint8Array,
): Promise<IdempotencyClaim> {
  const taken = await db.query(
    `insert into idempotency_key as k (tenant_id, user_id, key, fingerprint) values ($1::int4, $2::uuid, $3, $4::bytea)
     on conflict (user_id, key) do update set fingerprint = excluded.fingerprint, status = null, answer = null,
       created_at = now() where k.created_at < now() - ${KEPT}
     returning key`,
    [tenantId, userId, key, fingerprint],
  );
  if (taken.length > 0) return { state: 'first' };
  const [found] = await db.query<Found>(
    `select fingerprint = $3::bytea as same, created_at < now() - ${LOST} as lost, status, answer
     from idempotency_key where user_id = $1::uuid and key = $2`,
    [userId, key, fingerprint],
  );
  // Released between the two statements: whoever had it is just done, and a moment later the key is free.
  if (found === undefined) return { state: 'running' };
  const { same, lost, status, answer } = found;
  if (!same) return { state: 'other' };
  if (status !== null && answer !== null) return { state: 'answered', status, answer };
  return { state: lost ? 'lost' : 'running' };
}

/** The first has its answer; from now on the key stands for that. */
export async function settleIdempotencyKey(
  db: Database,
  { userId }: Actor,
  key: string,
  { status, answer }: { readonly status: number; readonly answer: Uint8Array },
): Promise<void> {
  await db.query(
    'update idempotency_key set status = $3::int2, answer = $4::bytea where user_id = $1::uuid and key = $2',
    [userId, key, status, answer],
  );
}

/** Nothing was done: the key is free again. */
export async function releaseIdempotencyKey(db: Database, { userId }: Actor, key: string): Promise<void> {
  await db.query('delete from idempotency_key where user_id = $1::uuid and key = $2 and status is null', [userId, key]);
}

/** @returns true where there are more */
export async function dropOldIdempotencyKeys(db: Database): Promise<boolean> {
  const gone = await db.query(
    `delete from idempotency_key where (user_id, key) in (
       select user_id, key from idempotency_key where created_at < now() - ${KEPT} order by created_at limit $1::int4)
     returning key`,
    [DROPPED_AT_ONCE],
  );
  return gone.length === DROPPED_AT_ONCE;
}
