/** Id tokens as the API shows and takes them. */
import { z } from '@hono/zod-openapi';
import type { IdTokenPatch, IdTokenRow } from '@sigec/store';
import { IdText, iso, listOf, Time, TimeInput } from './common.js';

const Status = z.enum(['active', 'blocked']);

export const IdToken = z
  .object({
    id: IdText,
    value: z.string(),
    type: z.string().nullable().openapi({ example: 'ISO14443' }),
    status: Status,
    group_id: z.string().nullable(),
    user_id: z.string().nullable(),
    expires_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('IdToken');

export const IdTokenList = listOf('IdTokenList', IdToken);

const editable = {
  type: z.string().min(1).max(20).nullable().optional(),
  status: Status.optional(),
  group_id: z.string().min(1).max(36).nullable().optional(),
  expires_at: TimeInput.nullable().optional(),
};

export const NewIdTokenBody = z
  .object({
    value: z
      .string()
      .min(1)
      .max(36)
      .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
      .openapi({ description: 'OCPP 1.6 chargers take 20 characters, 2.x 36. Case does not count.' }),
    ...editable,
  })
  .openapi('NewIdToken');

export const IdTokenPatchBody = z.object(editable).openapi('IdTokenPatch');

export function toIdTokenPatch(input: z.infer<typeof IdTokenPatchBody>): IdTokenPatch {
  const { type, status, group_id, expires_at } = input;
  return {
    ...(type === undefined ? {} : { type }),
    ...(status === undefined ? {} : { status }),
    ...(group_id === undefined ? {} : { groupId: group_id }),
    ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
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
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}
