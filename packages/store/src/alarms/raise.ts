/**
 * The one statement that alarms come by, whoever saw the cause: new ones are opened, those that live are counted up, and what is
 * news goes to people. Causes come as rows of `cause`; the rules of their tenants stand beside them as `rule`.
 */
import { DEFAULT_RULES } from '@sigec/domain';

/** First parameter of every statement here: the rules that hold where a tenant has made none. */
export const RULES = JSON.stringify(DEFAULT_RULES);

/** The rules of all tenants; `p` are the parameters. */
export const RULE = `
  rule as (
    select t.id as tenant_id, d.kind, coalesce(r.enabled, d.enabled) as enabled,
      coalesce(r.severity, d.severity) as severity, d.parameters || coalesce(r.parameters, '{}') as p
    from json_to_recordset($1::text::json) as d(kind text, enabled boolean, severity text, parameters jsonb)
      cross join tenant t left join alarm_rule r on r.tenant_id = t.id and r.kind = d.kind)`;

/** A parameter as a number. */
export const parameter = (name: string): string => `(r.p->>'${name}')::float8`;

/** What is told of an alarm, of the columns of `a`. @param by who did it, as SQL */
export const toldOf = (by: string): string => `
  jsonb_build_object('alarm_id', a.id::text, 'device_id', a.station_id::text, 'kind', a.kind, 'severity', a.severity,
    'state', a.state, 'evse_id', a.evse_id, 'connector_id', a.connector_id, 'transaction_id', a.transaction_id::text,
    'count', a.count, 'by', ${by})`;

/**
 * Raises what `cause` holds: (tenant_id, station_id, kind, subject, cause, evse_id, connector_id, transaction_id, severity,
 * detail, times, seen_at), one row of a station, kind and subject. The rows are locked in this order by everybody.
 * `raised_at` is the time of this transaction where people are told: of a new one, and of another cause.
 */
export const RAISED = `
  raised as (
    insert into alarm as a (tenant_id, station_id, kind, subject, cause, evse_id, connector_id, transaction_id, severity,
      state, detail, count, first_seen, last_seen, raised_at)
    select tenant_id, station_id, kind, subject, cause, evse_id, connector_id, transaction_id, severity, 'open', detail,
      times, seen_at, seen_at, now()
    from cause order by station_id, kind, subject
    on conflict (station_id, kind, subject) where ended_at is null do update set
      count = a.count + excluded.count, last_seen = greatest(a.last_seen, excluded.last_seen), cause_gone_at = null,
      cause = excluded.cause, detail = excluded.detail, severity = excluded.severity,
      transaction_id = excluded.transaction_id,
      state = case when a.state = 'resolved' and a.cause <> excluded.cause then 'open' else a.state end,
      resolved_at = case when a.cause <> excluded.cause then null else a.resolved_at end,
      raised_at = case when a.cause <> excluded.cause then now() else a.raised_at end
    returning a.*),
  noted as (
    insert into alarm_entry (alarm_id, tenant_id, action, cause)
    select id, tenant_id, 'raised', cause from raised where raised_at = now() order by id),
  told as (
    insert into outbox (tenant_id, kind, payload)
    select a.tenant_id, 'alarm.raised', ${toldOf('null')} from raised a where a.raised_at = now() order by a.id)`;
