/** Stations around a point: a box that the index serves, then the true distance on the sphere. */
import { and, asc, between, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { station } from '../schema.js';
import { type Actor, inTenant } from './scope.js';
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

function box(lat: number, lng: number, radiusM: number): SQL | undefined {
  const size = reach(lat, radiusM);
  const lats = between(station.lat, lat - size.lat, lat + size.lat);
  if (size.lng === undefined) return lats;
  const west = lng - size.lng;
  const east = lng + size.lng;
  // Around the 180th meridian the box has two parts.
  const lngs = [between(station.lng, west, east)];
  if (west < -180) lngs.push(between(station.lng, west + 360, 180));
  if (east > 180) lngs.push(between(station.lng, -180, east - 360));
  return and(lats, or(...lngs));
}

/**
 * @param options `lat`, `lng` in degrees, `radiusM` in metres
 * @returns the nearest first, `distanceM` in metres along the great circle
 */
export async function nearbyStations(
  db: Database,
  actor: Actor,
  options: { readonly lat: number; readonly lng: number; readonly radiusM: number; readonly limit: number },
): Promise<(StationView & { readonly distanceM: number })[]> {
  const { lat, lng, radiusM, limit } = options;
  const distance = sql`(2 * ${EARTH_M}::float8 * asin(least(1, sqrt(
    power(sin(radians(${station.lat} - ${lat}::float8) / 2), 2)
    + cos(radians(${lat}::float8)) * cos(radians(${station.lat}))
    * power(sin(radians(${station.lng} - ${lng}::float8) / 2), 2)))))`;
  const rows = await db.orm
    .select({ ...STATION_ROW, distanceM: sql`${distance}`.mapWith(Number).as('distance_m') })
    .from(station)
    .where(and(inTenant(actor, station), box(lat, lng, radiusM), sql`${distance} <= ${radiusM}::float8`))
    .orderBy(sql`distance_m`, asc(station.id))
    .limit(limit);
  return withConnectors(db, rows);
}
