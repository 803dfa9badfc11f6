/** What live updates look up, set-based and for whoever listens at the moment; nothing of it is asked while nobody does. */
import { numbers, texts } from '../batch/columns.js';
import type { Database } from '../database.js';
import { legsOf, type MessageRow } from './messages.js';
import { isPublished } from './nearby.js';

/** A named set of stations: those of a site, those of a group, or (both null) those that the tenant shows to drivers. */
export interface Place {
  readonly tenantId: number;
  readonly site: string | null;
  readonly group: string | null;
}

/** What drivers may see of stations that are not theirs. */
const PUBLISHED = isPublished();

const PLACES = `
  select s.tenant_id as "tenantId", p.site, p.its_group as group, s.id
  from unnest($1::text::int4[], $2::text::text[], $3::text::text[]) as p(tenant_id, site, its_group)
  join station s on s.tenant_id = p.tenant_id and case
    when p.its_group is not null then s.id in (
      select m.station_id from station_group_member m where m.group_id::text = p.its_group)
    when p.site is not null then s.site_id::text = p.site
    else ${PUBLISHED} end`;

/** The stations of places, as rows. */
export async function stationsOfPlaces(
  db: Database,
  places: readonly Place[],
): Promise<(Place & { readonly id: number })[]> {
  if (places.length === 0) return [];
  const [sites, groups] = [texts(places, (p) => p.site), texts(places, (p) => p.group)];
  return db.query(PLACES, [numbers(places, (p) => p.tenantId), sites, groups]);
}

/** How a transaction stands. Times are ms since 1970. */
export interface ProgressRow {
  readonly id: number;
  readonly tenantId: number;
  readonly stationId: number;
  readonly userId: string | null;
  readonly evseId: number;
  readonly connectorId: number;
  readonly status: string;
  readonly energyMwh: number;
  readonly costMinor: number;
  readonly currency: string;
  readonly updatedAt: number;
}

const PROGRESS = `
  select t.id, t.tenant_id as "tenantId", t.station_id as "stationId", t.user_id::text as "userId", t.evse_id as "evseId",
    t.connector_id as "connectorId", t.status, t.energy_mwh as "energyMwh", t.cost_minor as "costMinor", t.currency,
    (date_part('epoch', t.updated_at) * 1000)::float8 as "updatedAt"
  from transaction t
  where t.ended_at is null and (
    t.id in (
      select r.id from unnest($1::text::int4[], $2::text::uuid[]) as u(tenant_id, user_id)
      join transaction r on r.user_id = u.user_id and r.tenant_id = u.tenant_id and r.ended_at is null)
    or t.id in (
      select r.id from unnest($3::text::int4[], $4::text::int8[]) as s(tenant_id, station_id)
      join transaction r on r.station_id = s.station_id and r.tenant_id = s.tenant_id and r.ended_at is null))
  order by t.id`;

/** The running transactions of people, and at stations, that somebody watches. */
export async function watchedTransactions(
  db: Database,
  users: readonly (readonly [tenantId: number, userId: string])[],
  stations: readonly (readonly [tenantId: number, stationId: number])[],
): Promise<ProgressRow[]> {
  if (users.length === 0 && stations.length === 0) return [];
  return db.query(PROGRESS, [
    numbers(users, ([tenant]) => tenant),
    texts(users, ([, user]) => user),
    numbers(stations, ([tenant]) => tenant),
    numbers(stations, ([, station]) => station),
  ]);
}

/** A message of a station's log. */
export interface TailRow {
  readonly stationId: number;
  readonly message: MessageRow;
}

type Exchange = Parameters<typeof legsOf>[0];
/** As the statement gives it: times are ms since 1970. */
type Read = Omit<Exchange, 'at' | 'answeredAt'> & { readonly stationId: number; readonly answeredAt: number | null };

const TAIL = `
  select k.id as "stationId", (extract(epoch from m.at) * 1000000)::int8 as "atMicros", m.direction,
    m.type, m.message_id as "messageId", m.action, m.payload, m.answer_type as "answerType",
    (date_part('epoch', m.answered_at) * 1000)::float8 as "answeredAt", m.answer
  from unnest($1::text::int8[], $2::text::int8[]) as k(id, since)
  cross join lateral (
    select * from message_exchange m
    where m.station_id = k.id and m.at > timestamptz 'epoch' + k.since::float8 * interval '1 microsecond'
    order by m.at desc limit $3::int4) m
  order by m.at`;

/** What the log holds of stations since, the newest `most` exchanges of each, in order. `since` is µs since 1970. */
export async function tailMessages(
  db: Database,
  stations: readonly { readonly id: number; readonly since: number }[],
  most: number,
): Promise<TailRow[]> {
  if (stations.length === 0) return [];
  const rows = await db.query<Read>(TAIL, [numbers(stations, (s) => s.id), numbers(stations, (s) => s.since), most]);
  return rows.flatMap(({ stationId, answeredAt, ...row }) =>
    legsOf({
      ...row,
      at: new Date(row.atMicros / 1000),
      answeredAt: answeredAt === null ? null : new Date(answeredAt),
    }).map((message) => ({ stationId, message })),
  );
}

/** Which of these stations are the tenant's. */
export async function ownStations(db: Database, tenantId: number, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await db.query<{ id: number }>(
    'select id from station where tenant_id = $1::int4 and id = any($2::text::int8[])',
    [tenantId, numbers(ids, (id) => id)],
  );
  return new Set(rows.map((row) => row.id));
}
