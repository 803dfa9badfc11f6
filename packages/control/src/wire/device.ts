/** Devices: stations as the API shows and takes them. */
import { z } from '@hono/zod-openapi';
import { MAX_IDENTITY_LENGTH, tokenOf } from '@sigec/contract';
import { OCPP_VERSIONS } from '@sigec/ocpp';
import type { ConnectorRow, StationFilter, StationPatch, StationShape, StationView } from '@sigec/store';
import { IdField, IdText, iso, listOf, PageQuery, Time } from './common.js';
import { SiteName } from './site.js';

const Status = z.enum(['Available', 'Occupied', 'Faulted', 'Unavailable']);
const Version = z.enum(OCPP_VERSIONS as [(typeof OCPP_VERSIONS)[number], ...(typeof OCPP_VERSIONS)[number][]]);
const Lat = z.number().min(-90).max(90);
const Lng = z.number().min(-180).max(180);

export const Connector = z
  .object({
    evse_id: z.int(),
    connector_id: z.int(),
    type: z.string().nullable(),
    status: Status,
    ocpp_status: z.string().openapi({ description: 'As the charger spells it.' }),
    error_code: z.string().nullable(),
    vendor_id: z.string().nullable().openapi({ description: 'OCPP 1.6: whose `vendor_error_code` it is.' }),
    vendor_error_code: z.string().nullable(),
    info: z.string().nullable().openapi({ description: "OCPP 1.6: the charger's own words." }),
    max_power_w: z.int().nullable(),
    status_at: Time,
  })
  .openapi('Connector');

export const Location = z
  .object({
    lat: z.number().nullable(),
    lng: z.number().nullable(),
    address: z.string().nullable(),
    site: z.string().nullable(),
  })
  .openapi('Location');

const Leniency = z.strictObject({
  overlong: z.boolean().optional().openapi({ description: 'Accept text that is too long in fields known for it.' }),
  additional: z.boolean().optional().openapi({ description: 'Accept fields that the schema does not know.' }),
});

const Flapping = z
  .object({ until: Time, connects: z.int() })
  .openapi('Flapping', { description: 'Connected too often within an hour, and is not taken for a while.' });

export const Device = z
  .object({
    id: IdText,
    identity: z.string().openapi({ example: 'BR-SP-0001' }),
    name: z.string().nullable(),
    vendor: z.string().nullable(),
    model: z.string().nullable(),
    serial_number: z.string().nullable(),
    firmware_version: z.string().nullable(),
    ocpp_version: z.string().nullable().openapi({ example: 'ocpp2.0.1' }),
    default_version: z.string().nullable(),
    security_profile: z.int().openapi({ description: 'OCPP security profile that it last came by.' }),
    min_security_profile: z.int().openapi({ description: 'Least profile that it is taken by.' }),
    desired_security_profile: z.int().nullable().openapi({
      description: 'Profile that a command told it to go to; once it came by it, that is the least.',
    }),
    rotation_pending_since: Time.nullable().openapi({
      description: 'When a new password was sent that the charger has not used yet; the old one is valid until then.',
    }),
    flapping: Flapping.nullable(),
    registration_status: z.enum(['none', 'accepted', 'pending', 'rejected']),
    status: Status,
    online: z.boolean(),
    blocked: z.boolean(),
    ping_seconds: z.int().nullable(),
    leniency: Leniency,
    location: Location.nullable(),
    site_id: IdText.nullable(),
    published: z.boolean().openapi({ description: 'Whether drivers see it; its site may hide it.' }),
    archived_at: Time.nullable().openapi({
      description: 'Out of use for good: kept for what was charged there, blocked, and hidden.',
    }),
    last_seen: Time.nullable(),
    booted_at: Time.nullable(),
    connected_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
    connectors: z.array(Connector),
  })
  .openapi('Device');

export const DeviceDetail = Device.extend({ active_transaction_ids: z.array(IdText) }).openapi('DeviceDetail');
export type DeviceDetail = z.infer<typeof DeviceDetail>;
export const DeviceList = listOf('DeviceList', Device);

export const Credentials = z
  .object({ username: z.string(), password: z.string() })
  .openapi('DeviceCredentials', { description: 'HTTP Basic credentials of the charger. Shown this once.' });
export const CreatedDevice = Device.extend({ credentials: Credentials.nullable() }).openapi('CreatedDevice');
export const RemovedDevice = z
  .object({ id: IdText, identity: z.string(), outcome: z.enum(['deleted', 'archived']) })
  .openapi('RemovedDevice');
export const RotatedCredentials = z
  .object({ id: IdText, credentials: Credentials })
  .openapi('RotatedDeviceCredentials');

const hasControl = (text: string): boolean =>
  [...text].some((char) => char < ' ' || (char >= '\u007f' && char < '\u00a0'));

/** Longest identity of OCPP 2.x (identifierString(48)). */
const MAX_IDENTITY = Math.min(48, MAX_IDENTITY_LENGTH);

