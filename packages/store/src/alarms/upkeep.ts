/** What time does to alarms: they come back from a snooze, are over when their cause has been gone for long enough, and are dropped. */
import { EVENT_KINDS } from '@sigec/domain';
import { numbers, texts } from '../batch/columns.js';
import type { Database } from '../database.js';
import { MOST_ALARMS } from './look.js';
import { parameter, RULE, RULES, toldOf } from './raise.js';

const EVENTS = `(${EVENT_KINDS.map((kind) => `'${kind}'`).join(', ')})`;

// A kind that is switched off is over at once. Only what is live is looked at.
const END = `
  with ${RULE},
  due as (
    select a.id, a.state as was from alarm a join rule r on r.tenant_id = a.tenant_id and r.kind = a.kind
    where a.ended_at is null and (not r.enabled
      or a.cause_gone_at <= now() - coalesce(${parameter('clear_minutes')}, 0) * interval '1 minute'
      or (a.kind in ${EVENTS} and a.last_seen <= now() - ${parameter('quiet_hours')} * interval '1 hour'))
    limit $2::int4 for update of a skip locked),
  moved as (
    update alarm a set state = 'resolved', resolved_at = coalesce(a.resolved_at, now()), snoozed_until = null,
      ended_at = now(), cause_gone_at = coalesce(a.cause_gone_at, a.last_seen)
    from due where a.id = due.id returning a.*, due.was),
  noted as (
    insert into alarm_entry (alarm_id, tenant_id, action)
    select id, tenant_id, 'resolved' from moved where was <> 'resolved' order by id),
  told as (
    insert into outbox (tenant_id, kind, payload)
    select a.tenant_id, 'alarm.resolved', ${toldOf('null')} from moved a where a.was <> 'resolved' order by a.id)
  select id from moved`;

// One whose cause is about to be over needs nobody.
const WAKE = `
  with due as (
    select a.id from alarm a
    where a.state = 'snoozed' and a.snoozed_until <= now() and a.ended_at is null and a.cause_gone_at is null
    limit $1::int4 for update of a skip locked),
  moved as (
    update alarm a set state = 'open', snoozed_until = null, raised_at = now() from due where a.id = due.id returning a.*),
  noted as (
    insert into alarm_entry (alarm_id, tenant_id, action, cause)
    select id, tenant_id, 'raised', cause from moved order by id),
  told as (
    insert into outbox (tenant_id, kind, payload)
    select a.tenant_id, 'alarm.raised', ${toldOf('null')} from moved a order by a.id)
  select id from moved`;

const PURGE = `
  delete from alarm where id in (
    select id from alarm where ended_at < now() - $1::int4 * interval '1 day' order by ended_at limit $2::int4)
  returning id`;

/** What runs every few seconds; a test holds the plans against a long history. */
export const UPKEEP = { wake: WAKE, end: END };

export interface Kept {
  readonly woken: number;
  readonly ended: number;
  readonly more: boolean;
}

/** Ends, wakes and drops what is due. @param keepDays how long an alarm that is over is kept */
export async function keepAlarms(db: Database, keepDays: number, most = MOST_ALARMS): Promise<Kept> {
  const woken = (await db.query(WAKE, [most])).length;
  const ended = (await db.query(END, [RULES, most])).length;
  const dropped = (await db.query(PURGE, [keepDays, most])).length;
  return { woken, ended, more: Math.max(woken, ended, dropped) >= most };
}

const TAKE = `
  insert into alarm_turn as t (name, next_at)
  select name, now() + every_ms * interval '1 ms' from unnest($1::text::text[], $2::text::float8[]) as k(name, every_ms)
  order by name
  on conflict (name) do update set next_at = excluded.next_at where t.next_at <= now() returning name`;

export interface Turn {
  readonly name: string;
  /** From one turn to the next, ms. */
  readonly everyMs: number;
}

/** The turns that are due and are this process's now: of all that ask, one gets each. */
export async function takeTurns(db: Database, turns: readonly Turn[]): Promise<ReadonlySet<string>> {
  const asked = [texts(turns, (turn) => turn.name), numbers(turns, (turn) => turn.everyMs)];
  return new Set((await db.query<{ name: string }>(TAKE, asked)).map((row) => row.name));
}
