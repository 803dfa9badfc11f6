/** Grants as the API shows and takes them. */
import { z } from '@hono/zod-openapi';
import type { GrantRow } from '@sigec/store';
import { GRANT_SET_NAMES } from '../auth/permissions.js';
import { ID, IdField, IdText, iso, listOf, PageQuery, Time } from './common.js';

const SetName = z
  .enum(GRANT_SET_NAMES)
  .openapi({ description: 'A named set of permissions; which they are: docs/permissions.md.', example: 'attendant' });
const Place = z.object({ id: IdText, name: z.string() }).nullable();

export const Grant = z
  .object({
    id: IdText,
    user_id: z.uuid(),
    // What a newer process knows is shown as it is.
    set: z.string().openapi({ example: 'attendant' }),
    site: Place.openapi({ description: 'Where it holds; null where that is a group.' }),
    group: Place.openapi({ description: 'Whose stations it holds at; null where it holds at a site.' }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Grant');
export const GrantList = listOf('GrantList', Grant);

export const GrantParam = z.object({
  grant_id: z
    .string()
    .regex(ID, 'must be the digits of a positive whole number')
    .transform(Number)
    .refine(Number.isSafeInteger, 'is too large')
    .openapi({ param: { name: 'grant_id', in: 'path' }, type: 'string', example: '42' }),
});

export const GrantsQuery = PageQuery.extend({
  user_id: z.uuid('must be a UUID').optional(),
  site_id: IdField.optional(),
  group_id: IdField.optional(),
});

export const NewGrantBody = z
  .strictObject({
    user_id: z.uuid('must be a UUID'),
    site_id: IdField.optional(),
    group_id: IdField.optional(),
    set: SetName,
  })
  .refine(({ site_id, group_id }) => (site_id === undefined) !== (group_id === undefined), {
    path: ['site_id'],
    message: 'must be given, or group_id instead',
  })
  .openapi('NewGrant', { description: 'At a site, or at the stations of a group: one of the two.' });

export const GrantPatchBody = z.strictObject({ set: SetName }).openapi('GrantPatch');

const place = (id: number | null, name: string | null) => (id === null ? null : { id: String(id), name: name ?? '' });

export function toGrant(row: GrantRow): z.infer<typeof Grant> {
  return {
    id: String(row.id),
    user_id: row.userId,
    set: row.permissionSet,
    site: place(row.siteId, row.site),
    group: place(row.groupId, row.group),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}
