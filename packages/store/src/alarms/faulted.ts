/** Faults of connectors and stations: what a StatusNotification told last. Raised by its batch, and by the look that finds it. */
import { numbers } from '../batch/columns.js';
import type { Fact } from '../facts/fact.js';
import { parameter, RAISED, RULE, RULES } from './raise.js';

/** The faults that stand. @param which narrows connectors `c` of stations `s` whose rule is `r` */
export const faults = (which: string): string => `
  select s.tenant_id, s.id as station_id, c.evse_id || '/' || c.connector_id as subject,
    coalesce(c.error_code, '') || '/' || coalesce(c.vendor_error_code, '') as cause, nullif(c.evse_id, 0) as evse_id,
    nullif(c.connector_id, 0) as connector_id, null::int8 as transaction_id, r.severity,
    jsonb_build_object('error_code', c.error_code, 'vendor_error_code', c.vendor_error_code, 'info', c.info) as detail,
    least(c.status_at, now()) as seen_at
  from connector c join station s on s.id = c.station_id
    join rule r on r.tenant_id = s.tenant_id and r.kind = 'faulted' and r.enabled
  where c.status = 'Faulted' and not s.blocked and ${which}`;

/** A station that told a fault in this batch. */
export interface FaultedStation {
  readonly stationId: number;
}

// After its connectors are written, in the same commit. A rule that waits is kept by the look.
const RAISE = `
  with ${RULE},
  cause as (
    select 'faulted' as kind, 1 as times, f.*
    from (${faults(`c.station_id = any($2::text::int8[]) and ${parameter('minutes')} = 0`)}) f
    where not exists (select 1 from alarm a where a.station_id = f.station_id and a.kind = 'faulted'
      and a.subject = f.subject and a.ended_at is null and a.cause_gone_at is null and a.cause = f.cause)),
  ${RAISED}
  select count(*) from raised`;

export const faultedStation: Fact<FaultedStation> = {
  write: (tx, rows) => tx.query(RAISE, [RULES, numbers([...new Set(rows.map((row) => row.stationId))], (id) => id)]),
};
