/**
 * The dispatcher's steps: take stations whose queue is due, see what goes out next, mark it, note its end. Each station is
 * one process's for as long as the lease lasts, so one command goes out to it at a time and in order.
 */
import { numbers } from '../batch/columns.js';
import type { Database } from '../database.js';
import type { CommandState } from '../schema.js';
import { LANED, ms, TOLD } from './command-sql.js';

/** A station whose queue this process may work on. */
export interface Lane {
  readonly stationId: number;
  readonly wakes: number;
}

const CLAIM = `
  update command_lane l set lease_until = now() + $2::text::float8 * interval '1 ms',
    due_at = now() + $2::text::float8 * interval '1 ms'
  from (
    select station_id from command_lane where due_at <= now() order by due_at limit $1::int4
    for update skip locked) k
  where l.station_id = k.station_id
  returning l.station_id as "stationId", l.wakes`;

/** Takes up to `limit` stations that are due. They come due again when the lease is over. */
export function claimLanes(db: Database, limit: number, leaseMs: number): Promise<Lane[]> {
  return db.query<Lane>(CLAIM, [limit, String(leaseMs)]);
}

// Nobody knows whether it arrived. Where the station has told something of what it was asked for, it did.
const TAKE_OVER = `
  with moved as (
    update command c set updated_at = now(), state = k.state, reason = k.reason,
      due_at = case when k.state = 'queued' then now() + c.retry_delay_s * interval '1 s' else c.due_at end,
      ended_at = case when k.state = 'failed' then now() end
    from (
      select c.id, 'unknown-outcome' as reason, case
        when r.status is not null and r.status not in ('sent', 'failed') then 'running'
        when c.retry_unknown and c.attempts < c.max_attempts then 'queued'
        else 'failed' end as state
      from command c left join station_request r on r.id = c.request
      where c.station_id = any($1::text::int8[]) and c.state = 'sending' for update of c) k
    where c.id = k.id returning c.*),
  told as (${TOLD})
  select id, batch_id as "batchId" from moved`;

/** Ends the attempts of a process that went in the middle, at stations that this process has taken since. */
export function takeOver(db: Database, lanes: readonly Lane[]): Promise<{ id: number; batchId: number | null }[]> {
  return db.query(TAKE_OVER, [numbers(lanes, (lane) => lane.stationId)]);
}

/** What goes out next to a station. */
export interface QueuedCommand {
  readonly id: number;
  readonly tenantId: number;
  readonly stationId: number;
  readonly batchId: number | null;
  readonly createdBy: string | null;
  readonly action: string | null;
  readonly verb: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly retryDelayS: number;
  readonly retryUnknown: boolean;
  readonly timeoutMs: number;
  /** ms since 1970. */
  readonly dueAt: number;
  /** Its time has come. */
  readonly due: boolean;
}

export interface Head {
  readonly stationId: number;
  readonly reachable: boolean;
  /** Null where nothing waits that may go. */
  readonly command: QueuedCommand | null;
}

const FIELDS = `c.id, c.tenant_id as "tenantId", c.station_id as "stationId", c.batch_id as "batchId",
  c.created_by as "createdBy", c.action, c.verb, c.payload, c.attempts, c.max_attempts as "maxAttempts",
  c.retry_delay_s as "retryDelayS", c.retry_unknown as "retryUnknown", c.timeout_ms as "timeoutMs",
  ${ms('c.due_at')} as "dueAt", c.due_at <= now() as due`;

const HEADS = `
  select k.id as "stationId", s.online and s.registration = 'accepted' and not s.blocked as reachable,
    to_json(c) as command
  from unnest($1::text::int8[]) as k(id) join station s on s.id = k.id left join lateral (
    select ${FIELDS} from command c
    where c.station_id = k.id and c.state = 'queued' and c.expires_at > now() and not exists (
      select 1 from command_batch b where b.id = c.batch_id and b.state <> 'running')
    order by c.due_at, c.id limit 1) c on true`;

/** Read after the lanes were taken: a station that came back before is seen, one that comes later raises `wakes`. */
export function readHeads(db: Database, lanes: readonly Lane[]): Promise<Head[]> {
  return db.query<Head>(HEADS, [numbers(lanes, (lane) => lane.stationId)]);
}

/** A station that nothing goes out to now. */
export interface Rest extends Lane {
  /** When to look again, ms since 1970; null: when it comes back, or something is put into its queue. */
  readonly until: number | null;
}

const SETTLE = `
  update command_lane l set lease_until = null,
    due_at = case when l.wakes = k.wakes then to_timestamp(k.until / 1000) else now() end
  from (
    select l.station_id, k.wakes, k.until
    from unnest($1::text::int8[], $2::text::int4[], $3::text::float8[]) as k(station_id, wakes, until)
    join command_lane l on l.station_id = k.station_id order by l.station_id for update of l) k
  where l.station_id = k.station_id`;

