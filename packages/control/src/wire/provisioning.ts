/** What operators want variables to be, and how the provisioning of a device went, on the wire. */
import { z } from '@hono/zod-openapi';
import { isSecretName } from '@sigec/ocpp';
import {
  type EffectiveSetting,
  type ProvisioningRow,
  pathOf,
  type SettingRow,
  type VariableRow,
  type WantedSetting,
} from '@sigec/store';
import { iso, listOf, Time } from './common.js';
import { Named, toName } from './device-model.js';

type SettingOutcome = ProvisioningRow['applied'][number];

const Name = z.string().max(50);
const Place = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .nullable()
  .optional();

const Wanted = z
  .strictObject({
    component: Name.optional().openapi({ description: 'Left out for a configuration key of OCPP 1.6.' }),
    component_instance: Name.nullable().optional(),
    evse_id: Place,
    connector_id: Place,
    variable: Name.min(1).refine((name) => !isSecretName(name), {
      error: 'is a secret: passwords are changed by credentials/rotate',
    }),
    variable_instance: Name.nullable().optional(),
    value: z.string().max(2500),
  })
  .openapi('WantedSetting');

const MAX_SETTINGS = 500;

export const DeviceSettingsBody = z
  .strictObject({ items: z.array(Wanted).max(MAX_SETTINGS) })
  .openapi('DeviceSettingsRequest', { description: 'Takes the place of all that was wanted before.' });

export const SettingsBody = z
  .strictObject({
    ...DeviceSettingsBody.shape,
    vendor: z.string().min(1).max(50).optional().openapi({ description: 'Only for chargers of this vendor.' }),
    model: z.string().min(1).max(50).optional().openapi({ description: 'Only for this model of the vendor.' }),
  })
  .refine(({ vendor, model }) => model === undefined || vendor !== undefined, {
    path: ['vendor'],
    error: 'must be given with model',
  })
  .openapi('SettingsRequest');

export function toWanted(input: z.infer<typeof Wanted>): WantedSetting {
  return {
    component: input.component ?? '',
    componentInstance: input.component_instance ?? null,
    evseId: input.evse_id ?? null,
    connectorId: input.connector_id ?? null,
    variable: input.variable,
    variableInstance: input.variable_instance ?? null,
    value: input.value,
  };
}

export const Setting = Named.extend({
  vendor: z.string().nullable(),
  model: z.string().nullable(),
  value: z.string(),
  updated_at: Time,
}).openapi('Setting');

export const SettingList = listOf('SettingList', Setting);

export const toSetting = (row: SettingRow): z.infer<typeof Setting> => ({
  ...toName(row),
  vendor: row.vendor,
  model: row.model,
  value: row.value,
  updated_at: iso(row.updatedAt),
});

export const DeviceSetting = Named.extend({
  value: z.string(),
  source: z.enum(['device', 'model', 'vendor', 'tenant']).openapi({ description: 'Who wants it; the nearer wins.' }),
  actual: z.string().nullable().openapi({ description: 'What is known of the device; null where nothing is.' }),
  mutability: z.enum(['ReadOnly', 'WriteOnly', 'ReadWrite']).nullable(),
}).openapi('DeviceSetting');

export const DeviceSettings = z.object({ items: z.array(DeviceSetting) }).openapi('DeviceSettings');

export function toDeviceSettings(
  wanted: readonly EffectiveSetting[],
  known: ReadonlyMap<string, Pick<VariableRow, 'value' | 'mutability'>>,
): z.infer<typeof DeviceSettings> {
  const items = wanted.map((row) => {
    const { value: actual = null, mutability = null } = known.get(pathOf(row)) ?? {};
    return { ...toName(row), value: row.value, source: row.source, actual, mutability };
  });
  return { items };
}

const Outcome = Named.extend({
  value: z.string(),
  status: z.string().openapi({ description: "The charger's word.", example: 'Rejected' }),
}).openapi('SettingOutcome');

export const Provisioning = z
  .object({
    state: z.enum(['none', 'queued', 'reporting', 'applying', 'done', 'failed']).openapi({
      description: '`done` and `failed` are its end; `none`: the device has not booted yet.',
    }),
    request_id: z.int().nullable().openapi({ description: 'Of its report, see `/devices/{id}/requests`.' }),
    attempts: z.int(),
    detail: z.string().nullable().openapi({ description: 'What stood in its way.' }),
    applied: z.array(Outcome),
    refused: z.array(Outcome),
    reboot_required: z.boolean(),
    created_at: Time.nullable(),
    started_at: Time.nullable(),
    updated_at: Time.nullable(),
    ended_at: Time.nullable(),
  })
  .openapi('Provisioning');

const toOutcome = (row: SettingOutcome): z.infer<typeof Outcome> => ({
  ...toName(row),
  value: row.value,
  status: row.status,
});

export function toProvisioning(row: ProvisioningRow | undefined): z.infer<typeof Provisioning> {
  return {
    state: row?.state ?? 'none',
    request_id: row?.requestId ?? null,
    attempts: row?.attempts ?? 0,
    detail: row?.detail ?? null,
    applied: (row?.applied ?? []).map(toOutcome),
    refused: (row?.refused ?? []).map(toOutcome),
    reboot_required: row?.rebootRequired ?? false,
    created_at: iso(row?.createdAt ?? null),
    started_at: iso(row?.startedAt ?? null),
    updated_at: iso(row?.updatedAt ?? null),
    ended_at: iso(row?.endedAt ?? null),
  };
}
