/** External limits, vehicles, abilities, dynamic values and signals of the grid, on the wire. */
import { z } from '@hono/zod-openapi';
import type {
  AbilityPatch,
  AfrrSignalRow,
  ChargingAbilityRow,
  ChargingLimitRow,
  DynamicScheduleRow,
  EvChargingRow,
} from '@sigec/store';
import { EvseId, Schedule, toSchedule } from './charging.js';
import { IdParam, IdText, iso, Limit, listOf, Time } from './common.js';

const at = (ms: number): string => iso(new Date(ms));
const maybe = (ms: number | null): string | null => (ms === null ? null : at(ms));

const ChargingLimit = z
  .object({
    evse_id: z.int().openapi({ description: '0 is the whole device.' }),
    source: z.string().openapi({ example: 'EMS' }),
    grid_critical: z.boolean().nullable(),
    local_generation: z.boolean().nullable(),
    schedules: z.array(Schedule),
    received_at: Time,
  })
  .openapi('DeviceChargingLimit');
export const ChargingLimitList = listOf('DeviceChargingLimitList', ChargingLimit);

export const toLimit = (row: ChargingLimitRow): z.infer<typeof ChargingLimit> => ({
  evse_id: row.evseId,
  source: row.source,
  grid_critical: row.gridCritical,
  local_generation: row.localGeneration,
  schedules: row.schedules.map(toSchedule),
  received_at: iso(row.receivedAt),
});

export const EvQuery = z.strictObject({ evse_id: EvseId.optional(), limit: Limit });

const EvCharging = z
  .object({
    evse_id: z.int().nullable(),
    transaction_id: IdText.nullable(),
    ocpp_transaction_id: z.string().nullable(),
    at: Time,
    needs: z
      .object({
        requested_energy_transfer: z.string().openapi({ example: 'DC' }),
        control_mode: z.string().nullable(),
        mobility_needs_mode: z.string().nullable(),
        departure_at: Time.nullable(),
        max_power_w: z.number().nullable().openapi({ description: 'What the vehicle can take.' }),
        max_schedule_tuples: z.int().nullable(),
        parameters: z
          .record(z.string(), z.unknown())
          .openapi({ description: 'ChargingNeedsType of the specification.' }),
        answer: z.string().openapi({ example: 'Accepted' }),
        answer_reason: z.string().nullable(),
        plan: z.enum(['none', 'due', 'sent', 'failed']).openapi({
          description: 'Whether the profile that was promised was sent.',
        }),
        plan_detail: z.string().nullable(),
        received_at: Time,
      })
      .nullable(),
    schedule: z
      .object({
        time_base: Time,
        schedule: Schedule,
        selected_schedule_id: z.int().nullable(),
        power_tolerance_accepted: z.boolean().nullable(),
        answer: z.string(),
        received_at: Time,
      })
      .nullable()
      .openapi({ description: 'What the vehicle means to do.' }),
    priority: z
      .object({
        active: z.boolean(),
        source: z.enum(['station', 'csms']),
        answer: z.string().nullable(),
        changed_at: Time,
      })
      .nullable(),
    allowed_energy_transfer: z.object({ modes: z.array(z.string()), answer: z.string(), changed_at: Time }).nullable(),
  })
  .openapi('DeviceEvCharging');
export const EvChargingList = z
  .object({ items: z.array(EvCharging) })
  .openapi('DeviceEvChargingList', { description: 'The newest, by EVSE and transaction.' });

export const toEvCharging = (row: EvChargingRow): z.infer<typeof EvCharging> => ({
  evse_id: row.evseId,
  transaction_id: row.transactionId === null ? null : String(row.transactionId),
  ocpp_transaction_id: row.ocppTransactionId === '' ? null : row.ocppTransactionId,
  at: at(row.at),
  needs: row.needs && {
    requested_energy_transfer: row.needs.transfer,
    control_mode: row.needs.controlMode,
    mobility_needs_mode: row.needs.mobilityMode,
    departure_at: maybe(row.needs.departureAt),
    max_power_w: row.needs.maxPowerW,
    max_schedule_tuples: row.needs.maxScheduleTuples,
    parameters: { ...row.needs.needs },
    answer: row.needs.answer,
    answer_reason: row.needs.answerReason,
    plan: row.needs.plan,
    plan_detail: row.needs.planDetail,
    received_at: at(row.needs.receivedAt),
  },
  schedule: row.schedule && {
    time_base: at(row.schedule.timeBase),
    schedule: toSchedule(row.schedule.schedule),
    selected_schedule_id: row.schedule.selectedScheduleId,
    power_tolerance_accepted: row.schedule.toleranceAccepted,
    answer: row.schedule.answer,
    received_at: at(row.schedule.receivedAt),
  },
  priority: row.priority && {
    active: row.priority.active,
    source: row.priority.source,
    answer: row.priority.answer,
    changed_at: at(row.priority.changedAt),
  },
  allowed_energy_transfer: row.allowed && {
    modes: [...row.allowed.modes],
    answer: row.allowed.answer,
    changed_at: at(row.allowed.changedAt),
  },
});

