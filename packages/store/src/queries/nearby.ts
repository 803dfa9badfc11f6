/**
 * Stations around a point: boxes that an index over both degrees serves, then the true distance on the sphere. A station
 * without a place of its own stands where its site does.
 */
import { and, inArray } from 'drizzle-orm';
import type { Database } from '../database.js';
import { station } from '../schema.js';
import { type Actor, inTenant } from './scope.js';
import { getSites, type SiteRow } from './sites.js';
import { STATION_ROW, type StationView, withConnectors } from './stations.js';

/** Mean radius of the earth in metres (IUGG). */
const EARTH_M = 6_371_008.8;

/** Degrees of a circle around `lat`; `lng` undefined where it holds a pole. */
function reach(lat: number, radiusM: number): { readonly lat: number; readonly lng: number | undefined } {
  const degrees = (radians: number) => (radians * 180) / Math.PI;
  // A little more than needed: the exact test follows.
  const angle = (radiusM / EARTH_M) * 1.001;
  const latReach = degrees(angle);
  if (Math.abs(lat) + latReach >= 90) return { lat: latReach, lng: undefined };
  return { lat: latReach, lng: degrees(Math.asin(Math.min(1, Math.sin(angle) / Math.cos((lat * Math.PI) / 180)))) };
}

/** Two boxes as PostgreSQL writes them; they are one where the circle does not touch the 180th meridian. */
function boxes(lat: number, lng: number, radiusM: number): readonly [string, string] {
  const size = reach(lat, radiusM);
  const box = (west: number, east: number) => `(${west},${lat - size.lat}),(${east},${lat + size.lat})`;
  if (size.lng === undefined) return [box(-180, 180), box(-180, 180)];
  const west = lng - size.lng;
  const east = lng + size.lng;
  const main = box(west, east);
  if (west < -180) return [main, box(west + 360, 180)];
  return [main, east > 180 ? box(-180, east - 360) : main];
}

const WITHIN = (row: string) =>
  `(point(${row}.lng, ${row}.lat) <@ $6::text::box or point(${row}.lng, ${row}.lat) <@ $7::text::box)`;
const ITS_SITE = 'coalesce((select x.published from site x where x.id = s.site_id), true)';
/**
 * What drivers are shown of stations, as a condition.
 * @param site whether the site is shown; what belongs to none is
 */
export const isPublished = (site = ITS_SITE): string =>
  `(s.published and not s.blocked and s.archived_at is null and ${site})`;
const SHOWN = (site: string) => `s.archived_at is null and ($8::text = 'false' or ${isPublished(site)})`;

/** Exported for the suite, which looks at its plan. */
export const NEARBY = `
  select id, m from (
    select id, 2 * ${EARTH_M}::float8 * asin(least(1, sqrt(power(sin(radians(lat - $2::float8) / 2), 2)
      + cos(radians($2::float8)) * cos(radians(lat)) * power(sin(radians(lng - $3::float8) / 2), 2)))) as m
    from (
      select s.id, s.lat, s.lng from station s
      where s.tenant_id = $1::int4 and s.lat is not null and ${WITHIN('s')} and ${SHOWN(ITS_SITE)}
      union all
      select s.id, x.lat, x.lng from site x join station s on s.site_id = x.id
      where x.tenant_id = $1::int4 and x.lat is not null and s.lat is null and ${WITHIN('x')} and ${SHOWN('x.published')}) placed) measured
  where m <= $4::float8 order by m, id limit $5::int4`;

export interface NearbyOptions {
  /** Degrees. */
  readonly lat: number;
  readonly lng: number;
  readonly radiusM: number;
  readonly limit: number;
  /** Only what drivers are shown: the station, and its site where it has one. */
  readonly published?: boolean;
}

type Found = { readonly id: number; readonly m: number };

export const nearbyParams = (actor: Actor, { lat, lng, radiusM, limit, published = false }: NearbyOptions) => [
  ...[actor.tenantId, lat, lng, radiusM, limit],
  ...boxes(lat, lng, radiusM),
  String(published),
];

/** Within a city the whole radius holds thousands, and a page wants the nearest few: a circle is widened until it has them. */
const LEAST_M = 1000;
const STEP = 8;

async function nearest(db: Database, actor: Actor, options: NearbyOptions): Promise<Found[]> {
  for (let radiusM = Math.min(options.radiusM, LEAST_M); ; radiusM = Math.min(options.radiusM, radiusM * STEP)) {
    const found = await db.query<Found>(NEARBY, nearbyParams(actor, { ...options, radiusM }));
    if (found.length >= options.limit || radiusM >= options.radiusM) return found;
  }
}

export type NearbyStation = StationView & {
  /** Metres along the great circle. */
  readonly distanceM: number;
  /** Where it belongs, if anywhere. */
  readonly at: SiteRow | undefined;
};

const IS_SHOWN = `select 1 from station s where s.tenant_id = $1::int4 and s.id = $2::int8 and ${isPublished()}`;

/** Whether drivers are shown a station of the tenant, wherever they stand. */
export async function isShownToDrivers(db: Database, { tenantId }: Actor, stationId: number): Promise<boolean> {
  return (await db.query(IS_SHOWN, [tenantId, stationId])).length > 0;
}

/** The nearest first. */
export async function nearbyStations(db: Database, actor: Actor, options: NearbyOptions): Promise<NearbyStation[]> {
  const found = await nearest(db, actor, options);
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const rows = await db.orm
    .select(STATION_ROW)
    .from(station)
    .where(and(inTenant(actor, station), inArray(station.id, ids)));
  const siteIds = [...new Set(rows.flatMap(({ siteId }) => (siteId === null ? [] : [siteId])))];
  const sites = new Map((await getSites(db, actor, siteIds)).map((site) => [site.id, site]));
  const views = new Map((await withConnectors(db, rows)).map((view) => [view.id, view]));
  return found.flatMap(({ id, m }) => {
    const view = views.get(id);
    return view === undefined ? [] : [{ ...view, distanceM: m, at: sites.get(view.siteId ?? 0) }];
  });
}
