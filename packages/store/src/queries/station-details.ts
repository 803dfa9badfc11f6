/** Many stations in one statement, each with its connectors and the transactions that run there, whoever asks for each. */
import { numbers } from '../batch/columns.js';
import type { Sql } from '../database.js';
import type { ConnectorRow, StationView } from './stations.js';

/** A station of a tenant; any other tenant's is not found. */
export interface StationKey {
  readonly tenantId: number;
  readonly id: number;
}

export type StationDetail = StationView & {
  /** Oldest first, the first hundred. */
  readonly activeTransactionIds: readonly number[];
};

/** To the millisecond, downwards, as dates are made of text; the half microsecond is what a double may lose. */
const ms = (column: string) => `floor(date_part('epoch', ${column}) * 1000 + 0.0005)`;

/**
 * A row comes as one array in JSON: read in one go, which costs a third of what it costs to read thirty columns one by
 * one. Lateral look-ups with a limit cannot become scans of the whole table, whatever the planner believes of its size.
 */
const DETAILS = `
  select json_build_array(k.n, s.id, s.tenant_id, s.identity, s.name, s.vendor, s.model, s.serial_number,
    s.firmware_version, s.ocpp_version, s.default_version, s.security_profile, s.blocked, s.registration, s.status,
    s.online, s.edge_id, s.session_epoch, s.remote_address, ${ms('s.connected_at')}, ${ms('s.disconnected_at')},
    ${ms('s.booted_at')}, ${ms('s.last_seen')}, s.ping_seconds, s.leniency, s.lat, s.lng, s.address, x.name,
    ${ms('s.created_at')}, ${ms('s.updated_at')}, s.min_security_profile, s.desired_security_profile,
    ${ms('s.pending_secret_at')}, s.connects, ${ms('s.flap_until')}, c.list, t.list, s.site_id,
    s.published, ${ms('s.archived_at')}) as cells
  from unnest($1::text::int8[], $2::text::int8[]) with ordinality as k(tenant_id, id, n)
  cross join lateral (select * from station s where s.id = k.id and s.tenant_id = k.tenant_id limit 1) s
  left join lateral (select name from site x where x.id = s.site_id limit 1) x on true
  left join lateral (
    select json_agg(json_build_array(c.evse_id, c.connector_id, c.type, c.max_power_w, c.ocpp_status, c.status,
      c.error_code, c.vendor_error_code, c.info, ${ms('c.status_at')}, c.vendor_id) order by c.evse_id, c.connector_id) as list
    from connector c where c.station_id = s.id) c on true
  left join lateral (
    select json_agg(t.id order by t.id) as list from (
      select t.id from transaction t
      where t.station_id = s.id and t.tenant_id = s.tenant_id and t.ended_at is null order by t.id limit 100) t) t on true`;

type Text = string | null;
type Whole = number | null;
type Status = StationView['status'];

type ConnectorCells = [number, number, Text, Whole, string, Status, Text, Text, Text, number, Text];

// In the order of the statement.
type Cells = [
  ...[n: number, id: number, tenantId: number, identity: string, name: Text, vendor: Text, model: Text],
  ...[serialNumber: Text, firmwareVersion: Text, ocppVersion: Text, defaultVersion: Text, securityProfile: number],
  ...[blocked: boolean, registration: StationView['registration'], status: Status, online: boolean, edgeId: Text],
  ...[sessionEpoch: number, remoteAddress: Text, connectedAt: Whole, disconnectedAt: Whole, bootedAt: Whole],
  ...[lastSeen: Whole, pingSeconds: Whole, leniency: StationView['leniency'], lat: Whole, lng: Whole, address: Text],
  ...[site: Text, createdAt: number, updatedAt: number, minSecurityProfile: number, desiredSecurityProfile: Whole],
  ...[pendingSecretAt: Whole, connects: number, flapUntil: Whole],
  ...[
    connectors: ConnectorCells[] | null,
    active: number[] | null,
    siteId: Whole,
    published: boolean,
    archivedAt: Whole,
  ],
];

const time = (at: number | null): Date | null => (at === null ? null : new Date(at));

function toConnector(stationId: number, cells: ConnectorCells): ConnectorRow {
  return {
    stationId,
    evseId: cells[0],
    connectorId: cells[1],
    type: cells[2],
    maxPowerW: cells[3],
    ocppStatus: cells[4],
    status: cells[5],
    errorCode: cells[6],
    vendorErrorCode: cells[7],
    info: cells[8],
    statusAt: new Date(cells[9]),
    vendorId: cells[10],
  };
}

// Written out: to copy a row by its names costs more than all the rest of a read.
function toDetail(cells: Cells): StationDetail {
  const id = cells[1];
  return {
    id,
    tenantId: cells[2],
    identity: cells[3],
    name: cells[4],
    vendor: cells[5],
    model: cells[6],
    serialNumber: cells[7],
    firmwareVersion: cells[8],
    ocppVersion: cells[9],
    defaultVersion: cells[10],
    securityProfile: cells[11],
    blocked: cells[12],
    registration: cells[13],
    status: cells[14],
    online: cells[15],
    edgeId: cells[16],
    sessionEpoch: cells[17],
    remoteAddress: cells[18],
    connectedAt: time(cells[19]),
    disconnectedAt: time(cells[20]),
    bootedAt: time(cells[21]),
    lastSeen: time(cells[22]),
    pingSeconds: cells[23],
    leniency: cells[24],
    lat: cells[25],
    lng: cells[26],
    address: cells[27],
    site: cells[28],
    createdAt: new Date(cells[29]),
    updatedAt: new Date(cells[30]),
    minSecurityProfile: cells[31],
    desiredSecurityProfile: cells[32],
    pendingSecretAt: time(cells[33]),
    connects: cells[34],
    flapUntil: time(cells[35]),
    connectors: cells[36] === null ? [] : cells[36].map((connector) => toConnector(id, connector)),
    activeTransactionIds: cells[37] ?? [],
    siteId: cells[38],
    published: cells[39],
    archivedAt: time(cells[40]),
  };
}

/** What each key leads to, in the order of the keys; undefined where its tenant has no such station. */
export async function getStationDetails(db: Sql, keys: readonly StationKey[]): Promise<(StationDetail | undefined)[]> {
  const found: (StationDetail | undefined)[] = keys.map(() => undefined);
  const rows = await db.query<{ cells: Cells }>(DETAILS, [
    numbers(keys, (key) => key.tenantId),
    numbers(keys, (key) => key.id),
  ]);
  for (const { cells } of rows) found[cells[0] - 1] = toDetail(cells);
  return found;
}
