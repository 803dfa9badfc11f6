/** Stations in pages: which ones, by what holds for them or by what people type. */
import { and, asc, eq, gt, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { station } from '../schema.js';
import { type Actor, inTenant, type Page, page, reachedBy } from './scope.js';
import { foundBy } from './search.js';
import { STATION_ROW, type StationRow, type StationView, withConnectors } from './stations.js';

/** All that are given must hold. */
export interface StationFilter {
  readonly status?: StationRow['status'];
  readonly online?: boolean;
  /** The name of its site. */
  readonly site?: string;
  readonly siteId?: number;
  readonly groupId?: number;
  readonly vendor?: string;
  readonly model?: string;
  readonly firmwareVersion?: string;
  readonly ocppVersion?: string;
  readonly published?: boolean;
  /** Default false: archived stations are shown where they are asked for. */
  readonly archived?: boolean;
  /** Held back by the flap breaker now. */
  readonly flapping?: boolean;
  /** Words of identity, name, vendor, model, serial number, address or site: see {@link foundBy}. */
  readonly q?: string;
}

const given = <T>(value: T | undefined, condition: (value: T) => SQL): SQL | undefined =>
  value === undefined ? undefined : condition(value);

/** What a filter asks of the stations of the actor's tenant. */
export function matching(actor: Actor, filter: StationFilter): SQL | undefined {
  const { tenantId } = actor;
  return and(
    inTenant(actor, station),
    // The wall says so anyway, and row by row: said here, it is where an index begins.
    given(actor.reach, (reach) => reachedBy(reach, actor, station.id)),
    filter.archived === true ? isNotNull(station.archivedAt) : isNull(station.archivedAt),
    given(filter.status, (status) => eq(station.status, status)),
    given(filter.online, (online) => eq(station.online, online)),
    given(filter.siteId, (id) => eq(station.siteId, id)),
    given(
      filter.site,
      (name) =>
        sql`${station.siteId} in (select x.id from site x where x.tenant_id = ${tenantId}::int4 and x.name = ${name}::text)`,
    ),
    given(
      filter.groupId,
      (id) => sql`${station.id} in (select m.station_id from station_group_member m where m.group_id = ${id}::int8)`,
    ),
    given(filter.vendor, (vendor) => eq(station.vendor, vendor)),
    given(filter.model, (model) => eq(station.model, model)),
    given(filter.firmwareVersion, (version) => eq(station.firmwareVersion, version)),
    given(filter.ocppVersion, (version) => eq(station.ocppVersion, version)),
    given(filter.published, (published) => eq(station.published, published)),
    given(filter.flapping, (held) => sql`coalesce(${station.flapUntil} > now(), false) = ${held}::boolean`),
    given(filter.q, foundBy),
  );
}

/** By id. */
export async function listStations(
  db: Database,
  actor: Actor,
  { after, limit, ...filter }: StationFilter & { readonly after?: number; readonly limit: number },
): Promise<Page<StationView>> {
  const rows = await db.orm
    .select(STATION_ROW)
    .from(station)
    .where(
      and(
        matching(actor, filter),
        given(after, (id) => gt(station.id, id)),
      ),
    )
    .orderBy(asc(station.id))
    .limit(limit + 1);
  const { items, more } = page(rows, limit);
  return { items: await withConnectors(db, items), more };
}
