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

// It is a change of the station by people, and counted as one: the row lock lets one of two at once through.
const UPDATE = `
  with s as (
    update station s set revision = s.revision + 1, updated_at = now()
    where s.tenant_id = $1::int4 and s.id = $2::int8 and ($9::text is null or s.revision = any($9::text::int4[]))
      and exists (select 1 from connector c
        where c.station_id = s.id and c.evse_id = $3::int4 and c.connector_id = $4::int4)
    returning s.id, s.revision),
  told as (
    insert into outbox (tenant_id, kind, payload)
    select $1::int4, 'connector.changed', jsonb_build_object('device_id', id::text, 'evse_id', $3::int4,
      'connector_id', $4::int4, 'revision', revision, 'fields', $10::text::jsonb)
    from s)
  update connector c set type = case when $5::text = 'true' then $6::text else c.type end,
    max_power_w = case when $7::text = 'true' then $8::int4 else c.max_power_w end
  from s where c.station_id = s.id and c.evse_id = $3::int4 and c.connector_id = $4::int4
  returning c.station_id`;

const FIND = `
  select 1 from station s join connector c on c.station_id = s.id
  where s.tenant_id = $1::int4 and s.id = $2::int8 and c.evse_id = $3::int4 and c.connector_id = $4::int4`;

/**
 * What a charger tells of its status leaves both as they are. Tells `connector.changed`.
 * @param ifRevision the revisions of the station that the change was made for
 */
export async function updateConnector(
  db: Database,
  { tenantId }: Actor,
  { stationId, evseId, connectorId }: ConnectorKey,
  { type, maxPowerW }: ConnectorPatch,
  ifRevision?: readonly number[],
): Promise<'changed' | 'stale' | 'absent'> {
  const which = [tenantId, stationId, evseId, connectorId];
  const rows = await db.query(UPDATE, [
    ...which,
    ...[String(type !== undefined), type ?? null, String(maxPowerW !== undefined), maxPowerW ?? null],
    ifRevision === undefined ? null : `{${ifRevision.join(',')}}`,
    JSON.stringify([...(type === undefined ? [] : ['type']), ...(maxPowerW === undefined ? [] : ['max_power_w'])]),
  ]);
  if (rows.length > 0) return 'changed';
  return ifRevision !== undefined && (await db.query(FIND, which)).length > 0 ? 'stale' : 'absent';
}
