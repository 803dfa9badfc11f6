/** What operators know of a connector and its charger does not tell: its kind and its power. */
import type { Database } from '../database.js';
import type { Actor } from './scope.js';

export interface ConnectorKey {
  readonly stationId: number;
  readonly evseId: number;
  readonly connectorId: number;
}

/** Absent fields stay. */
export interface ConnectorPatch {
  readonly type?: string | null;
  readonly maxPowerW?: number | null;
}

const UPDATE = `
  update connector c set type = case when $5::text = 'true' then $6::text else c.type end,
    max_power_w = case when $7::text = 'true' then $8::int4 else c.max_power_w end
  from station s
  where s.id = c.station_id and s.tenant_id = $1::int4 and c.station_id = $2::int8 and c.evse_id = $3::int4
    and c.connector_id = $4::int4
  returning c.station_id`;

/** False where the tenant has no such connector. What a charger tells of its status leaves both as they are. */
export async function updateConnector(
  db: Database,
  { tenantId }: Actor,
  { stationId, evseId, connectorId }: ConnectorKey,
  { type, maxPowerW }: ConnectorPatch,
): Promise<boolean> {
  const rows = await db.query(UPDATE, [
    ...[tenantId, stationId, evseId, connectorId],
    ...[String(type !== undefined), type ?? null, String(maxPowerW !== undefined), maxPowerW ?? null],
  ]);
  return rows.length > 0;
}
