/** Alarms of what stations tell once: events of security, alerts of their monitors (2.x N07). Raised by the batch that keeps them. */
import type { AlarmKind } from '@sigec/domain';
import type { Fact } from '../facts/fact.js';
import type { AlarmDetail } from '../schema/alarms.js';
import { parameter, RAISED, RULE, RULES } from './raise.js';

export interface ToldAlarm {
  readonly stationId: number;
  readonly kind: Extract<AlarmKind, 'security_event' | 'monitor_alert'>;
  readonly subject: string;
  readonly cause: string;
  readonly evseId: number | null;
  readonly connectorId: number | null;
  readonly detail: AlarmDetail;
  /** Of a monitor, 0 is the gravest (2.x SetMonitoringLevel); null where the kind has none, or the station did not say. */
  readonly level: number | null;
  /** It is over: the station said so. */
  readonly cleared: boolean;
  /** When it came, ms since 1970. */
  readonly at: number;
}

const TOLD = `json_to_recordset($2::text::json) as k("stationId" int8, kind text, subject text, cause text, "evseId" int4,
  "connectorId" int4, detail jsonb, level int4, times int4, at float8)`;

const RAISE = `
  with ${RULE},
  cause as (
    select s.tenant_id, s.id as station_id, k.kind, k.subject, k.cause, k."evseId" as evse_id,
      k."connectorId" as connector_id, null::int8 as transaction_id,
      case when k.level <= 2 then 'critical' else r.severity end as severity, k.detail, k.times,
      to_timestamp(k.at / 1000) as seen_at
    from ${TOLD} join station s on s.id = k."stationId"
      join rule r on r.tenant_id = s.tenant_id and r.kind = k.kind and r.enabled
    where not coalesce(r.p->'ignore_types' @> to_jsonb(k.subject), false)
      and coalesce(coalesce(k.level, 4) <= ${parameter('max_severity')}, true)),
  ${RAISED}
  select count(*) from raised`;

const CLEAR = `
  update alarm a set cause_gone_at = now()
  from json_to_recordset($1::text::json) as k("stationId" int8, kind text, subject text)
  where a.station_id = k."stationId" and a.kind = k.kind and a.subject = k.subject and a.ended_at is null
    and a.cause_gone_at is null`;

type Counted = ToldAlarm & { readonly times: number };

/** In what came in one batch the last word of a subject counts, and how often it came. */
function lastOf(rows: readonly ToldAlarm[]): Counted[] {
  const last = new Map<string, Counted>();
  for (const row of rows) {
    const key = `${row.stationId} ${row.kind} ${row.subject}`;
    const times = (last.get(key)?.times ?? 0) + (row.cleared ? 0 : 1);
    last.set(key, { ...row, times });
  }
  return [...last.values()];
}

export const toldAlarm: Fact<ToldAlarm> = {
  async write(tx, rows) {
    const all = lastOf(rows);
    const struck = all.filter((row) => row.times > 0);
    const cleared = all.filter((row) => row.cleared);
    // In this order on one connection: what struck and was cleared in one batch has come and gone.
    await Promise.all([
      struck.length > 0 && tx.query(RAISE, [RULES, JSON.stringify(struck)]),
      cleared.length > 0 && tx.query(CLEAR, [JSON.stringify(cleared)]),
    ]);
  },
};
