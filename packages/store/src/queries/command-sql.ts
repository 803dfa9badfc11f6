/** What statements that move commands have in common: parts that read from their `moved`, the rows of command after it. */

/** Tells of those that ended. */
export const TOLD = `
  insert into outbox (tenant_id, kind, payload)
  select tenant_id, 'command.ended', jsonb_build_object('command_id', id::text, 'device_id', station_id::text,
    'batch_id', batch_id::text, 'action', action, 'verb', verb, 'state', state, 'reason', reason, 'attempts', attempts)
  from moved where ended_at is not null`;

/** Has the queues of those that wait looked at when their time comes; in order of id, as everybody locks them. */
export const LANED = `
  insert into command_lane (station_id, due_at)
  select station_id, min(due_at) from moved where state = 'queued' group by station_id order by station_id
  on conflict (station_id) do update set wakes = command_lane.wakes + 1, due_at = case
    when command_lane.lease_until > now() then command_lane.due_at
    else least(coalesce(command_lane.due_at, excluded.due_at), excluded.due_at) end`;

/** ms since 1970. */
export const ms = (time: string): string => `date_part('epoch', ${time}) * 1000`;
