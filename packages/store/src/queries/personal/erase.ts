/** A person is forgotten: at once where they are known by name, and afterwards in the logs, which are large. */
import type { Database, Sql } from '../../database.js';
import { audit } from '../accounts/audit.js';
import type { Actor } from '../scope.js';
import { ERASED, KEYS_OF, PERSONAL, WHO } from './tables.js';

/** `charging`: a session runs, and what it costs must be somebody's; `last-administrator`: nobody would be left. */
export type ErasureOutcome = 'erased' | 'charging' | 'last-administrator';

interface Found {
  readonly role: string;
  readonly lastAdmin: boolean;
  readonly charging: boolean;
}

/**
 * @param userId the actor's own, or that of a driver of their tenant
 * @returns undefined where there is no such person, or they were forgotten before
 */
export function erasePerson(db: Database, actor: Actor, userId: string): Promise<ErasureOutcome | undefined> {
  return db.transaction(async (tx) => {
    // Administrators who leave at once wait for one another, as where they take the right from one another.
    await tx.query(
      `select id from app_user where tenant_id = $1::int4 and (id = $2::uuid or role = 'admin' and status = 'active')
       order by id for update`,
      [actor.tenantId, userId],
    );
    const [found] = await tx.query<Found>(
      `select u.role, u.role = 'admin' and not exists (select 1 from app_user o where o.tenant_id = u.tenant_id
           and o.id <> u.id and o.role = 'admin' and o.status = 'active') as "lastAdmin",
         exists (select 1 from transaction t where t.user_id = u.id and t.ended_at is null) as charging
       from app_user u where u.id = $1::uuid and u.tenant_id = $2::int4 and u.erased_at is null`,
      [userId, actor.tenantId],
    );
    if (found === undefined || (userId !== actor.userId && found.role !== 'user')) return undefined;
    if (found.charging) return 'charging';
    if (found.lastAdmin) return 'last-administrator';
    await forget(tx, actor, userId);
    return 'erased';
  });
}

async function forget(tx: Sql, actor: Actor, userId: string): Promise<void> {
  const whose = [userId, actor.tenantId];
  const [found] = await tx.query<{ keys: string }>(KEYS_OF, whose);
  const keys = found?.keys ?? '[]';
  for (const { erase } of Object.values(PERSONAL))
    if (erase !== undefined) await tx.query(`${WHO} ${erase}`, [...whose, keys]);
  // Messages of this moment are written to the log some seconds later.
  await tx.query(
    `insert into erasure (tenant_id, user_id, asked_by, token_keys, due_at)
     select $2::int4, $1::uuid, $4::uuid, array(select json_array_elements_text($3::text::json)), now() + interval '1 minute'`,
    [...whose, keys, actor.userId],
  );
  await audit(tx, { action: 'user.erased', tenantId: actor.tenantId, userId, actorId: actor.userId });
}

/** Tables in whose texts a token may stand, and how a row is known to be the tenant's ($1). */
const TEXTS = [
  ['data_transfer', { data: 'json' }, 'tenant_id = $1::int4'],
  ['command', { payload: 'jsonb', response: 'jsonb' }, 'tenant_id = $1::int4'],
  ['command_batch', { payload: 'jsonb' }, 'tenant_id = $1::int4'],
  ['station_request', { payload: 'jsonb' }, 'tenant_id = $1::int4'],
] as const;

const OF_TENANT = 'station_id in (select id from station where tenant_id = $1::int4)';

/** Any of these as a whole JSON string, also one within a string. */
function patternOf(keys: readonly string[]): string {
  const escaped = keys.map((key) =>
    JSON.stringify(key)
      .slice(1, -1)
      .replace(/[!-/:-@[-`{-~]/g, '\\$&'),
  );
  return `(\\\\*")(?:${escaped.join('|')})(\\\\*")`;
}

function scrub(table: string, columns: Readonly<Record<string, string>>, where: string): string {
  const names = Object.keys(columns);
  const sets = names.map(
    (name) => `${name} = regexp_replace(${name}::text, $2::text, '\\1${ERASED}\\2', 'gi')::${columns[name]}`,
  );
  const hits = names.map((name) => `${name}::text ~* $2::text`);
  return `update ${table} set ${sets.join(', ')} where ${where} and (${hits.join(' or ')})`;
}

interface Open {
  readonly id: number;
  readonly tenantId: number;
  readonly keys: string;
  readonly logsDone: boolean;
}

/** Between two looks whether the stations have forgotten. */
const AGAIN = "interval '10 minutes'";
/** A station that was not reached for so long is sent its whole list when it is. */
const PATIENCE = "interval '7 days'";

/** Goes on with one erasure that is due. @returns false where none is */
export async function continueErasure(db: Database): Promise<boolean> {
  const [open] = await db.query<Open>(
    `update erasure e set due_at = now() + ${AGAIN} where id = (
       select id from erasure where done_at is null and due_at <= now() order by due_at limit 1 for update skip locked)
     returning id, tenant_id as "tenantId", array_to_json(coalesce(token_keys, '{}'))::text as keys,
       logs_at is not null as "logsDone"`,
  );
  if (open === undefined) return false;
  const keys = JSON.parse(open.keys) as string[];
  if (!open.logsDone) {
    if (keys.length > 0) await scrubLogs(db, open.tenantId, patternOf(keys));
    await db.query('update erasure set logs_at = now() where id = $1::int8', [open.id]);
  }
  await forgetRemoved(db, open);
  return true;
}

async function scrubLogs(db: Database, tenantId: number, pattern: string): Promise<void> {
  for (const [table, columns, where] of TEXTS) await db.query(scrub(table, columns, where), [tenantId, pattern]);
  // A day at a time: a statement over all of it would hold its rows for as long as that takes.
  const days = await db.query<{ name: string }>(
    `select format('%I', c.relname) as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'message_exchange'::regclass order by c.relname`,
  );
  for (const { name } of days)
    await db.query(scrub(name, { payload: 'text', answer: 'text' }, OF_TENANT), [tenantId, pattern]);
}

/** What was removed is remembered by its value until every list of a station has been told. */
async function forgetRemoved(db: Database, { id, tenantId, keys }: Open): Promise<void> {
  const behind = `l.tenant_id = r.tenant_id and l.enabled and l.tokens_version between 0 and r.list_version - 1`;
  const mine = `r.tenant_id = $1::int4 and r.value_key in (select json_array_elements_text($2::text::json))`;
  await db.transaction(async (tx) => {
    await tx.query(
      `update station_local_list l set tokens_version = -1 from id_token_removed r, erasure e
       where ${mine} and ${behind} and e.id = $3::int8 and e.asked_at < now() - ${PATIENCE}`,
      [tenantId, keys, id],
    );
    await tx.query(
      `delete from id_token_removed r where ${mine} and not exists (select 1 from station_local_list l where ${behind})`,
      [tenantId, keys],
    );
    await tx.query(
      `update erasure set done_at = now(), token_keys = null where id = $3::int8
         and not exists (select 1 from id_token_removed r where ${mine})`,
      [tenantId, keys, id],
    );
  });
}
