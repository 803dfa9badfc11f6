/** Id tokens as the API shows and takes them. */
import { z } from '@hono/zod-openapi';
import { isTimeZone, type TokenLimits } from '@sigec/domain';
import type { IdTokenPatch, IdTokenRow } from '@sigec/store';
import { ID, IdText, iso, listOf, PageQuery, Time, TimeInput } from './common.js';

const Status = z.enum(['active', 'blocked']);

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM');

const Limits = z
  .strictObject({
    device_ids: z
      .array(z.string().regex(ID, 'must be the digits of a positive whole number'))
      .min(1)
      .max(500)
      .optional()
      .openapi({ description: 'It may be used at these devices, and at those of `sites`.' }),
    sites: z.array(z.string().min(1).max(200)).min(1).max(200).optional(),
    connector_types: z
      .array(z.string().min(1).max(50))
      .min(1)
      .max(20)
      .optional()
      .openapi({ description: 'As at the connectors of the device.' }),
    hours: z
      .array(z.strictObject({ days: z.array(z.int().min(1).max(7)).min(1).max(7).optional(), from: Clock, to: Clock }))
      .min(1)
      .max(50)
      .optional()
      .openapi({ description: 'Days: 1 is Monday. `to` at or before `from` is of the next day.' }),
    time_zone: z.string().max(64).refine(isTimeZone, 'is not a time zone').optional().openapi({
      description: 'Of the hours. Default America/Sao_Paulo.',
    }),
  })
  .openapi('IdTokenLimits', { description: 'What is absent does not limit.' });

export const IdToken = z
  .object({
    id: IdText,
    value: z.string(),
    type: z.string().nullable().openapi({ example: 'ISO14443' }),
    status: Status,
    group_id: z.string().nullable(),
    user_id: z.string().nullable(),
    expires_at: Time.nullable(),
    max_concurrent: z.int().nullable().openapi({ description: 'Most transactions at once; null: any number.' }),
    limits: Limits.nullable(),
    name: z.string().nullable().openapi({ description: 'What its owner calls it.' }),
    local_list: z.boolean().openapi({ description: 'Whether chargers may be told of it beforehand.' }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('IdToken');

export const IdTokenQuery = PageQuery.extend({
  user_id: z.uuid('must be a UUID').optional(),
  group_id: z.string().min(1).max(36).optional(),
  value: z.string().min(1).max(36).optional().openapi({ description: 'The one of this value. Case does not count.' }),
});

export const IdTokenList = listOf('IdTokenList', IdToken);

const editable = {
  type: z.string().min(1).max(20).nullable().optional(),
  status: Status.optional(),
  group_id: z.string().min(1).max(36).nullable().optional(),
  expires_at: TimeInput.nullable().optional(),
  max_concurrent: z.int().min(1).max(1000).nullable().optional(),
  limits: Limits.nullable().optional(),
  local_list: z.boolean().optional(),
  user_id: z
    .uuid('must be a UUID')
    .nullable()
    .optional()
    .openapi({ description: 'Whose it is: their charging is theirs to see.' }),
};

export const NewIdTokenBody = z
  .strictObject({
    value: z
      .string()
      .min(1)
      .max(36)
      .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
      .openapi({ description: 'OCPP 1.6 chargers take 20 characters, 2.x 36. Case does not count.' }),
    ...editable,
  })
  .openapi('NewIdToken');

export const IdTokenPatchBody = z.strictObject(editable).openapi('IdTokenPatch');

/** Leaves out what is undefined, which a document cannot hold. */
const told = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

function toLimits(input: z.infer<typeof Limits>): TokenLimits {
  return told({
    stations: input.device_ids?.map(Number),
    sites: input.sites,
    connectorTypes: input.connector_types,
    hours: input.hours,
    timeZone: input.time_zone,
  });
}

function fromLimits(limits: TokenLimits): z.infer<typeof Limits> {
  return told({
    device_ids: limits.stations?.map(String),
    sites: limits.sites && [...limits.sites],
    connector_types: limits.connectorTypes && [...limits.connectorTypes],
    hours: limits.hours?.map(({ days, ...hours }) => told({ ...hours, days: days && [...days] })),
    time_zone: limits.timeZone,
  });
}

export function toIdTokenPatch(input: z.infer<typeof IdTokenPatchBody>): IdTokenPatch {
  const { type, status, group_id, expires_at, max_concurrent, limits, local_list, user_id } = input;
  return {
    ...(type === undefined ? {} : { type }),
    ...(status === undefined ? {} : { status }),
    ...(group_id === undefined ? {} : { groupId: group_id }),
    ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
    ...(max_concurrent === undefined ? {} : { maxConcurrent: max_concurrent }),
    ...(limits === undefined ? {} : { limits: limits === null ? null : toLimits(limits) }),
    ...(local_list === undefined ? {} : { localList: local_list }),
    ...(user_id === undefined ? {} : { userId: user_id }),
  };
}

export function toIdToken(row: IdTokenRow): z.infer<typeof IdToken> {
  return {
    id: String(row.id),
    value: row.value,
    type: row.type,
    status: row.status,
    group_id: row.groupId,
    user_id: row.userId,
    expires_at: iso(row.expiresAt),
    max_concurrent: row.maxConcurrent,
    limits: row.limits === null ? null : fromLimits(row.limits),
    name: row.name,
    local_list: row.localList,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}
