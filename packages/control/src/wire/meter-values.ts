/** What meters told, on the wire: as the charger measured it, in its own units. */
import { z } from '@hono/zod-openapi';
import { type MeterPlace, type MeterValueRow, type Page, placeAfter } from '@sigec/store';
import { EvseId } from './charging.js';
import { iso, listOf, PageQuery, Time, TimeInput } from './common.js';
import { readCursor, writeCursor } from './cursor.js';

const Sample = z.object({
  measurand: z.string().openapi({ example: 'Energy.Active.Import.Register' }),
  phase: z.string().nullable(),
  context: z.string().nullable().openapi({ example: 'Sample.Periodic' }),
  location: z.string().nullable(),
  unit: z.string().nullable().openapi({ example: 'Wh' }),
  value: z.number().nullable().openapi({ description: 'null where the charger sent no number.' }),
  raw: z.string().nullable().openapi({ description: 'Signed meter data, or what is no number, as it came.' }),
  signed: z
    .object({ method: z.string().nullable(), encoding: z.string(), public_key: z.string().nullable() })
    .nullable()
    .openapi({ description: 'OCPP 2.x: how `raw` was signed.' }),
});

const MeterValue = z
  .object({
    at: Time,
    received_at: Time,
    evse_id: z.int().openapi({ description: '0 is the main meter.' }),
    connector_id: z.int(),
    samples: z.array(Sample),
  })
  .openapi('MeterValue');
export const MeterValueList = listOf('MeterValueList', MeterValue);

export const MeterQuery = PageQuery.extend({
  from: TimeInput.optional().openapi({ description: 'Sampled at or after.' }),
  to: TimeInput.optional().openapi({ description: 'Sampled before.' }),
});
export const StationMeterQuery = MeterQuery.extend({ evse_id: EvseId.optional() });

function toMeterValue(row: MeterValueRow): z.infer<typeof MeterValue> {
  return {
    at: iso(row.sampledAt),
    received_at: iso(row.receivedAt),
    evse_id: row.evseId,
    connector_id: row.connectorId,
    samples: row.samples.map(({ measurand = '', phase, context, location, unit, value, raw, signed }) => ({
      measurand,
      phase: phase ?? null,
      context: context ?? null,
      location: location ?? null,
      unit: unit ?? null,
      value: value ?? null,
      raw: raw ?? null,
      signed: signed
        ? { method: signed.method ?? null, encoding: signed.encoding, public_key: signed.publicKey ?? null }
        : null,
    })),
  };
}

/** @throws {ProblemError} `invalid-cursor` */
export function readPlace(kind: string, cursor: string | undefined): MeterPlace | undefined {
  const [atMicros, given] = readCursor(kind, 2, cursor) ?? [];
  return atMicros === undefined || given === undefined ? undefined : { atMicros, given: Math.max(0, given) };
}

export function toMeterValues(
  { items, more }: Page<MeterValueRow>,
  kind: string,
  after: MeterPlace | undefined,
): z.infer<typeof MeterValueList> {
  const place = more ? placeAfter(items, after) : undefined;
  return {
    items: items.map(toMeterValue),
    next_cursor: place === undefined ? null : writeCursor(kind, [place.atMicros, place.given]),
  };
}