const Identity = z
  .string()
  .min(1)
  .max(MAX_IDENTITY)
  .superRefine((identity, context) => {
    const fail = (message: string) => context.addIssue({ code: 'custom', message });
    if (hasControl(identity)) fail('must not hold control characters');
    else if (identity.includes('/')) fail('must not hold /');
    // Clients of URLs take these two for steps of the path, and never send them.
    else if (identity === '.' || identity === '..') fail('must not be . or ..');
    else if (identity.trim() !== identity) fail('must not begin or end with white space');
    else {
      try {
        if (identity.length > 0) tokenOf(identity);
      } catch {
        fail('must be valid Unicode');
      }
    }
  });

/** 2.x takes 16 to 40 characters (BasicAuthPassword), 1.6 up to 20 bytes, which are 40 hex digits (AuthorizationKey). */
export const StationPassword = z
  .string()
  .min(16)
  .max(40)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
  .openapi({ format: 'password', description: '16 to 40 characters. Made where absent.' });

const Place = z
  .strictObject({
    lat: Lat.nullable().optional(),
    lng: Lng.nullable().optional(),
    address: z.string().max(500).nullable().optional(),
    site: SiteName.nullable().optional().openapi({
      description: 'The name of its site; one is made where there is none of it.',
    }),
  })
  .refine(({ lat, lng }) => typeof lat === typeof lng && (lat === null) === (lng === null), {
    path: ['lat'],
    message: 'lat and lng come together',
  });

const editable = {
  name: z.string().max(200).nullable().optional(),
  location: Place.nullable().optional(),
  site_id: IdField.nullable().optional().openapi({ description: 'In place of `location.site`.' }),
  published: z.boolean().optional().openapi({ description: 'Whether drivers see it. Default false.' }),
  default_version: Version.nullable().optional().openapi({
    description: 'Assumed where the charger offers no subprotocol; null refuses such a charger.',
  }),
  ping_seconds: z.int().min(0).max(3600).nullable().optional().openapi({
    description: 'Between WebSocket pings; 0 for chargers that cannot answer pings.',
  }),
  leniency: Leniency.optional(),
  min_security_profile: z.int().min(0).max(3).optional().openapi({
    description:
      'Least OCPP security profile that the charger is taken by: 1 password, 2 password over TLS, 3 certificate.',
  }),
};

/** A site is told once. */
const oneSite = ({ location, site_id }: { location?: { site?: unknown } | null | undefined; site_id?: unknown }) =>
  site_id === undefined || location?.site === undefined;
const ONE_SITE = { path: ['site_id'], message: 'says nothing beside location.site' };

export const NewDevice = z
  .strictObject({
    identity: Identity.openapi({ example: 'BR-SP-0001' }),
    ...editable,
    security_profile: z.int().min(0).max(3).optional().openapi({
      description: 'OCPP security profile, default 1. With 0 no password is asked for.',
      default: 1,
    }),
    password: StationPassword.optional(),
  })
  .refine(oneSite, ONE_SITE)
  .openapi('NewDevice', {
    example: {
      identity: 'BR-SP-0001',
      name: 'Entrada norte',
      location: { lat: -23.5614, lng: -46.6559, address: 'Av. Paulista 1578, São Paulo', site: 'Pátio' },
    },
  });

export const DevicePatch = z
  .strictObject({
    ...editable,
    blocked: z.boolean().optional(),
    archived: z
      .literal(false)
      .optional()
      .openapi({ description: 'Brings an archived device back; it is blocked still.' }),
  })
  .refine(oneSite, ONE_SITE)
  .openapi('DevicePatch', { description: 'Absent fields stay; null clears.' });

const Flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();
const flag = (description?: string) =>
  Flag.openapi({ type: 'boolean', ...(description === undefined ? {} : { description }) });

/** Which devices; all that are given must hold. */
export const DeviceFilter = z.strictObject({
  status: Status.optional(),
  online: flag(),
  site: z.string().max(200).optional().openapi({ description: 'The name of its site.' }),
  site_id: IdField.optional(),
  group_id: IdField.optional(),
  vendor: z.string().max(200).optional(),
  model: z.string().max(200).optional(),
  firmware_version: z.string().max(200).optional(),
  ocpp_version: Version.optional(),
  published: flag(),
  archived: flag('Those in the archive, and no others.'),
  flapping: flag('Held back now because it connected too often.'),
  q: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .openapi({
      description:
        'Words of identity, name, vendor, model, serial number, address or site, all of which must be there, in whatever case ' +
        'and with or without accents. Of three letters and more anywhere, shorter ones at the beginning of a word.',
    }),
});
export const DeviceQuery = PageQuery.extend(DeviceFilter.shape);

export const RemovalQuery = z.strictObject({ running: flag('Also while a transaction runs.') });

/** What is given of a filter, in the store's words. */
export function toStationFilter(input: z.infer<typeof DeviceFilter>): StationFilter {
  const { site_id, group_id, firmware_version, ocpp_version, ...rest } = input;
  return withoutUndefined({
    ...rest,
    siteId: site_id,
    groupId: group_id,
    firmwareVersion: firmware_version,
    ocppVersion: ocpp_version,
  });
}

