/** Commands to many stations: made, read, held, gone on with, ended, tried again. Each is one statement, whatever its size. */
import { desc, eq, getTableColumns, lt } from 'drizzle-orm';
import { numbers } from '../batch/columns.js';
import type { Database } from '../database.js';
import { type BatchProgress, type BatchState, commandBatch } from '../schema.js';
import { LANED, TOLD } from './command-sql.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';
import { searchPatterns } from './search.js';

const { tenantId: _tenant, checkedAt: _checked, ...ROW } = getTableColumns(commandBatch);
export type BatchRow = Omit<typeof commandBatch.$inferSelect, 'tenantId' | 'checkedAt'>;

/** Which stations; absent fields do not matter. */
export interface BatchFilter {
  readonly deviceIds?: readonly number[];
  readonly status?: string;
  readonly site?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly firmwareVersion?: string;
  readonly ocppVersion?: string;
  readonly online?: boolean;
  /** Part of identity, name, vendor, model, serial number, site or address, in whatever case. */
  readonly q?: string;
}

export interface NewBatch {
  readonly action: string | null;
  readonly verb: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly filter: BatchFilter;
  /** The filter as it was given, to be shown. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** Between the turns of two stations, ms; 0: all at once. */
  readonly intervalMs: number;
  /** From a station's turn until its command is given up, s. */
  readonly expiresInS: number;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly retryDelayS: number;
  readonly retryUnknown: boolean;
  readonly stopAfterFailures: number | null;
}

/** Stations of one batch. */
export const MAX_BATCH = 200_000;

const CREATE = `
  with picked as (
    select s.id, s.ocpp_version, row_number() over (order by s.id) - 1 as n from station s
    where s.tenant_id = $1::int4
      and ($2::text is null or s.id = any($2::text::int8[])) and ($3::text is null or s.status = $3::text)
      and s.archived_at is null
      and ($4::text is null or exists (select 1 from site x where x.id = s.site_id and x.name = $4::text)) and ($5::text is null or s.vendor = $5::text)
      and ($6::text is null or s.model = $6::text) and ($7::text is null or s.firmware_version = $7::text)
      and ($8::text is null or s.ocpp_version = $8::text) and ($9::text is null or s.online = $9::text::boolean)
      and ($10::text is null or exists (select 1 from station_search f where f.station_id = s.id
        and not exists (select 1 from json_array_elements_text($10::text::json) p where f.words not like sigec_folded(p))))
    order by s.id limit ${MAX_BATCH + 1}),
  batch as (
    insert into command_batch (tenant_id, created_by, action, verb, payload, filter, state, total, interval_ms,
      expires_in_s, max_attempts, retry_delay_s, retry_unknown, stop_after_failures, stop_at)
    select $1::int4, $11::uuid, $12::text, $13::text, $14::text::jsonb, $15::text::jsonb, 'running',
      (select count(*) from picked), $16::text::float8, $17::int4, $18::int4, $19::int4, $20::text::boolean, $21::int4,
      $21::int4
    returning id, total),
  moved as (
    insert into command (tenant_id, station_id, batch_id, created_by, action, verb, payload, state, max_attempts,
      retry_delay_s, retry_unknown, timeout_ms, due_at, expires_at)
    select $1::int4, p.id, b.id, $11::uuid, $12::text, $13::text, $14::text::jsonb, 'queued', $18::int4, $19::int4,
      $20::text::boolean, $22::int4, now() + p.n * $16::text::float8 * interval '1 ms',
      now() + p.n * $16::text::float8 * interval '1 ms' + $17::int4 * interval '1 s'
    from picked p, batch b where b.total between 1 and ${MAX_BATCH} order by p.id returning station_id, state, due_at),
  laned as (${LANED})
  select id, total from batch`;

/** Neither too few nor too many stations: nothing is made then. */
class NoBatch extends Error {
  constructor(readonly total: number) {
    super('batch: not made');
  }
}

/**
 * Makes a batch with a command for each station that the filter finds, their turns spread by its rate.
 * @returns its id, or how many stations were found where that is none, or over {@link MAX_BATCH}
 */
export async function createBatch(
  db: Database,
  actor: Actor,
  made: NewBatch,
): Promise<{ readonly id: number } | { readonly found: number }> {
  const { filter } = made;
  const patterns = filter.q === undefined ? null : JSON.stringify(searchPatterns(filter.q));
  try {
    return await db.transaction(async (tx) => {
      const [batch] = await tx.query<{ id: number; total: number }>(CREATE, [
        actor.tenantId,
        filter.deviceIds === undefined ? null : numbers(filter.deviceIds, (id) => id),
        ...[filter.status ?? null, filter.site ?? null, filter.vendor ?? null, filter.model ?? null],
        ...[filter.firmwareVersion ?? null, filter.ocppVersion ?? null],
        ...[filter.online === undefined ? null : String(filter.online), patterns],
        ...[actor.userId, made.action, made.verb, JSON.stringify(made.payload), JSON.stringify(made.shown)],
        ...[String(made.intervalMs), made.expiresInS, made.maxAttempts, made.retryDelayS, String(made.retryUnknown)],
        ...[made.stopAfterFailures, made.timeoutMs],
      ]);
      const total = batch?.total ?? 0;
      if (batch === undefined || total === 0 || total > MAX_BATCH) throw new NoBatch(total);
      return { id: batch.id };
    });
  } catch (error) {
    if (error instanceof NoBatch) return { found: error.total };
    throw error;
  }
}

