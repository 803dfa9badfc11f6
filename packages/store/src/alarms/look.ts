/** One look of a kind: what stands and is not known is raised, what is known and stands no more begins to be over. */
import type { Database } from '../database.js';
import { RAISED, RULE, RULES } from './raise.js';
import { type LookedFor, STANDING } from './standing.js';
import { WATCH } from './watch.js';

/** Alarms of one statement, either way: a network that goes away at once is told of in portions. */
export const MOST_ALARMS = 2000;

const known = (kind: LookedFor): string => `
  a.kind = '${kind}' and a.ended_at is null and a.cause_gone_at is null`;

// What a process or a message works on at this moment is left to the next look.
const look = (kind: LookedFor): string => `
  with ${RULE},
  standing as materialized (${STANDING[kind]}),
  cause as (
    select '${kind}' as kind, 1 as times, s.* from standing s
    where not exists (select 1 from alarm a where ${known(kind)} and a.station_id = s.station_id
      and a.subject = s.subject and a.cause = s.cause)
    order by s.station_id limit $2::int4),
  absent as (
    select a.id from alarm a where ${known(kind)}
      and not exists (select 1 from standing s where s.station_id = a.station_id and s.subject = a.subject)
    limit $2::int4 for update of a skip locked),
  gone as (
    update alarm a set cause_gone_at = now(), last_seen = now() from absent where a.id = absent.id returning a.id),
  ${RAISED}
  select (select count(*)::int4 from raised) as raised, (select count(*)::int4 from gone) as gone`;

/** One statement each; a test holds their plans against a long history. */
export const LOOKS = Object.fromEntries(
  (Object.keys(STANDING) as LookedFor[]).map((kind) => [kind, look(kind)]),
) as Readonly<Record<LookedFor, string>>;

export interface Looked {
  readonly raised: number;
  /** Whose cause is gone since this look. */
  readonly gone: number;
  /** There is more to raise or to end. */
  readonly more: boolean;
}

/** Looks for the causes of a kind. Set-based, and safe to run in several processes at once. */
export async function lookFor(db: Database, kind: LookedFor, most = MOST_ALARMS): Promise<Looked> {
  const [row] = await db.query<{ raised: number; gone: number }>(LOOKS[kind], [RULES, most]);
  const { raised = 0, gone = 0 } = row ?? {};
  return { raised, gone, more: raised >= most || gone >= most };
}

/** Notes what transactions that draw energy did since the last time; `no_progress` and `meter_gap` go by it. */
export async function watchCharging(db: Database): Promise<void> {
  await db.query(WATCH);
}
