/** Tariffs and where they hold, on the wire. Amounts and prices are minor units of the tariff's currency. */
import { z } from '@hono/zod-openapi';
import { describeTariff, MAX_BANDS, MAX_TAXES, type PriceBand, type Tariff, tariffFaults } from '@sigec/domain';
import type { TariffAssignmentRow, TariffContent, TariffRow, TariffVersionRow } from '@sigec/store';
import { ProblemError } from '../problem.js';
import { TaxBase } from './bill.js';
import { IdField, IdText, iso, listOf, PageQuery, Time } from './common.js';

const Price = z.number().min(0).openapi({ description: 'Minor units, up to three decimals.', example: 75 });
const Amount = z.int().min(0).openapi({ description: 'Minor units.', example: 200 });
const Clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
  .openapi({ example: '18:00' });
const Name = z.string().min(1).max(100).regex(/\S/, 'must not be blank');

const Band = z
  .strictObject({
    name: Name.optional().openapi({ example: 'ponta' }),
    days: z.array(z.int().min(1).max(7)).min(1).max(7).optional().openapi({ description: '1 is Monday. Absent: all.' }),
    from: Clock,
    to: Clock,
    per_kwh_minor: Price.optional(),
    per_minute_minor: Price.optional(),
    idle_per_minute_minor: Price.optional(),
  })
  .openapi('TariffBand', {
    description:
      "Prices that hold in these hours instead of the tariff's own; the first band that fits a moment counts. `to` at or " +
      'before `from` is of the next day.',
  });

const Idle = z
  .strictObject({
    per_minute_minor: Price,
    grace_minutes: z.int().min(0).max(1440).optional(),
    cap_minor: Amount.optional().openapi({ description: 'The most that idle time costs.' }),
  })
  .openapi('TariffIdle', { description: 'Of time in which the cable is in and the vehicle wants nothing any more.' });

const Tax = z
  .strictObject({ name: Name, basis_points: z.int().min(0).max(10_000).openapi({ example: 1800 }), base: TaxBase })
  .openapi('TariffTax');

const prices = {
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be three capitals of ISO 4217')
    .openapi({ example: 'BRL' }),
  per_kwh_minor: Price,
};
const optional = {
  session_fee_minor: Amount,
  per_minute_minor: Price.openapi({ description: 'Per minute of charging.' }),
  idle: Idle,
  time_zone: z.string().max(64).openapi({ description: 'Of the bands.', example: 'America/Sao_Paulo' }),
  bands: z.array(Band).min(1).max(MAX_BANDS),
  taxes: z.array(Tax).min(1).max(MAX_TAXES),
  taxes_included: z.boolean().openapi({ description: 'Whether prices hold the taxes already. Default true.' }),
  minimum_minor: Amount.openapi({ description: 'Of a session that gave energy, with its taxes.' }),
  maximum_minor: Amount,
};
type Optional = typeof optional;
type Maybe = { [K in keyof Optional]: z.ZodOptional<Optional[K]> };
type Clearable = { [K in keyof Optional]: z.ZodOptional<z.ZodNullable<Optional[K]>> };
const each = <T>(wrap: (schema: z.ZodType) => z.ZodType): T =>
  Object.fromEntries(Object.entries(optional).map(([key, schema]) => [key, wrap(schema)])) as T;

const Terms = z.object({ ...prices, ...each<Maybe>((schema) => schema.optional()) });
type Terms = z.infer<typeof Terms>;

export const NewTariffBody = Terms.extend({ name: Name.openapi({ example: 'Rua' }) })
  .strict()
  .openapi('NewTariff');
export const TariffPatchBody = z
  .strictObject({
    name: Name.optional(),
    currency: prices.currency.optional(),
    per_kwh_minor: prices.per_kwh_minor.optional(),
    ...each<Clearable>((schema) => schema.nullable().optional()),
  })
  .openapi('TariffPatch');

export const TariffWords = z
  .object({ pt_br: z.string(), en: z.string() })
  .openapi('TariffDescription', { description: 'The tariff in words, for drivers.' });

export const TariffShown = Terms.extend({
  id: IdText,
  name: z.string(),
  version: z.int(),
  status: z.enum(['active', 'archived']),
  description: TariffWords,
  created_at: Time,
  updated_at: Time,
}).openapi('Tariff');
export const TariffList = listOf('TariffList', TariffShown);
export const TariffQuery = PageQuery.extend({ archived: z.enum(['true', 'false']).optional() });

export const TariffVersion = z
  .object({
    version: z.int(),
    terms: Terms,
    description: TariffWords,
    made_by: z.string().nullable(),
    created_at: Time,
  })
  .openapi('TariffVersion');
export const TariffVersionList = listOf('TariffVersionList', TariffVersion);

/** What holds somewhere: one that was made, or the built-in one, which has no id. */
export const EffectiveTariff = Terms.extend({
  id: IdText.nullable(),
  version: z.int().nullable(),
  name: z.string().nullable(),
  description: TariffWords,
}).openapi('EffectiveTariff');
const EvseQuery = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a whole number')
  .transform(Number)
  .optional()
  .openapi({ type: 'integer', minimum: 0, description: '0, or absent: the device, where no EVSE has its own.' });
export const EffectiveQuery = z.strictObject({ evse_id: EvseQuery });
export const TariffPlaceQuery = z.strictObject({ device_id: IdField.optional(), evse_id: EvseQuery });

