/** What an operator does to an alarm: the change, who made it and the word of it in one statement. */
import { ALARM_STEPS, type AlarmAction, EVENT_KINDS } from '@sigec/domain';
import { toldOf } from '../../alarms/raise.js';
import { texts } from '../../batch/columns.js';
import type { Database } from '../../database.js';
import type { Actor } from '../scope.js';

export interface AlarmOrder {
  readonly action: AlarmAction;
  readonly comment: string | null;
  /** Of a snooze: when it comes back. */
  readonly until: Date | null;
}

// What was told once has no cause that stands on; of the rest, an alarm whose cause stands lives on unseen until it is gone.
const ACT = `
  with moved as (
    update alarm a set state = $3::text,
      snoozed_until = to_timestamp($5::text::float8 / 1000),
      resolved_at = case when $3::text = 'resolved' then now() end,
      ended_at = case when $3::text = 'resolved' and (a.cause_gone_at is not null or a.kind = any($8::text::text[]))
        then now() end
    where a.id = $1::int8 and a.tenant_id = $2::int4 and a.state = any($4::text::text[]) returning a.*),
  noted as (
    insert into alarm_entry (alarm_id, tenant_id, action, user_id, comment, until)
    select id, tenant_id, state, $6::text::uuid, $7::text, snoozed_until from moved),
  told as (
    insert into outbox (tenant_id, kind, payload)
    select a.tenant_id, 'alarm.' || a.state, ${toldOf('$6::text')} || jsonb_build_object(
      'comment', $7::text, 'snoozed_until', a.snoozed_until)
    from moved a)
  select id from moved`;

/** False where the tenant has no such alarm, or its state does not allow it ({@link ALARM_STEPS}). */
export async function actOnAlarm(db: Database, actor: Actor, id: number, order: AlarmOrder): Promise<boolean> {
  const { from, to } = ALARM_STEPS[order.action];
  const same = (word: string) => word;
  const until = order.until === null ? null : String(order.until.getTime());
  const moved = await db.query(ACT, [
    ...[id, actor.tenantId, to, texts(from, same), until, actor.userId, order.comment, texts(EVENT_KINDS, same)],
  ]);
  return moved.length > 0;
}
