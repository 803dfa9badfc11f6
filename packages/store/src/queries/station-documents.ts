/**
 * Stations as JSON that the database writes and nobody here takes apart: for answers that are handed on as they come.
 * The shape, and so every name in it, is the caller's; here is what each field is and how it is written.
 */
import { numbers } from '../batch/columns.js';
import type { Sql } from '../database.js';
import type { StationKey } from './station-details.js';

/** Ids are digits in quotes: no client's number type loses their end. */
const digits = (column: string) => `${column}::text`;
/** RFC 3339, UTC, to the millisecond. */
const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const STATION = {
  id: digits('s.id'),
  identity: 's.identity',
  name: 's.name',
  vendor: 's.vendor',
  model: 's.model',
  serialNumber: 's.serial_number',
  firmwareVersion: 's.firmware_version',
  ocppVersion: 's.ocpp_version',
  defaultVersion: 's.default_version',
  securityProfile: 's.security_profile',
  minSecurityProfile: 's.min_security_profile',
  desiredSecurityProfile: 's.desired_security_profile',
  pendingSecretAt: time('s.pending_secret_at'),
  /** Both null where the flap breaker does not hold the station back now. */
  flapUntil: `case when s.flap_until > now() then ${time('s.flap_until')} end`,
  flapConnects: 'case when s.flap_until > now() then s.connects end',
  registration: 's.registration',
  status: 's.status',
  online: 's.online',
  blocked: 's.blocked',
  pingSeconds: 's.ping_seconds',
  leniency: 's.leniency',
  lat: 's.lat',
  lng: 's.lng',
  address: 's.address',
  site: 'x.name',
  siteId: digits('s.site_id'),
  published: 's.published',
  archivedAt: time('s.archived_at'),
  lastSeen: time('s.last_seen'),
  bootedAt: time('s.booted_at'),
  connectedAt: time('s.connected_at'),
  createdAt: time('s.created_at'),
  updatedAt: time('s.updated_at'),
  /** Of the transactions that run, oldest first, the first hundred. */
  activeTransactionIds: `array(select t.id::text from transaction t
    where t.station_id = s.id and t.tenant_id = s.tenant_id and t.ended_at is null order by t.id limit 100)`,
} as const;

const CONNECTOR = {
  evseId: 'c.evse_id',
  connectorId: 'c.connector_id',
  type: 'c.type',
  status: 'c.status',
  ocppStatus: 'c.ocpp_status',
  errorCode: 'c.error_code',
  vendorId: 'c.vendor_id',
  vendorErrorCode: 'c.vendor_error_code',
  info: 'c.info',
  maxPowerW: 'c.max_power_w',
  statusAt: time('c.status_at'),
} as const;

export type StationField = keyof typeof STATION;
export type ConnectorField = keyof typeof CONNECTOR;
type Names<Field> = Readonly<Record<string, Field>>;

/** From a name in the document to what stands under it. A group is null where all its fields are. */
export type StationShape = Readonly<
  Record<
    string,
    StationField | { readonly group: Names<StationField> } | { readonly connectors: Names<ConnectorField> }
  >
>;

/** Names go into the statement as they are, so they are small letters and nothing else. */
const NAME = /^[a-z_]{1,60}$/;

function columns<Field extends string>(names: Names<Field>, of: Readonly<Record<Field, string>>): string {
  return Object.entries(names)
    .map(([name, field]) => named(of[field], name))
    .join(', ');
}

function named(expression: string, name: string): string {
  if (!NAME.test(name)) throw new RangeError(`shape: ${name} is not a name`);
  return `${expression} as "${name}"`;
}

function expressionOf(what: StationShape[string]): string {
  if (typeof what === 'string') return STATION[what];
  if ('group' in what) {
    const all = Object.values(what.group).map((field) => STATION[field]);
    return `case when num_nonnulls(${all.join(', ')}) > 0 then
      (select to_json(g) from (select ${columns(what.group, STATION)}) g) end`;
  }
  return `array(select to_json(c) from (select ${columns(what.connectors, CONNECTOR)} from connector c
    where c.station_id = s.id order by c.evse_id, c.connector_id) c)`;
}

/** A station as it leaves, and the revision that it shows. */
export interface StationDocument {
  readonly json: string;
  readonly revision: number;
}

/**
 * Reads documents of one shape.
 * @returns what each key leads to, in the order of the keys; undefined where its tenant has no such station
 * @throws {RangeError} for a name in the shape that is not small letters and underscores
 */
export function stationDocuments(
  shape: StationShape,
): (db: Sql, keys: readonly StationKey[]) => Promise<(StationDocument | undefined)[]> {
  const fields = Object.entries(shape).map(([name, what]) => named(expressionOf(what), name));
  // The limit: see station-details.ts.
  const text = `
    select k.n::int4 as n, to_json(d)::text as json, s.revision
    from unnest($1::text::int8[], $2::text::int8[]) with ordinality as k(tenant_id, id, n)
    cross join lateral (select * from station s where s.id = k.id and s.tenant_id = k.tenant_id limit 1) s
    left join lateral (select name from site x where x.id = s.site_id limit 1) x on true
    cross join lateral (select ${fields.join(',\n      ')}) d`;
  return async (db, keys) => {
    const found: (StationDocument | undefined)[] = keys.map(() => undefined);
    const rows = await db.query<{ n: number } & StationDocument>(text, [
      numbers(keys, (key) => key.tenantId),
      numbers(keys, (key) => key.id),
    ]);
    for (const { n, json, revision } of rows) found[n - 1] = { json, revision };
    return found;
  };
}