/** How many commands of a batch are in each state now. */
export async function batchCounts(db: Database, id: number): Promise<BatchProgress> {
  const rows = await db.query<{ state: string; n: number }>(
    'select state, count(*)::int4 as n from command where batch_id = $1::int8 group by state',
    [id],
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

export async function getBatch(db: Database, actor: Actor, id: number): Promise<BatchRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(commandBatch)
    .where(all(inTenant(actor, commandBatch), eq(commandBatch.id, id)));
  return rows[0];
}

/** Newest first; what each has reached is as it was last counted. */
export async function listBatches(
  db: Database,
  actor: Actor,
  options: { readonly before?: number; readonly limit: number },
): Promise<Page<BatchRow>> {
  const { before, limit } = options;
  const rows = await db.orm
    .select(ROW)
    .from(commandBatch)
    .where(all(inTenant(actor, commandBatch), before === undefined ? undefined : lt(commandBatch.id, before)))
    .orderBy(desc(commandBatch.id))
    .limit(limit + 1);
  return page(rows, limit);
}

const HOLD = `
  update command_batch set state = 'paused', reason = 'asked', updated_at = now()
  where id = $2::int8 and tenant_id = $1::int4 and state = 'running' returning id`;

/** Nothing more goes out; what is under way ends. False where it does not run. */
export async function pauseBatch(db: Database, { tenantId }: Actor, id: number): Promise<boolean> {
  return (await db.query(HOLD, [tenantId, id])).length > 0;
}

// Turns that were still to come keep their distance from each other: the time of the pause is put before them.
const GO_ON = `
  with batch as (
    update command_batch b set state = 'running', reason = null, updated_at = now(), stop_at = b.stop_after_failures + (
      select count(*) from command c where c.batch_id = b.id and c.state in ('failed', 'refused', 'expired'))
    from (
      select id, updated_at from command_batch
      where id = $2::int8 and tenant_id = $1::int4 and state = 'paused' for update) k
    where b.id = k.id returning b.id, k.updated_at as since),
  moved as (
    update command c set due_at = case when c.due_at > b.since then c.due_at + (now() - b.since) else c.due_at end
    from batch b where c.batch_id = b.id and c.state = 'queued' returning c.station_id, c.state, c.due_at),
  laned as (${LANED})
  select id from batch`;

/** Goes on with a paused batch; false where it is not paused. */
export async function resumeBatch(db: Database, { tenantId }: Actor, id: number): Promise<boolean> {
  return (await db.query(GO_ON, [tenantId, id])).length > 0;
}

const CANCEL = `
  with batch as (
    update command_batch set state = 'cancelled', reason = 'asked', updated_at = now()
    where id = $2::int8 and tenant_id = $1::int4 and state in ('running', 'paused') returning id),
  moved as (
    update command c set state = 'cancelled', ended_at = now(), updated_at = now()
    from batch b where c.batch_id = b.id and c.state = 'queued' returning c.*),
  told as (${TOLD})
  select id from batch`;

/** Ends what waits; what is under way ends by itself and is not tried again. False where the batch has ended. */
export async function cancelBatch(db: Database, { tenantId }: Actor, id: number): Promise<boolean> {
  return (await db.query(CANCEL, [tenantId, id])).length > 0;
}

const RETRY = `
  with batch as (
    update command_batch b set state = case when b.state = 'ended' then 'running' else b.state end, ended_at = null,
      reason = case when b.state = 'ended' then null else b.reason end, stop_at = b.stop_after_failures
    where b.id = $2::int8 and b.tenant_id = $1::int4 and b.state <> 'cancelled' and exists (
      select 1 from command c where c.batch_id = b.id and c.state in ('failed', 'refused', 'expired'))
    returning b.id, b.interval_ms, b.expires_in_s),
  picked as (
    select c.id, b.expires_in_s, (row_number() over (order by c.id) - 1) * b.interval_ms * interval '1 ms' as turn
    from command c join batch b on b.id = c.batch_id where c.state in ('failed', 'refused', 'expired')),
  moved as (
    update command c set state = 'queued', reason = null, attempts = 0, ended_at = null, updated_at = now(),
      due_at = now() + p.turn, expires_at = now() + p.turn + p.expires_in_s * interval '1 s'
    from picked p where c.id = p.id returning c.station_id, c.state, c.due_at),
  laned as (${LANED})
  select (select count(*) from moved)::int4 as retried from batch`;

/** Tries everything again that failed; how many, undefined where nothing did or the batch was cancelled. */
export async function retryFailed(db: Database, { tenantId }: Actor, id: number): Promise<number | undefined> {
  const [row] = await db.query<{ retried: number }>(RETRY, [tenantId, id]);
  return row?.retried;
}

/** Whether a batch is over. */
export const isOver = (state: BatchState): boolean => state === 'cancelled' || state === 'ended';
