/** Codes on stations: made for each connector, replaced where one leaked or a sticker was swapped, read by whoever scans it. */
import { randomBytes } from 'node:crypto';
import type { Database } from '../../database.js';
import type { Actor } from '../scope.js';

/** Without letters and digits that people mistake for one another (Crockford). */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 50 bits: nobody finds one of a hundred thousand by trying. */
const LENGTH = 10;

const newCode = (): string => [...randomBytes(LENGTH)].map((byte) => LETTERS[byte & 31]).join('');

/** As people type it: in any case, with blanks and dashes, O for 0, I and L for 1. */
export function normalCode(text: string): string {
  return text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
}

export interface ConnectCodeRow {
  readonly code: string;
  readonly evseId: number;
  readonly connectorId: number;
  readonly createdAt: Date;
}

/** Of a station that was read for this actor. */
export async function listConnectCodes(db: Database, actor: Actor, stationId: number): Promise<ConnectCodeRow[]> {
  const rows = await db.query<Omit<ConnectCodeRow, 'createdAt'> & { readonly at: number }>(
    `select code, evse_id as "evseId", connector_id as "connectorId",
       (extract(epoch from created_at) * 1000)::float8 as at
     from connect_code where station_id = $1::int8 and tenant_id = $2::int4 order by evse_id, connector_id`,
    [stationId, actor.tenantId],
  );
  return rows.map(({ at, ...row }) => ({ ...row, createdAt: new Date(at) }));
}

/** Gives each connector that has none a code; those that are on stickers stay. */
export async function makeConnectCodes(db: Database, actor: Actor, stationId: number): Promise<void> {
  const missing = await db.query<{ evseId: number; connectorId: number }>(
    `select evse_id as "evseId", connector_id as "connectorId" from connector c where station_id = $1::int8
       and evse_id > 0 and connector_id > 0 and not exists (select 1 from connect_code k
         where (k.station_id, k.evse_id, k.connector_id) = (c.station_id, c.evse_id, c.connector_id))`,
    [stationId],
  );
  for (const { evseId, connectorId } of missing) await put(db, actor, { stationId, evseId, connectorId }, false);
}

export interface ConnectorPlace {
  readonly stationId: number;
  readonly evseId: number;
  readonly connectorId: number;
}

/** A new code in place of the old, which says nothing any more. @returns false where the station has no such connector */
export function rotateConnectCode(db: Database, actor: Actor, place: ConnectorPlace): Promise<boolean> {
  return put(db, actor, place, true);
}

async function put(db: Database, actor: Actor, place: ConnectorPlace, replace: boolean): Promise<boolean> {
  const rows = await db.query(
    `insert into connect_code (code, tenant_id, station_id, evse_id, connector_id)
     select $1::text, $2::int4, c.station_id, c.evse_id, c.connector_id
     from connector c join station s on s.id = c.station_id and s.tenant_id = $2::int4
     where c.station_id = $3::int8 and c.evse_id = $4::int4 and c.connector_id = $5::int4
     on conflict (station_id, evse_id, connector_id) do update set code = excluded.code, created_at = now()
       where $6::int4 = 1
     returning code`,
    [newCode(), actor.tenantId, place.stationId, place.evseId, place.connectorId, replace ? 1 : 0],
  );
  return rows.length > 0;
}

/** What a code stands for, as far as it concerns whoever stands there. */
export interface ConnectPlace extends ConnectorPlace {
  readonly code: string;
  readonly tenantId: number;
  readonly operator: string;
  readonly name: string | null;
  readonly site: string | null;
  /** Its own, or that of its site. */
  readonly address: string | null;
  readonly online: boolean;
  readonly status: 'Available' | 'Occupied' | 'Faulted' | 'Unavailable';
  readonly type: string | null;
  readonly maxPowerW: number | null;
}

/** @param tenantId of whoever asks; undefined: anybody, as a code names its tenant too */
export async function findConnectPlace(
  db: Database,
  code: string,
  tenantId?: number,
): Promise<ConnectPlace | undefined> {
  const [found] = await db.query<ConnectPlace>(
    `select k.code, k.tenant_id as "tenantId", k.station_id as "stationId", k.evse_id as "evseId",
       k.connector_id as "connectorId", t.name as operator, s.name,
       p.name as site, coalesce(s.address, p.address) as address, s.online, c.status, c.type, c.max_power_w as "maxPowerW"
     from connect_code k join station s on s.id = k.station_id join tenant t on t.id = k.tenant_id
       left join site p on p.id = s.site_id
       join connector c on (c.station_id, c.evse_id, c.connector_id) = (k.station_id, k.evse_id, k.connector_id)
     where k.code = $1::text and not s.blocked and s.archived_at is null and ($2::int4 is null or k.tenant_id = $2::int4)`,
    [normalCode(code), tenantId ?? null],
  );
  return found;
}
