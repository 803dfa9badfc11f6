/** Keys of machines as the API shows and takes them. */
import { z } from '@hono/zod-openapi';
import type { ApiKeyRow } from '@sigec/store';
import { type Permission, SCOPES } from '../auth/permissions.js';
import { IdText, iso, listOf, Time, TimeInput } from './common.js';

const Scope = z.enum(SCOPES as [Permission, ...Permission[]]);

const fields = {
  id: IdText,
  name: z.string(),
  hint: z.string().openapi({ description: 'How it begins.', example: 'sk_4fK9aB' }),
  scopes: z.array(z.string()).openapi({ description: 'What it may do, as far as the role of its maker goes.' }),
  created_by: z.string(),
  expires_at: Time.nullable(),
  last_used_at: Time.nullable().openapi({ description: 'To the minute.' }),
  revoked_at: Time.nullable(),
  created_at: Time,
};

export const ApiKey = z.object(fields).openapi('ApiKey');
export const ApiKeyList = listOf('ApiKeyList', ApiKey);

export const NewApiKey = z
  .object({
    ...fields,
    key: z.string().openapi({ description: 'Shown once. For the Authorization header, as Bearer.' }),
  })
  .openapi('NewApiKey');

export const NewApiKeyBody = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(Scope).min(1).max(SCOPES.length),
    expires_at: TimeInput.refine((at) => at.getTime() > Date.now(), 'must be to come')
      .nullable()
      .optional()
      .openapi({ description: 'Absent or null: until it is revoked.' }),
  })
  .openapi('NewApiKeyRequest');

export function toApiKey(row: ApiKeyRow): z.infer<typeof ApiKey> {
  return {
    id: String(row.id),
    name: row.name,
    hint: row.hint,
    scopes: row.scopes,
    created_by: row.userId,
    expires_at: iso(row.expiresAt),
    last_used_at: iso(row.lastUsedAt),
    revoked_at: iso(row.revokedAt),
    created_at: iso(row.createdAt),
  };
}
