/** Reads and writes of people: commands that wait for their station, and what became of them. */
import { desc, eq, getTableColumns, lt, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { type CommandState, command, station } from '../schema.js';
import { LANED, TOLD } from './command-sql.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';

export * from './command-batches.js';
export * from './command-dispatch.js';
export * from './command-upkeep.js';

const { tenantId: _tenant, requestEnded: _ended, ...ROW } = getTableColumns(command);
const VIEW = { ...ROW, identity: station.identity, version: station.ocppVersion };

export type CommandRow = Omit<typeof command.$inferSelect, 'tenantId' | 'requestEnded'>;
/** `version`: what the station speaks now. */
export type CommandView = CommandRow & { readonly identity: string; readonly version: string | null };

export interface NewCommand {
  readonly stationId: number;
  /** Null where the station's version is not known yet, so that only the verb is. */
  readonly action: string | null;
  readonly verb: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  readonly expiresInS: number;
}

/** Commands that wait for one station; more are refused. */
export const MAX_QUEUED = 100;

const ENQUEUE = `
  with room as (
    select count(*) < ${MAX_QUEUED} as free
    from (select 1 from command where station_id = $2::int8 and state = 'queued' limit ${MAX_QUEUED}) q),
  moved as (
    insert into command (tenant_id, station_id, created_by, action, verb, payload, state, timeout_ms, due_at, expires_at)
    select $1::int4, $2::int8, $3::uuid, $4::text, $5::text, $6::text::jsonb, 'queued', $7::int4, now(),
      now() + $8::int4 * interval '1 s'
    from room where free returning *),
  laned as (${LANED})
  select id from moved`;

/** Puts a command behind those that wait for its station; undefined where there are {@link MAX_QUEUED}. */
export async function enqueueCommand(db: Database, actor: Actor, made: NewCommand): Promise<number | undefined> {
  const rows = await db.query<{ id: number }>(ENQUEUE, [
    ...[actor.tenantId, made.stationId, actor.userId, made.action, made.verb, JSON.stringify(made.payload)],
    ...[made.timeoutMs, made.expiresInS],
  ]);
  return rows[0]?.id;
}

/** Whether something waits for the station, so that what comes now has to go behind it. */
export async function hasQueued(db: Database, stationId: number): Promise<boolean> {
  const rows = await db.query(
    `select 1 as one from command where station_id = $1::int8 and state in ('queued', 'sending') limit 1`,
    [stationId],
  );
  return rows.length > 0;
}

export async function getCommand(db: Database, actor: Actor, id: number): Promise<CommandView | undefined> {
  const rows = await db.orm
    .select(VIEW)
    .from(command)
    .innerJoin(station, eq(station.id, command.stationId))
    .where(all(inTenant(actor, command), eq(command.id, id)));
  return rows[0];
}

export interface CommandFilter {
  readonly state?: CommandState;
  readonly action?: string;
  readonly stationId?: number;
  readonly batchId?: number;
  readonly before?: number;
  readonly limit: number;
}

/** Newest first. */
export async function listCommands(db: Database, actor: Actor, filter: CommandFilter): Promise<Page<CommandView>> {
  const { state, action, stationId, batchId, before, limit } = filter;
  const rows = await db.orm
    .select(VIEW)
    .from(command)
    .innerJoin(station, eq(station.id, command.stationId))
    .where(
      all(
        inTenant(actor, command),
        state === undefined ? undefined : eq(command.state, state),
        action === undefined ? undefined : eq(command.action, action),
        stationId === undefined ? undefined : eq(command.stationId, stationId),
        batchId === undefined ? undefined : eq(command.batchId, batchId),
        before === undefined ? undefined : lt(command.id, before),
      ),
    )
    .orderBy(desc(command.id))
    .limit(limit + 1);
  return page(rows, limit);
}

const CANCEL = `
  with moved as (
    update command set state = 'cancelled', ended_at = now(), updated_at = now()
    where id = $2::int8 and tenant_id = $1::int4 and state = 'queued' returning *),
  told as (${TOLD})
  select id from moved`;

/** Ends a command that waits; false where it does not, or is not there. */
export async function cancelCommand(db: Database, { tenantId }: Actor, id: number): Promise<boolean> {
  return (await db.query(CANCEL, [tenantId, id])).length > 0;
}

/** Under which request a command that goes out is answered later: noted before it leaves. */
export async function linkRequest(db: Database, commandId: number, request: number, requestId: number): Promise<void> {
  await db.orm
    .update(command)
    .set({ request, requestId, requestEnded: false, updatedAt: sql`now()` })
    .where(all(eq(command.id, commandId), eq(command.state, 'sending')));
}