export async function settleLanes(db: Database, rows: readonly Rest[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = [numbers(rows, (r) => r.stationId), numbers(rows, (r) => r.wakes), numbers(rows, (r) => r.until)];
  await db.query(SETTLE, columns);
}

const BEGIN = `
  with moved as (
    update command set state = 'sending', attempts = attempts + 1, sent_at = now(), updated_at = now(), request = null,
      request_id = null, request_ended = false, response = null, message_id = null
    where id = any($1::text::int8[]) and state = 'queued' returning *),
  locked as (
    select l.station_id from command_lane l where l.station_id in (select station_id from moved)
    order by l.station_id for update),
  leased as (
    update command_lane l set lease_until = now() + (m.timeout_ms + $2::text::float8) * interval '1 ms',
      due_at = now() + (m.timeout_ms + $2::text::float8) * interval '1 ms'
    from locked k join moved m on m.station_id = k.station_id where l.station_id = k.station_id)
  select id, attempts from moved`;

/**
 * Marks commands as going out; whatever was cancelled meanwhile is not among those that come back.
 * @param marginMs what the lease lasts beyond the command's own time
 */
export function beginSending(
  db: Database,
  ids: readonly number[],
  marginMs: number,
): Promise<{ id: number; attempts: number }[]> {
  return db.query(BEGIN, [numbers(ids, (id) => id), String(marginMs)]);
}

/** How an attempt ended. */
export interface Attempted {
  readonly id: number;
  /** The attempt's number, as {@link beginSending} gave it: what an older one says late changes nothing. */
  readonly attempt: number;
  /** `queued`: to be tried again. */
  readonly state: Extract<CommandState, 'queued' | 'running' | 'succeeded' | 'refused' | 'failed'>;
  /** What it is instead of queued where its batch was ended meanwhile. */
  readonly otherwise: CommandState;
  readonly reason: string | null;
  readonly action: string | null;
  readonly messageId: string | null;
  readonly response: Readonly<Record<string, unknown>> | null;
  /** It surely never left: no attempt, and its place in the queue stays. */
  readonly unsent: boolean;
  /** Until it is tried again, ms. */
  readonly delayMs: number;
  readonly wakes: number;
}

const END = `
  with moved as (
    update command c set state = k.state, reason = $4::text, action = coalesce($5::text, c.action),
      message_id = $6::text, response = $7::text::jsonb, updated_at = now(),
      attempts = c.attempts - case when k.unsent then 1 else 0 end,
      due_at = case when k.state <> 'queued' or k.unsent then c.due_at else now() + $9::text::float8 * interval '1 ms' end,
      ended_at = case when k.state in ('queued', 'running') then null else now() end
    from (
      select c.id, $10::text = 'unsent' as unsent, case
        when $3::text = 'queued' and b.state in ('cancelled', 'ended') then $8::text else $3::text end as state
      from command c left join command_batch b on b.id = c.batch_id
      where c.id = $1::int8 and c.state = 'sending' and c.attempts = $2::int4 for update of c) k
    where c.id = k.id returning c.*),
  told as (${TOLD}),
  freed as (
    update command_lane l set lease_until = null, due_at = case
      when $10::text = 'unsent' and l.wakes = $11::int4 then now() + $9::text::float8 * interval '1 ms'
      else now() end
    from moved m where l.station_id = m.station_id)
  select state, batch_id as "batchId" from moved`;

/** Notes the end of an attempt and gives the station free; undefined where somebody else has taken it over. */
export async function endAttempt(
  db: Database,
  done: Attempted,
): Promise<{ state: CommandState; batchId: number | null } | undefined> {
  const rows = await db.query<{ state: CommandState; batchId: number | null }>(END, [
    ...[done.id, done.attempt, done.state, done.reason, done.action, done.messageId],
    ...[done.response === null ? null : JSON.stringify(done.response), done.otherwise, String(done.delayMs)],
    ...[done.unsent ? 'unsent' : 'sent', done.wakes],
  ]);
  return rows[0];
}

const FOLLOW = `
  with moved as (
    update command c set updated_at = now(), state = k.state, reason = k.reason, request_ended = false,
      due_at = case when k.state = 'queued' then now() + c.retry_delay_s * interval '1 s' else c.due_at end,
      ended_at = case when k.state = 'queued' then null else now() end
    from (
      select c.id, case when r.status = 'complete' then null else coalesce(r.detail, r.status) end as reason, case
        when r.status = 'complete' then 'succeeded'
        when c.attempts < c.max_attempts and c.expires_at > now() and coalesce(b.state, 'running') in ('running', 'paused')
          then 'queued'
        else 'failed' end as state
      from command c join station_request r on r.id = c.request left join command_batch b on b.id = c.batch_id
      where c.state = 'running' and c.request_ended order by c.id limit $1::int4 for update of c skip locked) k
    where c.id = k.id returning c.*),
  told as (${TOLD}),
  laned as (${LANED})
  select id, state, batch_id as "batchId" from moved`;

/** Ends commands whose request has ended, or has them tried again with a fresh one. */
export function followRequests(
  db: Database,
  limit: number,
): Promise<{ id: number; state: CommandState; batchId: number | null }[]> {
  return db.query(FOLLOW, [limit]);
}