const positive = (most: number) => z.int().min(1).max(most).nullable().optional();
const ability = {
  max_power_w: positive(10_000_000),
  max_current_a: z.number().positive().max(100_000).nullable().optional(),
  phases: z.int().min(1).max(3).nullable().optional().openapi({ description: 'Absent for DC.' }),
  voltage_v: positive(10_000).openapi({ description: 'Between phase and neutral. Default 230.' }),
  max_stack_level: z.int().min(0).max(1_000_000).nullable().optional(),
  max_periods: positive(100_000),
  units: z
    .array(z.enum(['A', 'W']))
    .min(1)
    .max(2)
    .nullable()
    .optional(),
};
export const AbilityParam = IdParam.extend({
  evse_id: EvseId.openapi({ param: { name: 'evse_id', in: 'path' }, type: 'integer' }),
});
export const AbilityBody = z.strictObject(ability).openapi('ChargingAbilityRequest');
const Ability = z.object({ evse_id: z.int(), ...ability, updated_at: Time }).openapi('DeviceChargingAbility');
export const AbilityList = z.object({ items: z.array(Ability) }).openapi('DeviceChargingAbilityList');
export { Ability };

export const readAbility = (body: z.infer<typeof AbilityBody>): AbilityPatch => ({
  maxPowerW: body.max_power_w ?? null,
  maxCurrentA: body.max_current_a ?? null,
  phases: body.phases ?? null,
  voltageV: body.voltage_v ?? null,
  maxStackLevel: body.max_stack_level ?? null,
  maxPeriods: body.max_periods ?? null,
  units: body.units?.join(',') ?? null,
});

export const toAbility = (row: ChargingAbilityRow): z.infer<typeof Ability> => ({
  evse_id: row.evseId,
  max_power_w: row.maxPowerW,
  max_current_a: row.maxCurrentA,
  phases: row.phases,
  voltage_v: row.voltageV,
  max_stack_level: row.maxStackLevel,
  max_periods: row.maxPeriods,
  units: row.units === null ? null : (row.units.split(',') as ('A' | 'W')[]),
  updated_at: iso(row.updatedAt),
});

const value = z.number().optional();
export const DynamicBody = z
  .strictObject({
    ...{ limit: z.number().min(0).optional(), limit_L2: value, limit_L3: value },
    ...{ dischargeLimit: value, dischargeLimit_L2: value, dischargeLimit_L3: value },
    ...{ setpoint: value, setpoint_L2: value, setpoint_L3: value },
    ...{ setpointReactive: value, setpointReactive_L2: value, setpointReactive_L3: value },
  })
  .strict()
  .refine((body) => Object.keys(body).length > 0, 'must hold a value')
  .openapi('DynamicScheduleRequest', { description: "ChargingScheduleUpdateType, by the specification's own names." });
const Dynamic = z
  .object({
    profile_id: z.int(),
    update: z.record(z.string(), z.unknown()),
    answer: z.string().nullable().openapi({ description: 'null where it waits to be pulled.' }),
    changed_at: Time,
    pulled_at: Time.nullable(),
  })
  .openapi('DeviceDynamicSchedule');
export const DynamicList = listOf('DeviceDynamicScheduleList', Dynamic);
export { Dynamic };

export const toDynamic = (row: DynamicScheduleRow): z.infer<typeof Dynamic> => ({
  profile_id: row.profileId,
  update: { ...row.update },
  answer: row.answer,
  changed_at: iso(row.changedAt),
  pulled_at: iso(row.pulledAt),
});

const Afrr = z
  .object({ id: IdText, signal: z.int(), signal_at: Time, answer: z.string(), created_at: Time })
  .openapi('DeviceAfrrSignal');
export const AfrrList = listOf('DeviceAfrrSignalList', Afrr);
export const toAfrr = (row: AfrrSignalRow): z.infer<typeof Afrr> => ({
  id: String(row.id),
  signal: row.signal,
  signal_at: iso(row.signalAt),
  answer: row.answer,
  created_at: iso(row.createdAt),
});
