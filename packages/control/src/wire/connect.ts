/** Codes on stations, and what they stand for. */
import { z } from '@hono/zod-openapi';
import type { Tariff } from '@sigec/domain';
import type { ConnectCodeRow, ConnectPlace } from '@sigec/store';
import { IdText, iso, Time } from './common.js';
import { EffectiveTariff, toEffective } from './tariff.js';

/** As people type it: the store knows which letters are which. */
export const Code = z
  .string()
  .min(10)
  .max(20)
  .regex(/^[0-9A-Za-z\s-]+$/, 'must be letters and digits');

export const CodeParam = z.object({
  code: Code.openapi({ param: { name: 'code', in: 'path' }, example: '7K3MPX9QRT' }),
});

export const ConnectCode = z
  .object({
    code: z.string().openapi({ example: '7K3MPX9QRT' }),
    evse_id: z.int(),
    connector_id: z.int(),
    qr_text: z.string().openapi({
      description: 'What the QR code says: the address of its page, or the code alone where no public address is set.',
    }),
    created_at: Time,
  })
  .openapi('ConnectCode');

export const ConnectCodes = z
  .object({ items: z.array(ConnectCode), next_cursor: z.null() })
  .openapi('ConnectCodes', { description: 'All of the device.' });

export const RotateBody = z
  .strictObject({ evse_id: z.int().min(1).max(65_535), connector_id: z.int().min(1).max(65_535).optional() })
  .openapi('ConnectCodeRotation', { description: 'connector_id: default 1.' });

export const Connector = z
  .object({
    code: z.string(),
    operator: z.string(),
    device_id: IdText,
    name: z.string().nullable(),
    site: z.string().nullable(),
    address: z.string().nullable(),
    evse_id: z.int(),
    connector_id: z.int(),
    type: z.string().nullable(),
    max_power_w: z.int().nullable(),
    online: z.boolean(),
    status: z
      .enum(['Available', 'Occupied', 'Faulted', 'Unavailable'])
      .openapi({ description: 'Occupied is also one whose cable is plugged in and waits for a start.' }),
    tariff: EffectiveTariff.openapi({ description: 'Of a session that begins now.' }),
  })
  .openapi('ConnectPlace');

export function toConnectCode({ code, evseId, connectorId, createdAt }: ConnectCodeRow, publicUrl: string | undefined) {
  return {
    code,
    evse_id: evseId,
    connector_id: connectorId,
    qr_text: publicUrl === undefined ? code : new URL(`/connect/${code}`, publicUrl).toString(),
    created_at: iso(createdAt),
  };
}

export function toConnector(place: ConnectPlace, tariff: Tariff): z.infer<typeof Connector> {
  const { code, operator, name, site, address, type, online } = place;
  return {
    ...{ code, operator, name, site, address, type, online },
    device_id: String(place.stationId),
    evse_id: place.evseId,
    connector_id: place.connectorId,
    max_power_w: place.maxPowerW,
    // What was heard last of a station that is away is not what there is.
    status: online ? place.status : 'Unavailable',
    tariff: toEffective(tariff),
  };
}
