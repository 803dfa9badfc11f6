/** Tokens as their owner sees and gives them. */
import { z } from '@hono/zod-openapi';
import type { IdTokenRow } from '@sigec/store';
import { IdText, iso, listOf, Time } from './common.js';

const Name = z.string().trim().min(1).max(60);

export const OwnToken = z
  .object({
    id: IdText,
    value: z.string().openapi({ description: 'What is on the card; chargers ask for it.' }),
    kind: z.enum(['card', 'virtual']).openapi({ description: '`virtual`: of this account, for starting from afar.' }),
    name: z.string().nullable(),
    status: z.enum(['active', 'blocked']),
    blocked_by_operator: z.boolean().openapi({ description: 'Then only they unblock it.' }),
    expires_at: Time.nullable(),
    created_at: Time,
  })
  .openapi('OwnToken');

export const OwnTokenList = listOf('OwnTokenList', OwnToken);

export const NewOwnTokenBody = z
  .strictObject({
    value: z
      .string()
      .min(4)
      .max(20)
      .regex(/^[0-9A-Za-z]+$/, 'must be letters and digits')
      .optional()
      .openapi({ description: 'What a reader sees of the card. Absent: the virtual token of this account.' }),
    name: Name.optional(),
  })
  .openapi('NewOwnToken');

export const OwnTokenPatchBody = z
  .strictObject({ name: Name.nullable().optional(), status: z.enum(['active', 'blocked']).optional() })
  .openapi('OwnTokenPatch', { description: 'Absent fields stay.' });

export function toOwnToken(row: IdTokenRow): z.infer<typeof OwnToken> {
  return {
    id: String(row.id),
    value: row.value,
    kind: row.type === 'Central' ? 'virtual' : 'card',
    name: row.name,
    status: row.status,
    blocked_by_operator: row.status === 'blocked' && row.blockedBy !== row.userId,
    expires_at: iso(row.expiresAt),
    created_at: iso(row.createdAt),
  };
}
