/** The tariff of a session that begins: the nearest of those assigned, in the version of this moment. */
import type { Tariff } from '@sigec/domain';
import type { Sql } from '../database.js';
import { numbers } from './columns.js';
import { tariffKey } from './types.js';

/**
 * The whole order of precedence. An EVSE's own stands beside that of its station, which takes the place of the tenant's.
 * What is to stand between them (a site, a group) is one more branch of the union, with its nearness.
 */
const ASSIGNED = `
  select distinct on (k.station_id, a.evse_id) k.station_id as "stationId", a.evse_id as "evseId", t.id, t.version,
    t.name, v.content, (select p.time_zone from site p where p.id = s.site_id) as zone
  from unnest($1::text::int8[]) as k(station_id)
  join station s on s.id = k.station_id
  cross join lateral (
    select x.evse_id, x.tariff_id, 2 as nearness from tariff_assignment x where x.station_id = s.id
    union all
    select 0, x.tariff_id, 1 from tariff_assignment x where x.tenant_id = s.tenant_id and x.station_id is null) a
  join tariff t on t.id = a.tariff_id
  join tariff_version v on v.tariff_id = t.id and v.version = t.version
  order by k.station_id, a.evse_id, a.nearness desc`;

/** What a tariff is beside its name: the prices, as the version keeps them. */
export type TariffContent = Omit<Tariff, 'id' | 'version' | 'name'>;

interface Row {
  readonly stationId: number;
  readonly evseId: number;
  readonly id: number;
  readonly version: number;
  readonly name: string;
  readonly content: TariffContent;
  /** Of the station's site. */
  readonly zone: string | null;
}

/** @returns by {@link tariffKey}: of each EVSE that has its own, and of EVSE 0 */
export async function readTariffs(tx: Sql, stationIds: readonly number[]): Promise<Map<string, Tariff>> {
  if (stationIds.length === 0) return new Map();
  const rows = await tx.query<Row>(ASSIGNED, [numbers([...new Set(stationIds)], (id) => id)]);
  return new Map(
    rows.map(({ stationId, evseId, id, version, name, content, zone }) => [
      tariffKey(stationId, evseId),
      // Bands hold by the clock on the wall of where it charges; the tariff's own is for stations without a site.
      { ...content, ...(zone !== null && content.bands !== undefined && { timeZone: zone }), id, version, name },
    ]),
  );
}
