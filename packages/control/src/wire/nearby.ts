/** Devices around a point: as staff see them, and as drivers do. */
import { z } from '@hono/zod-openapi';
import type { NearbyStation } from '@sigec/store';
import { IdText, Limit, listOf } from './common.js';
import { Connector, Device, Location, toConnector, toDevice } from './device.js';
import { Opening, toOpening } from './site.js';

const degrees = (most: number) =>
  z
    .string()
    .regex(/^-?\d{1,3}(\.\d{1,15})?$/, 'must be decimal degrees')
    .transform(Number)
    .pipe(z.number().min(-most).max(most))
    .openapi({ type: 'number', minimum: -most, maximum: most });

/** Metres. */
export const DEFAULT_RADIUS = 5000;
const MAX_RADIUS = 100_000;

export const NearbyQuery = z.strictObject({
  lat: degrees(90),
  lon: degrees(180),
  radius: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,3})?$/, 'must be metres')
    .transform(Number)
    .pipe(z.number().positive().max(MAX_RADIUS, `must be at most ${MAX_RADIUS}`))
    .optional()
    .openapi({ type: 'number', maximum: MAX_RADIUS, default: DEFAULT_RADIUS, description: 'Metres.' }),
  limit: Limit,
});

const near = {
  distance_m: z.number().openapi({ description: 'Along the great circle.' }),
  opening: Opening.nullable().openapi({ description: 'Of its site, now; null where nobody said when that is open.' }),
};

const NearbyDevice = Device.extend(near).openapi('NearbyDevice');

/** What a driver needs: how a charger comes in is nobody's business. */
const PublicDevice = z
  .object({
    ...Device.pick({ id: true, identity: true, name: true, vendor: true, model: true, status: true, online: true })
      .shape,
    location: Location.nullable(),
    site_id: IdText.nullable(),
    connectors: z.array(
      Connector.pick({ evse_id: true, connector_id: true, type: true, status: true, max_power_w: true }),
    ),
    ...near,
  })
  .openapi('PublicDevice', { description: 'A device as drivers see it.' });

export const NearbyList = listOf('NearbyDeviceList', z.union([NearbyDevice, PublicDevice]));

const tenths = (metres: number): number => Math.round(metres * 10) / 10;

function nearOf(row: NearbyStation, now: number) {
  return { distance_m: tenths(row.distanceM), opening: row.at === undefined ? null : toOpening(row.at, now) };
}

/** Where it has no place of its own it stands where its site does. */
function placed(row: NearbyStation): NearbyStation {
  if (row.at === undefined) return row;
  const { lat, lng } = row.lat === null ? row.at : row;
  return { ...row, lat, lng, address: row.address ?? row.at.address };
}

export function toNearbyDevice(row: NearbyStation, now: number): z.infer<typeof NearbyDevice> {
  return { ...toDevice(placed(row)), ...nearOf(row, now) };
}

export function toPublicDevice(row: NearbyStation, now: number): z.infer<typeof PublicDevice> {
  const { id, identity, name, vendor, model, status, online, location, site_id } = toDevice(placed(row));
  // Connector 0 of OCPP 1.6 is the whole charger (section 4.9): nobody plugs in there.
  const plugs = row.connectors.filter(({ evseId }) => evseId > 0);
  const connectors = plugs.map(toConnector).map(({ evse_id, connector_id, type, status: is, max_power_w }) => {
    return { evse_id, connector_id, type, status: is, max_power_w };
  });
  const shown = { id, identity, name, vendor, model, status, online, location, site_id, connectors };
  return { ...shown, ...nearOf(row, now) };
}
