/** Groups of devices as the API shows and takes them. */
import { z } from '@hono/zod-openapi';
import type { GroupPatch, GroupView } from '@sigec/store';
import { IdField, IdParam, IdText, iso, listOf, Time } from './common.js';
import { SiteName } from './site.js';

export const Group = z
  .object({
    id: IdText,
    name: z.string(),
    description: z.string().nullable(),
    devices: z.int().openapi({ description: 'How many are in it, archived ones not counted.' }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('DeviceGroup');

export const GroupList = listOf('DeviceGroupList', Group);

const Description = z.string().max(1000).nullable().optional();

export const NewGroupBody = z.strictObject({ name: SiteName, description: Description }).openapi('NewDeviceGroup');

export const GroupPatchBody = z
  .strictObject({ name: SiteName.optional(), description: Description })
  .openapi('DeviceGroupPatch', { description: 'Absent fields stay; null clears.' });

/** Devices of one request. */
const MAX_MEMBERS = 1000;

export const MembersBody = z
  .strictObject({ device_ids: z.array(IdField).min(1).max(MAX_MEMBERS) })
  .openapi('DeviceGroupMembers');

export const MembersAdded = z
  .object({ added: z.int().openapi({ description: 'How many were not in it before.' }), group: Group })
  .openapi('DeviceGroupMembersAdded');

export const MemberParam = IdParam.extend({
  device_id: IdField.openapi({ param: { name: 'device_id', in: 'path' }, type: 'string' }),
});

/** What is given of it, in the store's words. */
export function toGroupPatch<T extends z.infer<typeof GroupPatchBody>>(input: T): GroupPatch & Pick<T, 'name'> {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as GroupPatch & Pick<T, 'name'>;
}

export function toGroup(row: GroupView): z.infer<typeof Group> {
  return {
    id: String(row.id),
    name: row.name,
    description: row.description,
    devices: row.stations,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}