export const ConnectorPatch = z
  .strictObject({
    type: z.string().min(1).max(50).nullable().optional().openapi({ example: 'CCS2' }),
    max_power_w: z.int().min(0).max(10_000_000).nullable().optional(),
  })
  .openapi('ConnectorPatch', { description: 'Absent fields stay; null clears.' });

/** What is given of a patch or a new device, in the store's words. */
export function toStationPatch(input: z.infer<typeof DevicePatch>): StationPatch {
  const { name, location, default_version, blocked, ping_seconds, leniency, min_security_profile } = input;
  const { site_id, published, archived } = input;
  const place = location === null ? { lat: null, lng: null, address: null, site: null } : location;
  const given = {
    name,
    // Whoever takes the place away while they name its site by id means that site.
    ...(site_id === undefined ? place : { ...place, site: undefined }),
    siteId: site_id,
    published,
    archived,
    defaultVersion: default_version,
    blocked,
    pingSeconds: ping_seconds,
    leniency: leniency && withoutUndefined(leniency),
    minSecurityProfile: min_security_profile,
  };
  return withoutUndefined(given);
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Given<T>;
}

export function toConnector(row: ConnectorRow): z.infer<typeof Connector> {
  return {
    evse_id: row.evseId,
    connector_id: row.connectorId,
    type: row.type,
    status: row.status,
    ocpp_status: row.ocppStatus,
    error_code: row.errorCode,
    vendor_id: row.vendorId,
    vendor_error_code: row.vendorErrorCode,
    info: row.info,
    max_power_w: row.maxPowerW,
    status_at: iso(row.statusAt),
  };
}

export function toDevice(row: StationView): z.infer<typeof Device> {
  const { lat, lng, address, site, flapUntil } = row;
  const placed = lat !== null || lng !== null || address !== null || site !== null;
  return {
    id: String(row.id),
    identity: row.identity,
    name: row.name,
    vendor: row.vendor,
    model: row.model,
    serial_number: row.serialNumber,
    firmware_version: row.firmwareVersion,
    ocpp_version: row.ocppVersion,
    default_version: row.defaultVersion,
    security_profile: row.securityProfile,
    min_security_profile: row.minSecurityProfile,
    desired_security_profile: row.desiredSecurityProfile,
    rotation_pending_since: iso(row.pendingSecretAt),
    flapping:
      flapUntil !== null && flapUntil.getTime() > Date.now() ? { until: iso(flapUntil), connects: row.connects } : null,
    registration_status: row.registration,
    status: row.status,
    online: row.online,
    blocked: row.blocked,
    ping_seconds: row.pingSeconds,
    leniency: row.leniency,
    location: placed ? { lat, lng, address, site } : null,
    site_id: row.siteId === null ? null : String(row.siteId),
    published: row.published,
    archived_at: iso(row.archivedAt),
    last_seen: iso(row.lastSeen),
    booted_at: iso(row.bootedAt),
    connected_at: iso(row.connectedAt),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    connectors: row.connectors.map(toConnector),
  };
}

/** A device with its details as a shape that the database fills: the fields of {@link toDevice}, and what runs there. */
export const DEVICE_SHAPE = {
  id: 'id',
  identity: 'identity',
  name: 'name',
  vendor: 'vendor',
  model: 'model',
  serial_number: 'serialNumber',
  firmware_version: 'firmwareVersion',
  ocpp_version: 'ocppVersion',
  default_version: 'defaultVersion',
  security_profile: 'securityProfile',
  min_security_profile: 'minSecurityProfile',
  desired_security_profile: 'desiredSecurityProfile',
  rotation_pending_since: 'pendingSecretAt',
  flapping: { group: { until: 'flapUntil', connects: 'flapConnects' } },
  registration_status: 'registration',
  status: 'status',
  online: 'online',
  blocked: 'blocked',
  ping_seconds: 'pingSeconds',
  leniency: 'leniency',
  location: { group: { lat: 'lat', lng: 'lng', address: 'address', site: 'site' } },
  site_id: 'siteId',
  published: 'published',
  archived_at: 'archivedAt',
  last_seen: 'lastSeen',
  booted_at: 'bootedAt',
  connected_at: 'connectedAt',
  created_at: 'createdAt',
  updated_at: 'updatedAt',
  connectors: {
    connectors: {
      evse_id: 'evseId',
      connector_id: 'connectorId',
      type: 'type',
      status: 'status',
      ocpp_status: 'ocppStatus',
      error_code: 'errorCode',
      vendor_id: 'vendorId',
      vendor_error_code: 'vendorErrorCode',
      info: 'info',
      max_power_w: 'maxPowerW',
      status_at: 'statusAt',
    },
  },
  active_transaction_ids: 'activeTransactionIds',
} as const satisfies StationShape & Record<keyof DeviceDetail, StationShape[string]>;
