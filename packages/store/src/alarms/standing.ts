/**
 * The causes that stand now, a query for each kind that is looked for. Each gives (tenant_id, station_id, subject, cause, evse_id,
 * connector_id, transaction_id, severity, detail, seen_at) beside `rule`, and costs what there is now, not what there ever was.
 */
import type { AlarmKind } from '@sigec/domain';
import { faults } from './faulted.js';
import { parameter } from './raise.js';
import { METER_GAP, NO_PROGRESS } from './watch.js';

/** A certificate that ran out longer ago than this is not looked at any more, days: whoever wanted to know, knows. */
const FORGOTTEN_DAYS = 90;

// What changes in a station's row is in no index on purpose (its updates stay on their page), so these two read the table once.
const ofStation = (kind: AlarmKind, cause: string, detail: string, since: string): string => `
  select s.tenant_id, s.id as station_id, 'station' as subject, '' as cause, null::int4 as evse_id,
    null::int4 as connector_id, null::int8 as transaction_id, r.severity, ${detail} as detail, ${since} as seen_at
  from station s join rule r on r.tenant_id = s.tenant_id and r.kind = '${kind}' and r.enabled
  where not s.blocked and ${cause}`;

const OFFLINE = ofStation(
  'offline',
  `not s.online and s.disconnected_at < now() - ${parameter('minutes')} * interval '1 minute'`,
  `jsonb_build_object('offline_since', s.disconnected_at)`,
  's.disconnected_at',
);

const FLAPPING = ofStation(
  'flapping',
  's.flap_until > now()',
  `jsonb_build_object('connects', s.connects, 'until', s.flap_until)`,
  'now()',
);

const FAULTED = faults(`(${parameter('minutes')} = 0
  or c.status_at < now() - ${parameter('minutes')} * interval '1 minute')`);

/** What both tables of certificates give, of `c`. @param source where it is known from */
const certificate = (table: string, source: string, type: string, which: string): string => `
  select c.tenant_id, c.station_id, '${source} ' || coalesce(${type}, '') || ' ' || c.serial_number as subject,
    case when c.not_after <= now() then 'expired' else 'expiring' end as cause, null::int4 as evse_id,
    null::int4 as connector_id, null::int8 as transaction_id,
    case when c.not_after <= now() then 'critical' else r.severity end as severity,
    jsonb_build_object('source', '${source}', 'certificate_type', ${type}, 'serial_number', c.serial_number,
      'not_after', c.not_after) as detail, now() as seen_at
  from ${table} c join rule r on r.tenant_id = c.tenant_id and r.kind = 'certificate_expiry' and r.enabled
  where c.not_after between now() - interval '${FORGOTTEN_DAYS} days' and now() + ${parameter('days')} * interval '1 day'
    and ${which}`;

// One that a newer has taken the place of may run out. A root may stand in several rows of one station.
const CERTIFICATES = `
  ${certificate(
    'station_certificate',
    'issued',
    'c.certificate_type',
    `c.delivered_at is not null and c.revoked_at is null and not exists (
      select 1 from station_certificate n where n.station_id = c.station_id and n.id > c.id
        and n.certificate_type is not distinct from c.certificate_type and n.delivered_at is not null
        and n.revoked_at is null)`,
  )}
  union all select * from (
    select distinct on (i.station_id, i.subject) * from (
      ${certificate('installed_certificate', 'installed', 'c.certificate_type', 'true')}) i
    order by i.station_id, i.subject, i.detail->>'not_after') once`;

export type LookedFor = Exclude<AlarmKind, 'security_event' | 'monitor_alert'>;

export const STANDING: Readonly<Record<LookedFor, string>> = {
  offline: OFFLINE,
  flapping: FLAPPING,
  faulted: FAULTED,
  no_progress: NO_PROGRESS(parameter),
  meter_gap: METER_GAP(parameter),
  certificate_expiry: CERTIFICATES,
};