export const TariffAssignmentBody = z
  .strictObject({
    tariff_id: IdField,
    device_id: IdField.optional(),
    evse_id: z.int().min(1).max(65_535).optional(),
  })
  .refine((place) => place.evse_id === undefined || place.device_id !== undefined, {
    path: ['device_id'],
    message: 'must be given with evse_id',
  })
  .openapi('TariffAssignmentRequest', { description: 'Without a device it is the default of the tenant.' });

export const TariffAssignment = z
  .object({
    id: IdText,
    tariff_id: IdText,
    device_id: IdText.nullable(),
    evse_id: z.int().nullable(),
    updated_at: Time,
  })
  .openapi('TariffAssignment');
export const TariffAssignmentList = listOf('TariffAssignmentList', TariffAssignment);
export const TariffAssignmentQuery = PageQuery.extend({
  tariff_id: IdField.optional(),
  device_id: IdField.optional(),
});

/** Leaves out what is undefined, which a snapshot does not carry. */
const told = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as T;

/**
 * Terms as the domain has them.
 * @throws {ProblemError} `validation`, which names the fields
 */
export function toContent(terms: Terms): TariffContent {
  const content = told({
    currency: terms.currency,
    perKwhMinor: terms.per_kwh_minor,
    sessionFeeMinor: terms.session_fee_minor,
    perMinuteMinor: terms.per_minute_minor,
    idle:
      terms.idle &&
      told({
        perMinuteMinor: terms.idle.per_minute_minor,
        graceMinutes: terms.idle.grace_minutes,
        capMinor: terms.idle.cap_minor,
      }),
    timeZone: terms.time_zone,
    bands: terms.bands?.map(
      ({ name, days, from, to, ...band }): PriceBand =>
        told({
          ...{ name, days, from, to },
          perKwhMinor: band.per_kwh_minor,
          perMinuteMinor: band.per_minute_minor,
          idlePerMinuteMinor: band.idle_per_minute_minor,
        }),
    ),
    taxes: terms.taxes?.map(({ name, basis_points, base }) => told({ name, basisPoints: basis_points, base })),
    taxesIncluded: terms.taxes_included,
    minimumMinor: terms.minimum_minor,
    maximumMinor: terms.maximum_minor,
  });
  const faults = tariffFaults(content);
  if (faults.length > 0)
    throw new ProblemError('validation', {
      errors: faults.map(({ field, message }) => ({ field: snake(field), message })),
    });
  return content;
}

const snake = (field: string): string => field.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

export function toTerms(tariff: TariffContent): Terms {
  return told({
    currency: tariff.currency,
    per_kwh_minor: tariff.perKwhMinor,
    session_fee_minor: tariff.sessionFeeMinor,
    per_minute_minor: tariff.perMinuteMinor,
    idle:
      tariff.idle &&
      told({
        per_minute_minor: tariff.idle.perMinuteMinor,
        grace_minutes: tariff.idle.graceMinutes,
        cap_minor: tariff.idle.capMinor,
      }),
    time_zone: tariff.timeZone,
    bands: tariff.bands?.map(({ name, days, from, to, ...band }) =>
      told({
        ...{ name, days: days === undefined ? undefined : [...days], from, to },
        per_kwh_minor: band.perKwhMinor,
        per_minute_minor: band.perMinuteMinor,
        idle_per_minute_minor: band.idlePerMinuteMinor,
      }),
    ),
    taxes: tariff.taxes?.map(({ name, basisPoints, base }) => told({ name, basis_points: basisPoints, base })),
    taxes_included: tariff.taxesIncluded,
    minimum_minor: tariff.minimumMinor,
    maximum_minor: tariff.maximumMinor,
  });
}

/** What stays, with what is given laid over it; null clears. */
export function patched(tariff: TariffContent, patch: z.infer<typeof TariffPatchBody>): TariffContent {
  const { name: _name, ...terms } = patch;
  const given = Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined));
  return toContent({ ...toTerms(tariff), ...given } as Terms);
}

export function wordsOf(tariff: Tariff): z.infer<typeof TariffWords> {
  const { pt, en } = describeTariff(tariff);
  return { pt_br: pt, en };
}

export function toTariff(row: TariffRow): z.infer<typeof TariffShown> {
  const { id, name, version, status, content, createdAt, updatedAt } = row;
  return {
    ...{ id: String(id), name, version, status },
    ...toTerms(content),
    description: wordsOf(content),
    created_at: iso(createdAt),
    updated_at: iso(updatedAt),
  };
}

export function toTariffVersion(row: TariffVersionRow): z.infer<typeof TariffVersion> {
  const { version, content, madeBy, createdAt } = row;
  return {
    version,
    terms: toTerms(content),
    description: wordsOf(content),
    made_by: madeBy,
    created_at: iso(createdAt),
  };
}

export function toEffective(tariff: Tariff): z.infer<typeof EffectiveTariff> {
  const { id, version = null, name = null } = tariff;
  return {
    ...{ id: id === undefined ? null : String(id), version, name },
    ...toTerms(tariff),
    description: wordsOf(tariff),
  };
}

export function toAssignment(row: TariffAssignmentRow): z.infer<typeof TariffAssignment> {
  return {
    id: String(row.id),
    tariff_id: String(row.tariffId),
    device_id: row.stationId === null ? null : String(row.stationId),
    evse_id: row.evseId === 0 ? null : row.evseId,
    updated_at: iso(row.updatedAt),
  };
}
